DROP TABLE idempotency_keys;
DROP TABLE outbox;
DROP TABLE audit_event_viewers;
DROP TABLE audit_events;
DROP TABLE agreements;
DROP TABLE invitations;
