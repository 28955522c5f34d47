-- The list of communications can be ordered by each of its columns too: an order without an index reads every row for a page.
CREATE INDEX communications_by_subject ON contact_communications (lower(subject), id);
CREATE INDEX communications_by_author ON contact_communications (created_by, communication_date, id);
