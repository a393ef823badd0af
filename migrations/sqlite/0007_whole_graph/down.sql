DROP TABLE customer_billing_profiles;
DROP TABLE user_credentials;
ALTER TABLE invitations DROP COLUMN declined_at;
ALTER TABLE invitations DROP COLUMN answered_by_tenant;
DROP TABLE awaiting_invitation;
DROP TABLE contact_verifications;
DROP INDEX partners_mpn;
DROP INDEX partners_mpn_live;
CREATE UNIQUE INDEX partners_mpn_live ON partners (mpn_id) WHERE removed_at IS NULL AND mpn_id IS NOT NULL;
