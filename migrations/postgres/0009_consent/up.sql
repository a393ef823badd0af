-- A tenant that exists becomes a customer only with the consent of its Global admin (C-30).

-- When the tenant became a customer's: its Global admin accepted an invitation, or the directory was created as a customer's. Null for a
-- partner's tenant, and for one that only partners call a customer's: nobody's word but its own keeps a tenant from enrolling.
-- Directories that were created with a customer cannot be told from tenants that were added without consent, so only acceptances count here.
ALTER TABLE tenants ADD COLUMN customer_since TIMESTAMP;
UPDATE tenants SET customer_since =
  (SELECT MIN(i.accepted_at) FROM invitations i WHERE i.answered_by_tenant = tenants.tenant_id AND i.state = 'ACCEPTED' AND i.kind <> 'PARTNERSHIP')
  WHERE kind = 'CUSTOMER';

-- The tenant that an invitation names, whether or not it exists here; the reseller to associate with the account; and the partner whose
-- internal use the tenant serves, as stated: its MPN ID is not resolved before the acceptance (Q-05).
ALTER TABLE invitations ADD COLUMN invited_tenant_id TEXT COLLATE "C";
ALTER TABLE invitations ADD COLUMN reseller_id BIGINT REFERENCES partners (id);
ALTER TABLE invitations ADD COLUMN internal_use_of_mpn_id TEXT COLLATE "C";
CREATE INDEX invitations_reseller ON invitations (reseller_id) WHERE reseller_id IS NOT NULL;
