DROP TABLE partner_of_record_edits;
