DROP TABLE import_baselines;
DROP TABLE import_sources;
DROP TABLE import_changes;
DROP TABLE import_issues;
DROP TABLE import_files;
DROP TABLE import_upload_chunks;
DROP TABLE import_uploads;
DROP TABLE import_runs;
