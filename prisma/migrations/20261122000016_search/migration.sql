-- Whatever begins with what was typed comes first in a search, however many other records have the word somewhere: the text searched begins with
-- the name. Bytewise, as LIKE 'x%' needs it; sixty letters tell names apart well enough.
CREATE INDEX clients_search_name ON clients (left(search_text, 60) text_pattern_ops) WHERE is_active;
CREATE INDEX contacts_search_name ON contacts (left(search_text, 60) text_pattern_ops) WHERE is_active;
CREATE INDEX leads_search_name ON leads (left(search_text, 60) text_pattern_ops) WHERE is_active;
CREATE INDEX deals_search_name ON deals (left(search_text, 60) text_pattern_ops) WHERE is_active;
CREATE INDEX communications_search_name ON contact_communications (left(search_text, 60) text_pattern_ops);

-- What comes close to a misspelt word is looked for in names alone: in prose nearly everything comes close to something. The other kinds have no prose
-- in what is searched.
CREATE INDEX deals_search_near ON deals USING gin (left(search_text, 60) gin_trgm_ops) WHERE is_active;
CREATE INDEX communications_search_near ON contact_communications USING gin (left(search_text, 60) gin_trgm_ops);
