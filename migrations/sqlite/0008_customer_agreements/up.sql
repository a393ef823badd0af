-- The evidence that a customer accepted the Microsoft Customer Agreement (C-03, C-31, C-32). It belongs to one partner: no other partner
-- reads it or sells on it.
CREATE TABLE customer_agreements (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  customer_id   INTEGER NOT NULL REFERENCES customers (id),
  partner_id    INTEGER NOT NULL REFERENCES partners (id),
  evidence      TEXT NOT NULL CHECK (evidence IN ('ACCEPTED', 'ATTESTED', 'PORTAL')),
  accepted_at   TEXT,
  first_name    TEXT,
  last_name     TEXT,
  email         TEXT,
  phone_number  TEXT,
  -- The user who recorded it. An import's run says who started it.
  recorded_by   TEXT,
  recorded_at   TEXT NOT NULL,
  run_id        INTEGER REFERENCES import_runs (id),
  CHECK ((evidence = 'PORTAL') = (accepted_at IS NULL)),
  CHECK ((run_id IS NULL) = (recorded_by IS NOT NULL))
) STRICT;
CREATE INDEX customer_agreements_pair ON customer_agreements (customer_id, partner_id, id);
CREATE INDEX customer_agreements_partner ON customer_agreements (partner_id);
CREATE UNIQUE INDEX customer_agreements_portal ON customer_agreements (partner_id, customer_id) WHERE evidence = 'PORTAL';
CREATE INDEX customer_agreements_run ON customer_agreements (run_id) WHERE run_id IS NOT NULL;

-- An agreement used to count for every partner of the customer. The customer's own acceptance becomes the evidence of each of them; the person
-- is shown only to the partner whose invitation it was. What a partner confirmed is its own.
INSERT INTO customer_agreements (customer_id, partner_id, evidence, accepted_at, first_name, last_name, email, recorded_by, recorded_at)
  SELECT ag.customer_id, rr.partner_id, CASE WHEN ag.accepted_by_partner_id IS NULL THEN 'ACCEPTED' ELSE 'ATTESTED' END, ag.accepted_at,
         CASE WHEN ag.accepted_by_partner_id IS NOT NULL OR rr.since = ag.accepted_at THEN ag.first_name END,
         CASE WHEN ag.accepted_by_partner_id IS NOT NULL OR rr.since = ag.accepted_at THEN ag.last_name END,
         CASE WHEN ag.accepted_by_partner_id IS NOT NULL OR rr.since = ag.accepted_at THEN ag.email END,
         ag.accepted_by, ag.accepted_at
  FROM agreements ag JOIN reseller_relationships rr ON rr.customer_id = ag.customer_id AND rr.removed_at IS NULL
  WHERE ag.ended_at IS NULL AND (ag.accepted_by_partner_id IS NULL OR ag.accepted_by_partner_id = rr.partner_id)
  ORDER BY ag.id, rr.id;

-- What is left are the partners' own agreements.
CREATE TABLE partner_agreements (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id   INTEGER NOT NULL REFERENCES partners (id),
  accepted_by  TEXT NOT NULL,
  accepted_at  TEXT NOT NULL,
  ended_at     TEXT
) STRICT;
INSERT INTO partner_agreements (id, partner_id, accepted_by, accepted_at, ended_at)
  SELECT id, partner_id, accepted_by, accepted_at, ended_at FROM agreements WHERE partner_id IS NOT NULL;
DROP TABLE agreements;
CREATE UNIQUE INDEX partner_agreements_live ON partner_agreements (partner_id) WHERE ended_at IS NULL;
