DROP TABLE import_agreements;
