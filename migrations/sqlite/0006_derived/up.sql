-- Derived from the other tables: updated with every write, and rebuilt when this migration is applied. With these tables,
-- "the customers of a reseller, ordered by name" and "what a caller can see" are index ranges.

-- The customers that a provider and a reseller share (C-28), by an association with the account, a partner of record, or both.
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

-- The customers that a partner can see, the customer record whose values it sees (record_id), and the level of access:
-- 1 own relationship, 2 account association, 3 only the subscriptions whose partner of record or support contact it is.
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
