-- A customer is identified by its tenant. The values in customers were set by the customer or an operator. What a partner
-- knows about the customer is in customer_records, with one row for each partner and customer.

CREATE TABLE customers (
  id               INTEGER PRIMARY KEY,
  tenant_id        TEXT NOT NULL UNIQUE REFERENCES tenants (tenant_id),
  company_name     TEXT,
  domain           TEXT,
  country          TEXT,
  internal_use_of  INTEGER REFERENCES partners (id),
  version          INTEGER NOT NULL,
  created_at       TEXT NOT NULL,
  updated_at       TEXT NOT NULL
) STRICT;
CREATE INDEX customers_internal_use ON customers (internal_use_of) WHERE internal_use_of IS NOT NULL;

CREATE TABLE customer_records (
  id                     INTEGER PRIMARY KEY,
  partner_id             INTEGER NOT NULL REFERENCES partners (id),
  customer_id            INTEGER NOT NULL REFERENCES customers (id),
  company_name           TEXT,
  name_key               TEXT NOT NULL,
  name_sort              TEXT NOT NULL,
  domain                 TEXT,
  domain_key             TEXT,
  country                TEXT,
  tags                   TEXT NOT NULL,
  custom_domains         TEXT NOT NULL,
  associated_partner_id  TEXT,
  acquisition            TEXT,
  new_business_blocked   TEXT,
  created_by_run         INTEGER,
  version                INTEGER NOT NULL,
  created_at             TEXT NOT NULL,
  updated_at             TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX customer_records_pair ON customer_records (partner_id, customer_id);
CREATE INDEX customer_records_customer ON customer_records (customer_id, updated_at);
CREATE INDEX customer_records_domain ON customer_records (domain_key);

-- Relationships between partners and customers, created by an invitation, addCustomer or an import. Ended relationships stay as rows (D-01).
CREATE TABLE reseller_relationships (
  id                       INTEGER PRIMARY KEY,
  partner_id               INTEGER NOT NULL REFERENCES partners (id),
  customer_id              INTEGER NOT NULL REFERENCES customers (id),
  relationship_to_partner  TEXT NOT NULL CHECK (relationship_to_partner IN ('NONE', 'RESELLER', 'ADVISOR', 'SYNDICATION', 'MICROSOFT_SUPPORT')),
  since                    TEXT NOT NULL,
  removed_at               TEXT,
  representation           TEXT,
  renegotiated_at          TEXT,
  created_by_run           INTEGER
) STRICT;
CREATE UNIQUE INDEX reseller_relationships_live ON reseller_relationships (partner_id, customer_id) WHERE removed_at IS NULL;
CREATE INDEX reseller_relationships_customer ON reseller_relationships (customer_id, partner_id);

-- A grant does not depend on the partnership or relationship. The customer can end it (C-14, D-02, X-03).
CREATE TABLE delegated_admin_grants (
  id                         INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id                 INTEGER NOT NULL REFERENCES partners (id),
  customer_id                INTEGER NOT NULL REFERENCES customers (id),
  kind                       TEXT NOT NULL CHECK (kind IN ('DAP', 'GDAP')),
  external_id                TEXT NOT NULL,
  scope                      TEXT,
  granted_at                 TEXT NOT NULL,
  end_at                     TEXT,
  revoked_at                 TEXT,
  last_sign_in_at            TEXT,
  partner_agent_count        INTEGER,
  partner_sign_in_count      INTEGER,
  global_admin_sign_in_count INTEGER,
  created_by_run             INTEGER,
  version                    INTEGER NOT NULL,
  created_at                 TEXT NOT NULL,
  updated_at                 TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX delegated_admin_grants_live ON delegated_admin_grants (partner_id, customer_id, kind, external_id) WHERE revoked_at IS NULL;
CREATE INDEX delegated_admin_grants_customer ON delegated_admin_grants (customer_id, partner_id);

-- Associations of resellers with customer accounts: they give access, but no incentive credit (N-02, B-04).
CREATE TABLE customer_associations (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id     INTEGER NOT NULL REFERENCES partners (id),
  customer_id     INTEGER NOT NULL REFERENCES customers (id),
  reseller_id     INTEGER NOT NULL REFERENCES partners (id),
  since           TEXT NOT NULL,
  tenant_owner    INTEGER NOT NULL,
  removed_at      TEXT,
  created_by_run  INTEGER
) STRICT;
CREATE UNIQUE INDEX customer_associations_live ON customer_associations (provider_id, customer_id, reseller_id) WHERE removed_at IS NULL;
CREATE INDEX customer_associations_customer ON customer_associations (customer_id);
CREATE INDEX customer_associations_reseller ON customer_associations (reseller_id, provider_id);
