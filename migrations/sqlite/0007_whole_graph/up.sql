-- Additions for enrolments, invitations, new customers and imports.

-- A company can have a direct-bill and a reseller account with the same MPN ID (T-01, E-02). A pending or rejected enrolment
-- does not occupy the MPN ID, so a placeholder can keep it until the enrolment is authorised.
DROP INDEX partners_mpn_live;
CREATE UNIQUE INDEX partners_mpn_live ON partners (mpn_id, partner_type)
  WHERE removed_at IS NULL AND mpn_id IS NOT NULL AND vetting_status NOT IN ('PENDING', 'REJECTED');
CREATE INDEX partners_mpn ON partners (mpn_id) WHERE mpn_id IS NOT NULL;

-- E-mails that ask the primary contact of an enrolment two questions (E-08, E-16). Of the token, only a hash is stored.
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

-- Customers that a reseller cannot see although it took over the placeholder that has them: they are known only from other
-- vendors' portals and must first accept an invitation (C-25).
CREATE TABLE awaiting_invitation (
  reseller_id  INTEGER NOT NULL REFERENCES partners (id),
  customer_id  INTEGER NOT NULL REFERENCES customers (id),
  since        TEXT NOT NULL,
  PRIMARY KEY (reseller_id, customer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX awaiting_invitation_customer ON awaiting_invitation (customer_id);

-- Whether a source is a Microsoft portal: Partner Center, the Microsoft 365 admin center or the Azure portal. Customers known
-- only from other sources must first accept an invitation (C-24, C-25). The families are those of the portal profiles.
ALTER TABLE import_sources ADD COLUMN portal_family TEXT NOT NULL DEFAULT 'OTHER';
UPDATE import_sources SET portal_family = 'MICROSOFT' WHERE name IN ('partner-center-customers', 'partner-center-subscriptions',
  'new-commerce-reconciliation', 'license-reconciliation', 'daily-rated-usage', 'powershell-customers');

-- The tenant whose user accepted or declined. Only its users can see the state of the invitation.
ALTER TABLE invitations ADD COLUMN answered_by_tenant TEXT;
ALTER TABLE invitations ADD COLUMN declined_at TEXT;
-- A requested partnership lasts as long as there is an open invitation between the two partners.
CREATE INDEX invitations_invited_partner ON invitations (invited_partner_id, partner_id) WHERE invited_partner_id IS NOT NULL;
-- Invitations that can still expire.
CREATE INDEX invitations_open ON invitations (expires_at) WHERE state IN ('DRAFT', 'DONE');
-- A partner's grants of delegated administration, including ended ones.
CREATE INDEX delegated_admin_grants_partner ON delegated_admin_grants (partner_id, granted_at, id);

-- The password of the first administrator of a new tenant, as an Argon2 hash (N-07).
CREATE TABLE user_credentials (
  user_id        INTEGER PRIMARY KEY REFERENCES users (id),
  password_hash  TEXT NOT NULL,
  is_temporary   INTEGER NOT NULL,
  created_at     TEXT NOT NULL
) STRICT;

-- The billing profile of a customer that a partner added, in addition to its customer record.
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

-- Values set by the customer or an operator take precedence over those of its partners, also in searches and sorting.
ALTER TABLE customers ADD COLUMN name_key TEXT;
ALTER TABLE customers ADD COLUMN name_sort TEXT;
ALTER TABLE customers ADD COLUMN domain_key TEXT;

-- The partner whose user accepted an agreement for a customer. Other partners cannot see who that user was.
ALTER TABLE agreements ADD COLUMN accepted_by_partner_id INTEGER;

-- The bytes of an import plan that was not applied yet, in pieces, so that every server of an installation can read them.
-- Applying the plan deletes them. A run can be applied only while it has them.
CREATE TABLE import_plan_pieces (
  run_id   INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal  INTEGER NOT NULL,
  bytes    BLOB NOT NULL,
  PRIMARY KEY (run_id, ordinal)
) STRICT;

-- Baselines as they were before a run changed them, so that the run can be reverted. The values that it changed are in
-- import_changes, and the rows that it created have its id.
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

-- When an import is reverted, these indexes find the rows that refer to a deleted subscription, customer or tenant.
CREATE INDEX order_lines_subscription ON order_lines (subscription_pk) WHERE subscription_pk IS NOT NULL;
CREATE INDEX invitations_customer ON invitations (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX agreements_customer ON agreements (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX partners_tenant ON partners (tenant_id) WHERE tenant_id IS NOT NULL;

-- The newest run that uses an upload. The upload stays while that run is in progress. An upload that was imported, or is older
-- than a day, is marked as removed, and its pieces are then deleted, a few at a time.
ALTER TABLE import_uploads ADD COLUMN run_id INTEGER;
ALTER TABLE import_uploads ADD COLUMN removed_at TEXT;
CREATE INDEX import_uploads_partner ON import_uploads (partner_id);
