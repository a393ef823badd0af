-- Changes that a reseller requests from its provider (B-16), and how a provider handles those of one reseller.

ALTER TABLE partnerships ADD COLUMN label TEXT;
ALTER TABLE partnerships ADD COLUMN auto_approve TEXT NOT NULL DEFAULT 'NONE' CHECK (auto_approve IN ('NONE', 'UPDATES', 'ALL'));
-- Under whose name requests are approved automatically: the user who set it, and the roles of one whom only an issuer knows.
ALTER TABLE partnerships ADD COLUMN auto_approve_by TEXT;
ALTER TABLE partnerships ADD COLUMN auto_approve_user INTEGER;
ALTER TABLE partnerships ADD COLUMN auto_approve_roles TEXT;

CREATE TABLE change_requests (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  kind                TEXT NOT NULL CHECK (kind IN ('ORDER', 'UPDATE', 'UPGRADE')),
  state               TEXT NOT NULL CHECK (state IN ('REQUESTED', 'APPROVED', 'DECLINED', 'WITHDRAWN', 'EXPIRED')),
  seller_id           INTEGER NOT NULL REFERENCES partners (id),
  reseller_id         INTEGER NOT NULL REFERENCES partners (id),
  customer_id         INTEGER NOT NULL REFERENCES customers (id),
  subscription_pk     INTEGER REFERENCES subscriptions (id),
  quantity            INTEGER,
  auto_renew_enabled  INTEGER,
  to_offer_id         TEXT,
  to_offer_name       TEXT,
  if_version          INTEGER,
  note                TEXT,
  requested_by        TEXT NOT NULL,
  requested_at        TEXT NOT NULL,
  expires_at          TEXT NOT NULL,
  decided_by          TEXT,
  decided_at          TEXT,
  decision_note       TEXT,
  is_automatic        INTEGER NOT NULL,
  withdrawn_at        TEXT,
  order_id            INTEGER REFERENCES orders (id),
  version             INTEGER NOT NULL,
  CHECK ((kind = 'ORDER') = (subscription_pk IS NULL))
) STRICT;
CREATE INDEX change_requests_seller ON change_requests (seller_id, requested_at, id);
CREATE INDEX change_requests_reseller ON change_requests (reseller_id, requested_at, id);
CREATE INDEX change_requests_open ON change_requests (seller_id, reseller_id, expires_at) WHERE state = 'REQUESTED';
CREATE INDEX change_requests_customer ON change_requests (customer_id);
CREATE INDEX change_requests_subscription ON change_requests (subscription_pk) WHERE subscription_pk IS NOT NULL;
CREATE INDEX change_requests_order ON change_requests (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE change_request_lines (
  request_id          INTEGER NOT NULL REFERENCES change_requests (id),
  line_number         INTEGER NOT NULL,
  offer_id            TEXT NOT NULL,
  offer_name          TEXT NOT NULL,
  quantity            INTEGER,
  billing_type        TEXT,
  billing_cycle       TEXT,
  term_duration       TEXT,
  auto_renew_enabled  INTEGER,
  friendly_name       TEXT,
  publisher_name      TEXT,
  -- A line names the reseller that asks, or nobody.
  is_through_requester       INTEGER NOT NULL,
  is_supported_by_requester  INTEGER NOT NULL,
  PRIMARY KEY (request_id, line_number)
) STRICT, WITHOUT ROWID;

-- The request that an event is about, or whose approval caused it.
ALTER TABLE audit_events ADD COLUMN change_request_id INTEGER;
