-- What enrolments, invitations and new customers need to be remembered.

-- One company may hold a direct-bill and a reseller account under one MPN ID (T-01, E-02). An enrolment that is not decided does
-- not take the ID yet: a placeholder goes on bearing it until then.
DROP INDEX partners_mpn_live;
CREATE UNIQUE INDEX partners_mpn_live ON partners (mpn_id, partner_type)
  WHERE removed_at IS NULL AND mpn_id IS NOT NULL AND vetting_status NOT IN ('PENDING', 'REJECTED');
CREATE INDEX partners_mpn ON partners (mpn_id) WHERE mpn_id IS NOT NULL;

-- The mail that asks the primary contact of an enrolment two questions (E-08, E-16). Its token is kept as a hash.
CREATE TABLE contact_verifications (
  id                        INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id                INTEGER NOT NULL REFERENCES partners (id),
  recipient                 TEXT NOT NULL,
  token_hash                TEXT NOT NULL UNIQUE,
  outbox_id                 INTEGER REFERENCES outbox (id),
  created_at                TEXT NOT NULL,
  expires_at                TEXT NOT NULL,
  answered_at               TEXT,
  signed_up                 INTEGER,
  email_belongs_to_company  INTEGER
) STRICT;
CREATE INDEX contact_verifications_partner ON contact_verifications (partner_id);

-- A reseller that took a placeholder over does not see these customers by itself: they are known from portals other than
-- Microsoft's and wait for an invitation that they accept (C-25).
CREATE TABLE awaiting_invitation (
  reseller_id  INTEGER NOT NULL REFERENCES partners (id),
  customer_id  INTEGER NOT NULL REFERENCES customers (id),
  since        TEXT NOT NULL,
  PRIMARY KEY (reseller_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaiting_invitation_customer ON awaiting_invitation (customer_id);

-- Whether a source is a portal of Microsoft's: Partner Center, the Microsoft 365 admin center or the Azure portal. Customers that
-- only others name wait for an invitation (C-24, C-25). The families are those of the profiles that say so.
ALTER TABLE import_sources ADD COLUMN portal_family TEXT NOT NULL DEFAULT 'OTHER';
UPDATE import_sources SET portal_family = 'MICROSOFT' WHERE name IN ('partner-center-customers', 'partner-center-subscriptions',
  'new-commerce-reconciliation', 'license-reconciliation', 'daily-rated-usage', 'powershell-customers');

-- The directory whose people accepted or declined: only they are told what became of the invitation.
ALTER TABLE invitations ADD COLUMN answered_by_tenant TEXT;
ALTER TABLE invitations ADD COLUMN declined_at TEXT;
-- A partnership that was asked for lasts as long as an invitation of its two ends is open.
CREATE INDEX invitations_invited_partner ON invitations (invited_partner_id, partner_id) WHERE invited_partner_id IS NOT NULL;
-- What has yet to run out.
CREATE INDEX invitations_open ON invitations (expires_at) WHERE state IN ('DRAFT', 'DONE');
-- A partner's inventory of delegated administration, ended grants included.
CREATE INDEX delegated_admin_grants_partner ON delegated_admin_grants (partner_id, granted_at, id);

-- The password of the first administrator of a new directory, as an Argon2 hash (N-07).
CREATE TABLE user_credentials (
  user_id        INTEGER PRIMARY KEY REFERENCES users (id),
  password_hash  TEXT NOT NULL,
  is_temporary   INTEGER NOT NULL,
  created_at     TEXT NOT NULL
) STRICT;

-- Where a partner bills a customer that it added, beside its record of it.
CREATE TABLE customer_billing_profiles (
  record_id                         INTEGER PRIMARY KEY REFERENCES customer_records (id),
  email                             TEXT NOT NULL,
  first_name                        TEXT,
  last_name                         TEXT,
  phone_number                      TEXT,
  address_line1                     TEXT,
  city                              TEXT,
  postal_code                       TEXT,
  country                           TEXT,
  language                          TEXT,
  organization_registration_number  TEXT
) STRICT;

-- What a customer or an operator says of it goes before the words of its partners, in searches and orders too.
ALTER TABLE customers ADD COLUMN name_key TEXT;
ALTER TABLE customers ADD COLUMN name_sort TEXT;
ALTER TABLE customers ADD COLUMN domain_key TEXT;

-- The partner whose person accepted an agreement for a customer: to no other partner is that person named.
ALTER TABLE agreements ADD COLUMN accepted_by_partner_id INTEGER;

-- A plan that waits to be applied: its bytes in pieces, so that every server of an installation can read them. They go with
-- the applying, and a run that has them is one that can be applied.
CREATE TABLE import_plan_pieces (
  run_id   INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal  INTEGER NOT NULL,
  bytes    BLOB NOT NULL,
  PRIMARY KEY (run_id, ordinal)
) STRICT;

-- Baselines as they were before a run changed them, so that it can be reverted. What a run changed of values stands in
-- import_changes, and what it created bears its number.
CREATE TABLE import_baselines_before (
  run_id            INTEGER NOT NULL REFERENCES import_runs (id),
  source_id         INTEGER NOT NULL,
  entity            TEXT NOT NULL,
  entity_id         INTEGER NOT NULL,
  as_of             TEXT NOT NULL,
  before_run_id     INTEGER NOT NULL,
  fields            TEXT NOT NULL,
  absent_since_run  INTEGER,
  PRIMARY KEY (run_id, source_id, entity, entity_id)
) STRICT, WITHOUT ROWID;

-- What names a subscription, a customer or a directory is looked up for each one that goes when an import is reverted.
CREATE INDEX order_lines_subscription ON order_lines (subscription_pk) WHERE subscription_pk IS NOT NULL;
CREATE INDEX invitations_customer ON invitations (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX agreements_customer ON agreements (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX partners_tenant ON partners (tenant_id) WHERE tenant_id IS NOT NULL;

-- The newest run that names an upload: it stays as long as that run goes on. One that was imported, or has lain for a day, is
-- marked as removed; its pieces go after that, a few at a time.
ALTER TABLE import_uploads ADD COLUMN run_id INTEGER;
ALTER TABLE import_uploads ADD COLUMN removed_at TEXT;
CREATE INDEX import_uploads_partner ON import_uploads (partner_id);
