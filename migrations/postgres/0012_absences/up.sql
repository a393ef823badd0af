-- What the complete lists of a run lacked, by tenant id or subscription id, as far as its report names it.
CREATE TABLE import_absences (
  run_id  BIGINT NOT NULL REFERENCES import_runs (id),
  entity  TEXT COLLATE "C" NOT NULL,
  key     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (run_id, entity, key)
);

-- Earlier runs have it in their reports only.
INSERT INTO import_absences (run_id, entity, key)
  SELECT DISTINCT r.id, 'CUSTOMER', j.value
  FROM import_runs r CROSS JOIN LATERAL jsonb_array_elements_text(COALESCE(r.report::jsonb #> '{absent,customers}', '[]'::jsonb)) AS j (value)
  WHERE r.report IS NOT NULL;
INSERT INTO import_absences (run_id, entity, key)
  SELECT DISTINCT r.id, 'SUBSCRIPTION', j.value
  FROM import_runs r CROSS JOIN LATERAL jsonb_array_elements_text(COALESCE(r.report::jsonb #> '{absent,subscriptions}', '[]'::jsonb)) AS j (value)
  WHERE r.report IS NOT NULL;
