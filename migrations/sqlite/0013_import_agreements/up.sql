-- What an import states about agreements whose evidence stood before it. If the run that recorded the evidence is reverted, the evidence stays
-- as that of a run which states the same.
CREATE TABLE import_agreements (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id        INTEGER NOT NULL REFERENCES import_runs (id),
  customer_id   INTEGER NOT NULL REFERENCES customers (id),
  evidence      TEXT NOT NULL CHECK (evidence IN ('ACCEPTED', 'ATTESTED', 'PORTAL')),
  accepted_at   TEXT,
  first_name    TEXT,
  last_name     TEXT,
  email         TEXT,
  phone_number  TEXT
) STRICT;
CREATE INDEX import_agreements_run ON import_agreements (run_id);
CREATE INDEX import_agreements_customer ON import_agreements (customer_id);

-- Until now, the baselines were marked of which a run had shown the proof.
INSERT INTO import_agreements (run_id, customer_id, evidence)
  SELECT DISTINCT b.run_id, s.customer_id, 'PORTAL'
  FROM import_baselines b JOIN subscriptions s ON s.id = b.entity_id JOIN import_runs r ON r.id = b.run_id AND r.partner_id = s.seller_id
  WHERE b.entity = 'S' AND r.status = 'APPLIED' AND instr(b.fields, '"p":true') > 0 AND NOT EXISTS (SELECT 1 FROM customer_agreements ag
    WHERE ag.customer_id = s.customer_id AND ag.partner_id = s.seller_id AND ag.evidence = 'PORTAL' AND ag.run_id = b.run_id);
