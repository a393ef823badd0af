DROP INDEX partners_global;
DROP INDEX mpn_profiles_global;
DROP TABLE reseller_statements;
