-- What the busiest pages ask of large tables: without these, each of the statements below reads most of its table to show a few rows.

-- Who might be the same as a lead. Partial indexes tell the planner nothing about how many rows share an expression: it expects one in 200 to,
-- and reads the table instead. Gathered by autovacuum's ANALYZE.
CREATE STATISTICS leads_lower_email ON lower(email) FROM leads;
CREATE STATISTICS leads_lower_company ON lower(company_name) FROM leads;
CREATE STATISTICS clients_lower_email ON lower(email) FROM clients;
CREATE STATISTICS clients_lower_name ON lower(name) FROM clients;

-- The board's counts and sums, from the indexes alone. The second also has the order of the cards of closed deals, as the index it replaces had.
CREATE INDEX deals_open_totals ON deals (pipeline_id, stage, currency_code, probability) INCLUDE (value, owner_id)
  WHERE is_active AND status = 'open';
DROP INDEX deals_closed;
CREATE INDEX deals_closed ON deals (pipeline_id, stage, actual_close_date DESC, id) INCLUDE (currency_code, probability, value, owner_id)
  WHERE is_active AND status <> 'open';

-- Lists by tag: a rare one is looked for, a frequent one is met soon in any order.
CREATE INDEX leads_tags ON leads USING gin (tags) WHERE is_active;
CREATE INDEX deals_tags ON deals USING gin (tags) WHERE is_active;

-- Today: my open deals that nothing is planned for, and new leads, the longest waiting first.
CREATE INDEX deals_open_owner ON deals (owner_id, updated_at, id) WHERE is_active AND status = 'open';
CREATE INDEX leads_waiting ON leads (created_at, id) INCLUDE (owner_id) WHERE is_active AND status = 'new';

-- Whoever sees a deal or a lead sees its client: asked client by client.
CREATE INDEX deals_client_owner ON deals (client_id, owner_id);
CREATE INDEX leads_converted_client_owner ON leads (converted_to_client_id, owner_id) WHERE converted_to_client_id IS NOT NULL;
DROP INDEX leads_converted_to_client;
