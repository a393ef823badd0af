-- What people set as partner of record here, and when. The periods follow from these edits and from what files state; a file that states the
-- same as an edit makes one period of both, so the edit must be kept elsewhere. NULL for nobody.
CREATE TABLE partner_of_record_edits (
  subscription_pk  INTEGER NOT NULL REFERENCES subscriptions (id),
  at               TEXT NOT NULL,
  reseller_id      INTEGER REFERENCES partners (id),
  set_by           TEXT NOT NULL,
  -- The move that set it.
  run_id           INTEGER,
  PRIMARY KEY (subscription_pk, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_of_record_edits_reseller ON partner_of_record_edits (reseller_id) WHERE reseller_id IS NOT NULL;

-- Of earlier edits, those are known that began a period.
INSERT INTO partner_of_record_edits (subscription_pk, at, reseller_id, set_by, run_id)
  SELECT h.subscription_pk, h.valid_from, h.reseller_id, h.set_by, h.run_id FROM partner_of_record_history h
  WHERE h.set_by IS NOT NULL AND h.valid_from IS NOT NULL;
INSERT INTO partner_of_record_edits (subscription_pk, at, reseller_id, set_by, run_id)
  SELECT s.id, s.partner_of_record_since, s.reseller_id, s.partner_of_record_by, s.partner_of_record_run FROM subscriptions s
  WHERE s.partner_of_record_by IS NOT NULL AND s.partner_of_record_since IS NOT NULL
  ON CONFLICT (subscription_pk, at) DO NOTHING;
