-- A change of an import is a record of the history. Its id is that of an event, right before the event of the run; a move has events of
-- its own. The file, by its position in the run, and the line are those that state the new value. The tenant is that of the customer concerned at
-- that time: the key of a subscription can be another customer's later, after a revert.
ALTER TABLE import_changes ADD COLUMN file INTEGER;
ALTER TABLE import_changes ADD COLUMN line INTEGER;
ALTER TABLE import_changes ADD COLUMN partner_id INTEGER;
ALTER TABLE import_changes ADD COLUMN record_id INTEGER;
ALTER TABLE import_changes ADD COLUMN tenant_id TEXT;
CREATE INDEX import_changes_record ON import_changes (record_id);
CREATE INDEX import_changes_key ON import_changes (key);
CREATE INDEX import_changes_tenant ON import_changes (tenant_id);

-- Which resellers can read a record, decided when it happened, and what they called the customer.
CREATE TABLE import_change_viewers (
  viewer_partner_id  INTEGER NOT NULL,
  record_id          INTEGER NOT NULL,
  customer_name      TEXT,
  customer_domain    TEXT,
  PRIMARY KEY (viewer_partner_id, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_change_viewers_record ON import_change_viewers (record_id);
