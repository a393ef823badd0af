-- Runs with their files, issues and changes, and what each source said last.

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
  -- The report's counts as JSON, once there are any; its issues and changes stand in tables of their own.
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

-- The bytes of an upload in pieces, so that every server of an installation can read them.
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

-- An import's history: a row per entity created, a row per field changed.
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

-- A source is one portal family as one partner imports it.
CREATE TABLE import_sources (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  partner_id  INTEGER NOT NULL REFERENCES partners (id),
  name        TEXT NOT NULL,
  created_at  TEXT NOT NULL,
  UNIQUE (partner_id, name)
) STRICT;

-- What a source said last of one entity. Values, and as-of and run where a field's differ from the row's, are packed in
-- one JSON text: a million rows are written here in a first import.
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
-- Few subscriptions pass seats to others; which ones they are must be known before the others are planned.
CREATE INDEX import_baselines_moves ON import_baselines (entity_id) WHERE entity = 'S' AND instr(fields, '"m":true') > 0;
