DROP TABLE customer_views;
DROP TABLE reseller_customers;
