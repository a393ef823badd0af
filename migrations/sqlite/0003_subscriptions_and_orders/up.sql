-- A subscription is sold by one provider or direct-bill partner (seller_id) to one customer. The partner of record
-- (reseller_id) and the support contact are independent (K-03). Without a support contact, the seller is the contact.

CREATE TABLE subscriptions (
  id                      INTEGER PRIMARY KEY,
  subscription_id         TEXT NOT NULL,
  seller_id               INTEGER NOT NULL REFERENCES partners (id),
  customer_id             INTEGER NOT NULL REFERENCES customers (id),
  reseller_id             INTEGER REFERENCES partners (id),
  support_contact_id      INTEGER REFERENCES partners (id),
  offer_id                TEXT,
  offer_name              TEXT,
  friendly_name           TEXT,
  offer_name_key          TEXT,
  name_sort               TEXT NOT NULL,
  quantity                INTEGER CHECK (quantity >= 0),
  unit_type               TEXT,
  status                  TEXT NOT NULL CHECK (status IN ('NONE', 'ACTIVE', 'PENDING', 'SUSPENDED', 'DELETED', 'EXPIRED', 'DISABLED')),
  billing_type            TEXT NOT NULL CHECK (billing_type IN ('NONE', 'USAGE', 'LICENSE')),
  billing_cycle           TEXT NOT NULL,
  term_duration           TEXT,
  auto_renew_enabled      INTEGER,
  creation_date           TEXT,
  effective_start_date    TEXT,
  commitment_end_date     TEXT,
  order_id                TEXT,
  parent_subscription_id  TEXT,
  is_trial                INTEGER NOT NULL,
  partner_of_record_since TEXT,
  partner_of_record_run   INTEGER,
  partner_of_record_by    TEXT,
  partner_of_record_fixed INTEGER NOT NULL,
  publisher_name          TEXT,
  product_type            TEXT,
  created_by_run          INTEGER,
  version                 INTEGER NOT NULL,
  created_at              TEXT NOT NULL,
  updated_at              TEXT NOT NULL,
  removed_at              TEXT
) STRICT;
CREATE UNIQUE INDEX subscriptions_live ON subscriptions (subscription_id) WHERE removed_at IS NULL;
CREATE INDEX subscriptions_customer ON subscriptions (customer_id, subscription_id);
CREATE INDEX subscriptions_seller ON subscriptions (seller_id, subscription_id);
CREATE INDEX subscriptions_reseller ON subscriptions (reseller_id, seller_id, customer_id) WHERE reseller_id IS NOT NULL;
CREATE INDEX subscriptions_support_contact ON subscriptions (support_contact_id, customer_id) WHERE support_contact_id IS NOT NULL;

-- Former partners of record. Their periods do not overlap. The current period is in the columns partner_of_record_since,
-- _run and _by of the subscription. valid_from is null if the start of the period is not known. run_id is the import, and
-- set_by the person, that made the reseller the partner of record.
CREATE TABLE partner_of_record_history (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  subscription_pk  INTEGER NOT NULL REFERENCES subscriptions (id),
  reseller_id      INTEGER NOT NULL REFERENCES partners (id),
  valid_from       TEXT,
  valid_to         TEXT NOT NULL,
  run_id           INTEGER,
  set_by           TEXT
) STRICT;
CREATE INDEX partner_of_record_history_subscription ON partner_of_record_history (subscription_pk);

-- Entitlements of a customer under an Azure plan. Each has its own partner of record.
CREATE TABLE entitlements (
  id               INTEGER PRIMARY KEY,
  subscription_pk  INTEGER NOT NULL REFERENCES subscriptions (id),
  entitlement_id   TEXT NOT NULL,
  description      TEXT,
  reseller_id      INTEGER REFERENCES partners (id),
  created_by_run   INTEGER,
  version          INTEGER NOT NULL,
  created_at       TEXT NOT NULL,
  updated_at       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX entitlements_subscription ON entitlements (subscription_pk, entitlement_id);
CREATE INDEX entitlements_reseller ON entitlements (reseller_id) WHERE reseller_id IS NOT NULL;

CREATE TABLE orders (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  order_number  TEXT NOT NULL UNIQUE,
  seller_id     INTEGER NOT NULL REFERENCES partners (id),
  customer_id   INTEGER NOT NULL REFERENCES customers (id),
  channel       TEXT NOT NULL CHECK (channel IN ('PARTNER_CENTER', 'M365_PORTAL', 'AZURE_PORTAL')),
  ordered_by    TEXT NOT NULL,
  created_at    TEXT NOT NULL
) STRICT;
CREATE INDEX orders_customer ON orders (customer_id, id);

CREATE TABLE order_lines (
  order_id            INTEGER NOT NULL REFERENCES orders (id),
  line_number         INTEGER NOT NULL,
  subscription_pk     INTEGER REFERENCES subscriptions (id),
  offer_id            TEXT NOT NULL,
  offer_name          TEXT,
  quantity            INTEGER CHECK (quantity >= 1),
  reseller_id         INTEGER REFERENCES partners (id),
  support_contact_id  INTEGER REFERENCES partners (id),
  PRIMARY KEY (order_id, line_number)
) STRICT;

-- Reviews of new customers and their orders before the submit (N-03, N-05). Of the token, only a hash is stored.
CREATE TABLE order_reviews (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash    TEXT NOT NULL UNIQUE,
  partner_id    INTEGER NOT NULL REFERENCES partners (id),
  input_hash    TEXT NOT NULL,
  created_by    TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  expires_at    TEXT NOT NULL,
  cancelled_at  TEXT,
  used_at       TEXT
) STRICT;
