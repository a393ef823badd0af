-- Derived from the tables before; kept by the write path, rebuilt whenever this migration is applied. Nothing here is a
-- fact of its own: it makes "the customers of one reseller, ordered by name" and "what one caller sees" index ranges.

-- The customers that a provider and a reseller share (C-28): account level, partner of record, or both.
CREATE TABLE reseller_customers (
  provider_id         INTEGER NOT NULL,
  reseller_id         INTEGER NOT NULL,
  customer_id         INTEGER NOT NULL,
  name_sort           TEXT NOT NULL,
  by_account          INTEGER NOT NULL,
  subscription_count  INTEGER NOT NULL,
  license_count       INTEGER NOT NULL,
  PRIMARY KEY (provider_id, reseller_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reseller_customers_name ON reseller_customers (provider_id, reseller_id, name_sort, customer_id);
CREATE INDEX reseller_customers_customer ON reseller_customers (customer_id, provider_id, reseller_id);

-- Which customers a partner sees, in whose words (record_id) and how far: 1 own relationship, 2 account association,
-- 3 only the subscriptions where it is partner of record or support contact.
CREATE TABLE customer_views (
  viewer_id    INTEGER NOT NULL,
  customer_id  INTEGER NOT NULL,
  record_id    INTEGER NOT NULL,
  level        INTEGER NOT NULL,
  name_sort    TEXT NOT NULL,
  PRIMARY KEY (viewer_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_views_name ON customer_views (viewer_id, name_sort, customer_id);
CREATE INDEX customer_views_customer ON customer_views (customer_id);
