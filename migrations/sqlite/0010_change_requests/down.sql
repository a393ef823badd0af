ALTER TABLE audit_events DROP COLUMN change_request_id;
DROP TABLE change_request_lines;
DROP TABLE change_requests;
ALTER TABLE partnerships DROP COLUMN label;
ALTER TABLE partnerships DROP COLUMN auto_approve;
ALTER TABLE partnerships DROP COLUMN auto_approve_by;
ALTER TABLE partnerships DROP COLUMN auto_approve_user;
ALTER TABLE partnerships DROP COLUMN auto_approve_roles;
