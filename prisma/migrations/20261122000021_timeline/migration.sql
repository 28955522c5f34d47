-- A record's timeline is read newest first, page by page, from several tables at once: each in the order of an index of its own.
DROP INDEX changes_record;
CREATE INDEX changes_record ON changes (table_name, record_id, created_at, id);
DROP INDEX communications_deal;
CREATE INDEX communications_deal ON contact_communications (client_id, related_deal_id, communication_date, id) WHERE related_deal_id IS NOT NULL;
