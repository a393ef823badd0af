-- What the lists of a provider state about its resellers (location, tenant, vetting, agreement). Each row is one statement; of a field,
-- the newest statement that has it counts. A placeholder bears the name and the country that the provider stated that named it first.
CREATE TABLE reseller_statements (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  provider_id     INTEGER NOT NULL REFERENCES partners (id),
  reseller_id     INTEGER NOT NULL REFERENCES partners (id),
  as_of           TEXT NOT NULL,
  name            TEXT,
  name_key        TEXT,
  name_sort       TEXT,
  country         TEXT,
  tenant_id       TEXT,
  vetting_status  TEXT,
  mpa_signed_on   TEXT,
  run_id          INTEGER NOT NULL REFERENCES import_runs (id)
) STRICT;
CREATE INDEX reseller_statements_pair ON reseller_statements (reseller_id, provider_id);
CREATE INDEX reseller_statements_provider ON reseller_statements (provider_id);
CREATE INDEX reseller_statements_run ON reseller_statements (run_id);

-- The locations of a company are found by its global MPN ID.
CREATE INDEX mpn_profiles_global ON mpn_profiles (global_mpn_id) WHERE global_mpn_id IS NOT NULL;
CREATE INDEX partners_global ON partners (global_mpn_id) WHERE global_mpn_id IS NOT NULL;
