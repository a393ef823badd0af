DROP INDEX invitations_reseller;
ALTER TABLE invitations DROP COLUMN internal_use_of_mpn_id;
ALTER TABLE invitations DROP COLUMN reseller_id;
ALTER TABLE invitations DROP COLUMN invited_tenant_id;
ALTER TABLE tenants DROP COLUMN customer_since;
