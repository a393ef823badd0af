-- A run that moves what one reseller holds to another: its terms, and what it moves, row by row.
CREATE TABLE reseller_moves (
  run_id        INTEGER PRIMARY KEY REFERENCES import_runs (id),
  from_id       INTEGER NOT NULL REFERENCES partners (id),
  to_id         INTEGER REFERENCES partners (id),
  to_mpn_id     TEXT,
  -- PARTNER_OF_RECORD, SUPPORT_CONTACT and ACCOUNT, as far as they are moved, separated by commas.
  what          TEXT NOT NULL,
  error_policy  TEXT NOT NULL CHECK (error_policy IN ('REJECT_EVERYTHING', 'REJECT_FAILED_ROWS')),
  applied_at    TEXT,
  applied_by    TEXT
) STRICT;
CREATE INDEX reseller_moves_from ON reseller_moves (from_id);
CREATE INDEX reseller_moves_to ON reseller_moves (to_id) WHERE to_id IS NOT NULL;

-- `entity_id` is that of the subscription, entitlement or association; `version` is that of the row when it was planned. A row is refused, or
-- moved at `moved_at`. MATCHED are the subscriptions that the filter matches, by which a plan to move accounts is checked.
CREATE TABLE reseller_move_items (
  run_id           INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal          INTEGER NOT NULL,
  kind             TEXT NOT NULL CHECK (kind IN ('PARTNER_OF_RECORD', 'ENTITLEMENT', 'SUPPORT_CONTACT', 'ACCOUNT', 'MATCHED')),
  entity_id        INTEGER NOT NULL,
  subscription_pk  INTEGER,
  customer_id      INTEGER NOT NULL,
  version          INTEGER NOT NULL,
  rule             TEXT,
  refusal          TEXT,
  moved_at         TEXT,
  reverted         INTEGER NOT NULL DEFAULT 0,
  -- Since when the new reseller waited for an invitation to the customer (C-25), if it did.
  awaited_since    TEXT,
  PRIMARY KEY (run_id, kind, entity_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reseller_move_items_place ON reseller_move_items (run_id, ordinal);

-- A run finds its records, of which a move has one for each row.
CREATE INDEX audit_events_run ON audit_events (run_id) WHERE run_id IS NOT NULL;
