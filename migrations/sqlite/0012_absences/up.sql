-- What the complete lists of a run lacked, by tenant id or subscription id, as far as its report names it.
CREATE TABLE import_absences (
  run_id  INTEGER NOT NULL REFERENCES import_runs (id),
  entity  TEXT NOT NULL,
  key     TEXT NOT NULL,
  PRIMARY KEY (run_id, entity, key)
) STRICT, WITHOUT ROWID;

-- Earlier runs have it in their reports only.
INSERT INTO import_absences (run_id, entity, key)
  SELECT DISTINCT r.id, 'CUSTOMER', j.value FROM import_runs r JOIN json_each(r.report, '$.absent.customers') j WHERE r.report IS NOT NULL;
INSERT INTO import_absences (run_id, entity, key)
  SELECT DISTINCT r.id, 'SUBSCRIPTION', j.value FROM import_runs r JOIN json_each(r.report, '$.absent.subscriptions') j WHERE r.report IS NOT NULL;
