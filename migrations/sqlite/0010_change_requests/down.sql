-- Programs without change requests do not know these operations.
DELETE FROM audit_event_viewers WHERE event_id IN (SELECT id FROM audit_events WHERE operation_type IN
  ('CREATE_CHANGE_REQUEST', 'APPROVE_CHANGE_REQUEST', 'DECLINE_CHANGE_REQUEST', 'WITHDRAW_CHANGE_REQUEST'));
DELETE FROM audit_events WHERE operation_type IN
  ('CREATE_CHANGE_REQUEST', 'APPROVE_CHANGE_REQUEST', 'DECLINE_CHANGE_REQUEST', 'WITHDRAW_CHANGE_REQUEST');
ALTER TABLE audit_events DROP COLUMN change_request_id;
DROP TABLE change_request_lines;
DROP TABLE change_requests;
ALTER TABLE partnerships DROP COLUMN label;
ALTER TABLE partnerships DROP COLUMN auto_approve;
ALTER TABLE partnerships DROP COLUMN auto_approve_by;
ALTER TABLE partnerships DROP COLUMN auto_approve_user;
ALTER TABLE partnerships DROP COLUMN auto_approve_roles;
