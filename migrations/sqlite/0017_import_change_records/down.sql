DROP TABLE import_change_viewers;
DROP INDEX import_changes_tenant;
DROP INDEX import_changes_key;
DROP INDEX import_changes_record;
ALTER TABLE import_changes DROP COLUMN tenant_id;
ALTER TABLE import_changes DROP COLUMN record_id;
ALTER TABLE import_changes DROP COLUMN partner_id;
ALTER TABLE import_changes DROP COLUMN line;
ALTER TABLE import_changes DROP COLUMN file;
