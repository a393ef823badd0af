-- Tenants, companies, partner accounts and their MPN IDs, users and their access tokens.

CREATE TABLE regions (
  code      TEXT PRIMARY KEY,
  name      TEXT NOT NULL
) STRICT;

CREATE TABLE markets (
  country      TEXT PRIMARY KEY,
  region_code  TEXT NOT NULL REFERENCES regions (code),
  name         TEXT NOT NULL,
  currency     TEXT
) STRICT;
CREATE INDEX markets_region ON markets (region_code);

-- A tenant belongs to a partner or to a customer, never to both (Q-06).
CREATE TABLE tenants (
  tenant_id       TEXT PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN ('PARTNER', 'CUSTOMER')),
  default_domain  TEXT,
  country         TEXT,
  cloud           TEXT NOT NULL CHECK (cloud IN ('PUBLIC', 'US_GOVERNMENT', 'GERMANY')),
  created_at      TEXT NOT NULL
) STRICT;

CREATE TABLE companies (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  created_at  TEXT NOT NULL
) STRICT;

-- Affiliated companies, each pair once with the smaller id first (Q-08, Q-17).
CREATE TABLE company_affiliations (
  company_a   INTEGER NOT NULL REFERENCES companies (id),
  company_b   INTEGER NOT NULL REFERENCES companies (id),
  created_at  TEXT NOT NULL,
  PRIMARY KEY (company_a, company_b),
  CHECK (company_a < company_b)
) STRICT;

-- The register of MPN profiles (E-05, B-05).
CREATE TABLE mpn_profiles (
  mpn_id          TEXT PRIMARY KEY,
  kind            TEXT NOT NULL CHECK (kind IN ('GLOBAL', 'LOCATION')),
  global_mpn_id   TEXT,
  country         TEXT,
  active          INTEGER NOT NULL,
  in_partner_membership_center  INTEGER NOT NULL,
  company         TEXT,
  version         INTEGER NOT NULL,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL
) STRICT;

-- A placeholder for a reseller that is known only from imports has no tenant, and onboarded = false.
CREATE TABLE partners (
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id           TEXT REFERENCES tenants (tenant_id),
  company_id          INTEGER REFERENCES companies (id),
  partner_type        TEXT NOT NULL CHECK (partner_type IN ('INDIRECT_PROVIDER', 'INDIRECT_RESELLER', 'DIRECT_BILL')),
  name                TEXT NOT NULL,
  name_key            TEXT NOT NULL,
  name_sort           TEXT NOT NULL,
  country             TEXT,
  cloud               TEXT NOT NULL CHECK (cloud IN ('PUBLIC', 'US_GOVERNMENT', 'GERMANY')),
  mpn_id              TEXT,
  global_mpn_id       TEXT,
  capabilities        TEXT NOT NULL,
  onboarded           INTEGER NOT NULL,
  enrolled            INTEGER NOT NULL,
  vetting_status      TEXT NOT NULL,
  vetting_sub_status  TEXT NOT NULL,
  address_line1       TEXT,
  city                TEXT,
  postal_code         TEXT,
  contact_first_name  TEXT,
  contact_last_name   TEXT,
  contact_email       TEXT,
  contact_phone       TEXT,
  support_email       TEXT,
  support_telephone   TEXT,
  support_website     TEXT,
  created_by_run      INTEGER,
  version             INTEGER NOT NULL,
  created_at          TEXT NOT NULL,
  updated_at          TEXT NOT NULL,
  removed_at          TEXT
) STRICT;
CREATE UNIQUE INDEX partners_mpn_live ON partners (mpn_id) WHERE removed_at IS NULL AND mpn_id IS NOT NULL;
-- A tenant can have a direct-bill account and an indirect-reseller account, but only one of each (T-01).
CREATE UNIQUE INDEX partners_tenant_type_live ON partners (tenant_id, partner_type) WHERE removed_at IS NULL AND tenant_id IS NOT NULL;
CREATE INDEX partners_name ON partners (name_sort, id);
CREATE INDEX partners_company ON partners (company_id);

-- What the provider directory shows in addition to the account (V-01). Lists are JSON. Without a row, both lists are empty.
CREATE TABLE directory_entries (
  partner_id     INTEGER PRIMARY KEY REFERENCES partners (id) ON DELETE CASCADE,
  services       TEXT NOT NULL,
  programs       TEXT NOT NULL,
  support_level  TEXT
) STRICT;

-- A user belongs to a partner account or to a customer tenant. A user with neither is an operator, or someone whose
-- tenant has no account yet.
CREATE TABLE users (
  id                   INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id            TEXT,
  partner_id           INTEGER REFERENCES partners (id),
  organization         TEXT NOT NULL,
  user_principal_name  TEXT NOT NULL,
  upn_key              TEXT NOT NULL,
  display_name         TEXT,
  version              INTEGER NOT NULL,
  created_at           TEXT NOT NULL,
  updated_at           TEXT NOT NULL,
  removed_at           TEXT
) STRICT;
CREATE UNIQUE INDEX users_upn_live ON users (organization, upn_key) WHERE removed_at IS NULL;

CREATE TABLE user_roles (
  user_id  INTEGER NOT NULL REFERENCES users (id),
  role     TEXT NOT NULL,
  PRIMARY KEY (user_id, role)
) STRICT;

-- Of a token, only the SHA-256 is stored.
CREATE TABLE access_tokens (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash    TEXT NOT NULL UNIQUE,
  user_id       INTEGER NOT NULL REFERENCES users (id),
  roles         TEXT NOT NULL,
  created_at    TEXT NOT NULL,
  expires_at    TEXT,
  revoked_at    TEXT
) STRICT;
CREATE INDEX access_tokens_user ON access_tokens (user_id);

-- Partnerships between providers and resellers (many to many). An ended partnership stays as a separate row (X-04).
CREATE TABLE partnerships (
  id                     INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id            INTEGER NOT NULL REFERENCES partners (id),
  reseller_id            INTEGER NOT NULL REFERENCES partners (id),
  state                  TEXT NOT NULL CHECK (state IN ('REQUESTED', 'ACTIVE', 'IMPORTED', 'DECLINED', 'EXPIRED', 'REMOVED')),
  provider_admin_access  INTEGER NOT NULL,
  requested_at           TEXT,
  accepted_at            TEXT,
  removed_at             TEXT,
  removal_channel        TEXT,
  removal_ticket         TEXT,
  representation         TEXT,
  created_by_run         INTEGER,
  version                INTEGER NOT NULL,
  created_at             TEXT NOT NULL,
  updated_at             TEXT NOT NULL,
  CHECK (provider_id <> reseller_id)
) STRICT;
CREATE UNIQUE INDEX partnerships_live ON partnerships (provider_id, reseller_id) WHERE removed_at IS NULL;
CREATE INDEX partnerships_reseller ON partnerships (reseller_id, provider_id);
