-- The views that PostGraphile serves, in a separate schema: the customers of a reseller as one provider sees them.
--
-- They are views, because the service stores a provider's record of a customer separately from the customer. The planner can inline each view, so
-- it uses the same indexes as the service, and a count omits the LEFT JOINs, which add no rows. The comments are PostGraphile's smart tags, which
-- declare the primary and foreign keys that a view cannot have.
--
-- There is no sign-in, so the provider is fixed: the one in the database.
\set ON_ERROR_STOP on
SELECT id AS provider FROM partners WHERE partner_type = 'INDIRECT_PROVIDER' AND removed_at IS NULL \gset

BEGIN;
SET LOCAL client_min_messages = warning;
DROP SCHEMA IF EXISTS rival CASCADE;
CREATE SCHEMA rival;

CREATE VIEW rival.partners AS
SELECT p.id, p.tenant_id, p.mpn_id, p.name
FROM partners p
WHERE p.removed_at IS NULL;
COMMENT ON VIEW rival.partners IS '@primaryKey id';

CREATE VIEW rival.resellers AS
SELECT p.id, p.mpn_id
FROM partners p
WHERE EXISTS (SELECT 1 FROM partnerships ps WHERE ps.reseller_id = p.id AND ps.provider_id = :provider);
COMMENT ON VIEW rival.resellers IS E'@primaryKey id\n@unique mpn_id';

CREATE VIEW rival.customers AS
SELECT v.reseller_id, v.customer_id, v.name_sort, c.tenant_id, r.company_name, r.domain, r.country, t.cloud,
  COALESCE((SELECT rr.relationship_to_partner FROM reseller_relationships rr
    WHERE rr.partner_id = v.provider_id AND rr.customer_id = v.customer_id AND rr.removed_at IS NULL), 'NONE') AS relationship_to_partner,
  EXISTS (SELECT 1 FROM delegated_admin_grants g WHERE g.partner_id = v.provider_id AND g.customer_id = v.customer_id
    AND g.revoked_at IS NULL AND (g.end_at IS NULL OR g.end_at > CURRENT_TIMESTAMP)) AS allow_delegated_access,
  CAST(r.tags AS json) AS tags, CAST(r.version AS integer) AS version, r.created_at, r.updated_at
FROM reseller_customers v
LEFT JOIN customer_records r ON r.partner_id = v.provider_id AND r.customer_id = v.customer_id
LEFT JOIN customers c ON c.id = v.customer_id
LEFT JOIN tenants t ON t.tenant_id = c.tenant_id
WHERE v.provider_id = :provider;
-- A customer of two resellers has two rows, with the same lists. The foreign keys of the lists need customer_id to be unique, so it is declared as unique.
COMMENT ON VIEW rival.customers IS E'@primaryKey reseller_id,customer_id\n@unique customer_id\n'
  '@foreignKey (reseller_id) references rival.resellers (id)|@foreignFieldName customers';

CREATE VIEW rival.customer_resellers AS
SELECT rc.customer_id, rc.reseller_id, p.mpn_id, p.name, p.name_sort
FROM reseller_customers rc
JOIN partners p ON p.id = rc.reseller_id AND p.removed_at IS NULL
WHERE rc.provider_id = :provider;
COMMENT ON VIEW rival.customer_resellers IS E'@primaryKey customer_id,reseller_id\n'
  '@foreignKey (customer_id) references rival.customers (customer_id)|@foreignFieldName indirectResellers';

CREATE VIEW rival.customer_subscriptions AS
SELECT s.subscription_id, s.customer_id, s.offer_id, s.offer_name, s.friendly_name, CAST(s.quantity AS integer) AS quantity, s.status,
  s.billing_type, s.auto_renew_enabled, s.billing_cycle, s.term_duration, s.commitment_end_date, s.reseller_id,
  COALESCE(s.support_contact_id, :provider) AS contact_id, COALESCE(s.support_contact_id, :provider) = :provider AS contact_is_default
FROM subscriptions s
WHERE s.removed_at IS NULL AND s.seller_id = :provider;
COMMENT ON VIEW rival.customer_subscriptions IS E'@primaryKey subscription_id\n'
  '@foreignKey (customer_id) references rival.customers (customer_id)|@foreignFieldName subscriptions\n'
  '@foreignKey (reseller_id) references rival.partners (id)|@fieldName partnerOfRecord\n'
  '@foreignKey (contact_id) references rival.partners (id)|@fieldName supportContact';
COMMIT;

-- Without statistics on the imported rows, the planner would have to guess.
ANALYZE partners, partnerships, tenants, customers, customer_records, reseller_customers, reseller_relationships,
  delegated_admin_grants, subscriptions;
