DROP TABLE import_absences;
