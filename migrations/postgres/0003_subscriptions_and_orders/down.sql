DROP TABLE order_reviews;
DROP TABLE order_lines;
DROP TABLE orders;
DROP TABLE entitlements;
DROP TABLE partner_of_record_history;
DROP TABLE subscriptions;
