-- The partnership or invitation that an event changed. A customer, subscription, partner or run that it changed has its own column. Of
-- earlier events about invitations it is not known which they changed.
ALTER TABLE audit_events ADD COLUMN partnership_id BIGINT;
ALTER TABLE audit_events ADD COLUMN invitation_id BIGINT;
UPDATE audit_events SET partnership_id = (SELECT MAX(ps.id) FROM partnerships ps WHERE ps.reseller_id = audit_events.partner_id
    AND ps.created_at <= audit_events.operation_date
    AND ps.provider_id = COALESCE((SELECT v.viewer_partner_id FROM audit_event_viewers v WHERE v.event_id = audit_events.id
      AND v.viewer_partner_id NOT IN (0, audit_events.partner_id) ORDER BY v.viewer_partner_id LIMIT 1), audit_events.actor_partner_id))
  WHERE operation_type IN ('EXTEND_PARTNER_RELATIONSHIP', 'CREATE_PARTNER_RELATIONSHIP', 'UPDATE_PARTNER_RELATIONSHIP', 'REMOVE_PARTNER_RELATIONSHIP');

-- What the viewer called the customer when the event happened. A partner that loses the customer keeps it.
ALTER TABLE audit_event_viewers ADD COLUMN customer_name TEXT COLLATE "C";
ALTER TABLE audit_event_viewers ADD COLUMN customer_domain TEXT COLLATE "C";
UPDATE audit_event_viewers SET
  customer_name = (SELECT r.company_name FROM audit_events e JOIN customer_records r ON r.customer_id = e.customer_id
    WHERE e.id = audit_event_viewers.event_id AND r.partner_id = audit_event_viewers.viewer_partner_id),
  customer_domain = (SELECT r.domain FROM audit_events e JOIN customer_records r ON r.customer_id = e.customer_id
    WHERE e.id = audit_event_viewers.event_id AND r.partner_id = audit_event_viewers.viewer_partner_id);
