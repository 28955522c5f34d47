-- Programs list the projects and quotes of all clients: an index for each order there is, each filter, and for words in names.
CREATE INDEX projects_updated ON projects (updated_at, id);
CREATE INDEX projects_by_name ON projects (lower(name), id);
CREATE INDEX projects_by_status ON projects (status, updated_at, id);
CREATE INDEX projects_by_start ON projects (start_date, id);
CREATE INDEX projects_search ON projects USING gin (search_fold(name) gin_trgm_ops);
CREATE INDEX quotes_updated ON quotes (updated_at, id);
CREATE INDEX quotes_by_number ON quotes (lower(number), id);
CREATE INDEX quotes_by_status ON quotes (status, updated_at, id);
CREATE INDEX quotes_by_total ON quotes (total, id);
CREATE INDEX quotes_by_valid_until ON quotes (valid_until, id);
CREATE INDEX quotes_search ON quotes USING gin (search_fold(number || ' ' || title) gin_trgm_ops);
