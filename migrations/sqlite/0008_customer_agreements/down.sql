CREATE TABLE agreements (
  id                      INTEGER PRIMARY KEY AUTOINCREMENT,
  agreement_type          TEXT NOT NULL CHECK (agreement_type IN ('MICROSOFT_PARTNER_AGREEMENT', 'MICROSOFT_CUSTOMER_AGREEMENT')),
  partner_id              INTEGER REFERENCES partners (id),
  customer_id             INTEGER REFERENCES customers (id),
  first_name              TEXT,
  last_name               TEXT,
  email                   TEXT,
  accepted_by             TEXT NOT NULL,
  accepted_at             TEXT NOT NULL,
  ended_at                TEXT,
  accepted_by_partner_id  INTEGER,
  CHECK ((partner_id IS NULL) <> (customer_id IS NULL))
) STRICT;
INSERT INTO agreements (id, agreement_type, partner_id, accepted_by, accepted_at, ended_at)
  SELECT id, 'MICROSOFT_PARTNER_AGREEMENT', partner_id, accepted_by, accepted_at, ended_at FROM partner_agreements;
-- The first acceptance of each customer; what a portal proves has no day.
INSERT INTO agreements (agreement_type, customer_id, first_name, last_name, email, accepted_by, accepted_at, accepted_by_partner_id)
  SELECT 'MICROSOFT_CUSTOMER_AGREEMENT', ca.customer_id, ca.first_name, ca.last_name, ca.email, COALESCE(ca.recorded_by, 'import'), ca.accepted_at,
         CASE WHEN ca.evidence = 'ATTESTED' THEN ca.partner_id END
  FROM customer_agreements ca
  WHERE ca.id = (SELECT MIN(x.id) FROM customer_agreements x WHERE x.customer_id = ca.customer_id AND x.evidence <> 'PORTAL');
DROP TABLE customer_agreements;
DROP TABLE partner_agreements;
CREATE UNIQUE INDEX agreements_partner_live ON agreements (partner_id, agreement_type) WHERE ended_at IS NULL AND partner_id IS NOT NULL;
CREATE UNIQUE INDEX agreements_customer_live ON agreements (customer_id, agreement_type) WHERE ended_at IS NULL AND customer_id IS NOT NULL;
CREATE INDEX agreements_customer ON agreements (customer_id) WHERE customer_id IS NOT NULL;
