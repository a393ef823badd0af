DROP TABLE customer_associations;
DROP TABLE delegated_admin_grants;
DROP TABLE reseller_relationships;
DROP TABLE customer_records;
DROP TABLE customers;
