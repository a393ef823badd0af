-- Invitations, agreements, the history, the outbox and idempotency keys.

CREATE TABLE invitations (
  id                        INTEGER PRIMARY KEY AUTOINCREMENT,
  kind                      TEXT NOT NULL,
  partner_id                INTEGER NOT NULL REFERENCES partners (id),
  joint_provider_id         INTEGER REFERENCES partners (id),
  invited_partner_id        INTEGER REFERENCES partners (id),
  customer_id               INTEGER REFERENCES customers (id),
  recipient                 TEXT NOT NULL,
  country                   TEXT,
  cloud                     TEXT NOT NULL,
  delegated_admin           INTEGER NOT NULL,
  provider_delegated_admin  INTEGER NOT NULL,
  message                   TEXT NOT NULL,
  token_hash                TEXT NOT NULL UNIQUE,
  state                     TEXT NOT NULL,
  created_by                TEXT NOT NULL,
  created_at                TEXT NOT NULL,
  expires_at                TEXT NOT NULL,
  done_at                   TEXT,
  accepted_at               TEXT,
  accepted_by               TEXT,
  revoked_at                TEXT,
  version                   INTEGER NOT NULL
) STRICT;
CREATE INDEX invitations_partner ON invitations (partner_id, id);
CREATE INDEX invitations_joint_provider ON invitations (joint_provider_id) WHERE joint_provider_id IS NOT NULL;

CREATE TABLE agreements (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  agreement_type  TEXT NOT NULL CHECK (agreement_type IN ('MICROSOFT_PARTNER_AGREEMENT', 'MICROSOFT_CUSTOMER_AGREEMENT')),
  partner_id      INTEGER REFERENCES partners (id),
  customer_id     INTEGER REFERENCES customers (id),
  first_name      TEXT,
  last_name       TEXT,
  email           TEXT,
  accepted_by     TEXT NOT NULL,
  accepted_at     TEXT NOT NULL,
  ended_at        TEXT,
  CHECK ((partner_id IS NULL) <> (customer_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX agreements_partner_live ON agreements (partner_id, agreement_type) WHERE ended_at IS NULL AND partner_id IS NOT NULL;
CREATE UNIQUE INDEX agreements_customer_live ON agreements (customer_id, agreement_type) WHERE ended_at IS NULL AND customer_id IS NOT NULL;

-- Both the history and the event feed. Writers are serialised, so that ids are in the order of commits.
CREATE TABLE audit_events (
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  operation_type       TEXT NOT NULL,
  operation_status     TEXT NOT NULL CHECK (operation_status IN ('SUCCEEDED', 'FAILED', 'PROGRESS')),
  operation_date       TEXT NOT NULL,
  user_principal_name  TEXT NOT NULL,
  actor_partner_id     INTEGER,
  actor_customer_id    INTEGER,
  customer_id          INTEGER,
  partner_id           INTEGER,
  subscription_pk      INTEGER,
  run_id               INTEGER,
  changes              TEXT NOT NULL
) STRICT;
CREATE INDEX audit_events_customer ON audit_events (customer_id, id) WHERE customer_id IS NOT NULL;

-- Who can see an event, decided when it happened: a partner (its id) or the customer (0). Operators see all events.
CREATE TABLE audit_event_viewers (
  viewer_partner_id  INTEGER NOT NULL,
  event_id           INTEGER NOT NULL REFERENCES audit_events (id),
  PRIMARY KEY (viewer_partner_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_event_viewers_event ON audit_event_viewers (event_id);

CREATE TABLE outbox (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL,
  recipient     TEXT NOT NULL,
  subject       TEXT NOT NULL,
  body          TEXT NOT NULL,
  partner_id    INTEGER REFERENCES partners (id),
  created_at    TEXT NOT NULL,
  sent_at       TEXT,
  attempts      INTEGER NOT NULL,
  last_error    TEXT
) STRICT;

-- The response to the first request with a key, without secrets. A repeated request returns it again.
CREATE TABLE idempotency_keys (
  organization  TEXT NOT NULL,
  key           TEXT NOT NULL,
  operation     TEXT NOT NULL,
  input_hash    TEXT NOT NULL,
  answer        TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  PRIMARY KEY (organization, key)
) STRICT;
