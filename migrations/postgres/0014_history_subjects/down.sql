ALTER TABLE audit_event_viewers DROP COLUMN customer_domain;
ALTER TABLE audit_event_viewers DROP COLUMN customer_name;
ALTER TABLE audit_events DROP COLUMN invitation_id;
ALTER TABLE audit_events DROP COLUMN partnership_id;
