-- Lists are ordered by each of their columns, and by the names of what their rows belong to: an order without an index reads every row for a page.
CREATE INDEX clients_by_email ON clients (lower(email), id) WHERE is_active;
CREATE INDEX contacts_by_email ON contacts (lower(email), id) WHERE is_active;
CREATE INDEX contacts_by_phone ON contacts (coalesce(phone, mobile), id) WHERE is_active;
CREATE INDEX contacts_by_role ON contacts (role, updated_at, id) WHERE is_active;
CREATE INDEX deals_by_probability ON deals (probability, id) WHERE is_active;

-- Deals and contacts of archived clients are listed too.
CREATE INDEX clients_by_name ON clients (lower(name), id);
-- Clients in the order of their primary contacts.
CREATE INDEX contacts_primary_by_name ON contacts (lower(last_name || ' ' || first_name), client_id) WHERE is_primary AND is_active;
-- A telephone number is found by some of its digits, however it was written.
CREATE INDEX leads_phone_search ON leads USING gin (phone_digits gin_trgm_ops);
CREATE INDEX clients_phone_search ON clients USING gin (phone_digits gin_trgm_ops);
CREATE INDEX contacts_phone_search ON contacts USING gin (phone_digits gin_trgm_ops);
