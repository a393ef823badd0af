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
