DROP INDEX audit_events_run;
DROP TABLE reseller_move_items;
DROP TABLE reseller_moves;
