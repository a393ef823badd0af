-- Import runs with their files, issues and changes, and each source's baselines.

CREATE TABLE import_runs (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id     INTEGER NOT NULL REFERENCES partners (id),
  started_by     TEXT NOT NULL,
  mode           TEXT NOT NULL CHECK (mode IN ('DRY_RUN', 'PLAN', 'APPLY')),
  status         TEXT NOT NULL CHECK (status IN ('QUEUED', 'PLANNING', 'PLANNED', 'CHECKED', 'APPLYING', 'APPLIED', 'FAILED', 'REVERTED')),
  phase          TEXT NOT NULL,
  rows_read      INTEGER NOT NULL,
  rows_total     INTEGER,
  options        TEXT NOT NULL,
  -- The counts of the report as JSON, once there are any. Its issues and changes are in separate tables.
  report         TEXT,
  issues_total   INTEGER NOT NULL,
  changes_total  INTEGER NOT NULL,
  error_code     TEXT,
  error_message  TEXT,
  created_at     TEXT NOT NULL,
  started_at     TEXT,
  finished_at    TEXT
) STRICT;
CREATE INDEX import_runs_partner ON import_runs (partner_id, id);

CREATE TABLE import_uploads (
  id           TEXT PRIMARY KEY,
  partner_id   INTEGER REFERENCES partners (id),
  name         TEXT NOT NULL,
  bytes        INTEGER NOT NULL,
  sha256       TEXT NOT NULL,
  uploaded_by  TEXT NOT NULL,
  created_at   TEXT NOT NULL
) STRICT;

-- The bytes of an upload, in pieces. They are in the database so that every server of an installation can read them.
CREATE TABLE import_upload_chunks (
  upload_id  TEXT NOT NULL REFERENCES import_uploads (id),
  ordinal    INTEGER NOT NULL,
  bytes      BLOB NOT NULL,
  PRIMARY KEY (upload_id, ordinal)
) STRICT;

CREATE TABLE import_files (
  run_id      INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal     INTEGER NOT NULL,
  name        TEXT NOT NULL,
  upload_id   TEXT,
  profile     TEXT,
  source      TEXT,
  encoding    TEXT,
  delimiter   TEXT,
  date_order  TEXT,
  as_of       TEXT,
  sha256      TEXT,
  row_count   INTEGER,
  options     TEXT NOT NULL,
  PRIMARY KEY (run_id, ordinal)
) STRICT;

CREATE TABLE import_issues (
  run_id       INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal      INTEGER NOT NULL,
  severity     TEXT NOT NULL,
  file         INTEGER NOT NULL,
  line         INTEGER NOT NULL,
  column_name  TEXT,
  code         TEXT NOT NULL,
  rule         TEXT,
  message      TEXT NOT NULL,
  hint         TEXT,
  value        TEXT,
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

-- The changes of an import: one row for each created entity and one for each changed field.
CREATE TABLE import_changes (
  run_id    INTEGER NOT NULL REFERENCES import_runs (id),
  ordinal   INTEGER NOT NULL,
  entity    TEXT NOT NULL,
  key       TEXT NOT NULL,
  action    TEXT NOT NULL,
  field     TEXT,
  before    TEXT,
  after     TEXT,
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

-- A source is a portal family from which a partner imports.
CREATE TABLE import_sources (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id  INTEGER NOT NULL REFERENCES partners (id),
  name        TEXT NOT NULL,
  created_at  TEXT NOT NULL,
  UNIQUE (partner_id, name)
) STRICT;

-- The last values of an entity in a source. The values are packed in one JSON text, because a first import can write a
-- million rows. A field has its own as-of date and run in the JSON if they differ from those of the row.
CREATE TABLE import_baselines (
  source_id         INTEGER NOT NULL REFERENCES import_sources (id),
  entity            TEXT NOT NULL CHECK (entity IN ('C', 'S')),
  entity_id         INTEGER NOT NULL,
  as_of             TEXT NOT NULL,
  run_id            INTEGER NOT NULL,
  fields            TEXT NOT NULL,
  absent_since_run  INTEGER,
  PRIMARY KEY (source_id, entity, entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_baselines_entity ON import_baselines (entity, entity_id);
-- The few subscriptions that have moved seats to other subscriptions. An import must know them before it plans the others.
CREATE INDEX import_baselines_moves ON import_baselines (entity_id) WHERE entity = 'S' AND instr(fields, '"m":true') > 0;
