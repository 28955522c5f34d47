-- What is in the Trash says since when and who put it there, and is listed in that order, however much there is. The audit knows it too, but only
-- record by record.
CREATE FUNCTION stamp_archiving() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.is_active THEN
    NEW.archived_at := NULL;
    NEW.archived_by := NULL;
  ELSE
    NEW.archived_at := clock_timestamp();
    NEW.archived_by := (SELECT id FROM users WHERE id::text = current_setting('dealwright.actor', true));
  END IF;
  RETURN NEW;
END $$;

ALTER TABLE clients ADD COLUMN archived_at timestamptz(3), ADD COLUMN archived_by integer REFERENCES users ON DELETE SET NULL;
-- No change of the record, and nobody's: what it says happened before.
ALTER TABLE clients DISABLE TRIGGER USER;
UPDATE clients r SET archived_at = coalesce(latest.created_at, r.updated_at), archived_by = (SELECT u.id FROM users u WHERE u.id::text = latest.actor)
FROM clients archived LEFT JOIN LATERAL (
  SELECT c.created_at, c.actor FROM changes c
  WHERE c.table_name = 'clients' AND c.record_id = archived.id AND c.new_row ->> 'is_active' = 'false' AND c.old_row ->> 'is_active' IS DISTINCT FROM 'false'
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS latest ON TRUE
WHERE NOT archived.is_active AND r.id = archived.id;
ALTER TABLE clients ENABLE TRIGGER USER;
ALTER TABLE clients ADD CONSTRAINT clients_archived_is_dated CHECK (is_active = (archived_at IS NULL));
-- Only where the two do not agree yet: whoever says both is believed.
CREATE TRIGGER stamp_archiving BEFORE INSERT OR UPDATE ON clients FOR EACH ROW
  WHEN (NEW.is_active = (NEW.archived_at IS NOT NULL)) EXECUTE FUNCTION stamp_archiving();
CREATE INDEX clients_trash ON clients (archived_at, id) WHERE NOT is_active;
CREATE INDEX clients_trash_by_name ON clients (lower(name), id) WHERE NOT is_active;

ALTER TABLE contacts ADD COLUMN archived_at timestamptz(3), ADD COLUMN archived_by integer REFERENCES users ON DELETE SET NULL;
-- No change of the record, and nobody's: what it says happened before.
ALTER TABLE contacts DISABLE TRIGGER USER;
UPDATE contacts r SET archived_at = coalesce(latest.created_at, r.updated_at), archived_by = (SELECT u.id FROM users u WHERE u.id::text = latest.actor)
FROM contacts archived LEFT JOIN LATERAL (
  SELECT c.created_at, c.actor FROM changes c
  WHERE c.table_name = 'contacts' AND c.record_id = archived.id AND c.new_row ->> 'is_active' = 'false' AND c.old_row ->> 'is_active' IS DISTINCT FROM 'false'
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS latest ON TRUE
WHERE NOT archived.is_active AND r.id = archived.id;
ALTER TABLE contacts ENABLE TRIGGER USER;
ALTER TABLE contacts ADD CONSTRAINT contacts_archived_is_dated CHECK (is_active = (archived_at IS NULL));
-- Only where the two do not agree yet: whoever says both is believed.
CREATE TRIGGER stamp_archiving BEFORE INSERT OR UPDATE ON contacts FOR EACH ROW
  WHEN (NEW.is_active = (NEW.archived_at IS NOT NULL)) EXECUTE FUNCTION stamp_archiving();
CREATE INDEX contacts_trash ON contacts (archived_at, id) WHERE NOT is_active;
CREATE INDEX contacts_trash_by_name ON contacts (lower(last_name), lower(first_name), id) WHERE NOT is_active;

ALTER TABLE leads ADD COLUMN archived_at timestamptz(3), ADD COLUMN archived_by integer REFERENCES users ON DELETE SET NULL;
-- No change of the record, and nobody's: what it says happened before.
ALTER TABLE leads DISABLE TRIGGER USER;
UPDATE leads r SET archived_at = coalesce(latest.created_at, r.updated_at), archived_by = (SELECT u.id FROM users u WHERE u.id::text = latest.actor)
FROM leads archived LEFT JOIN LATERAL (
  SELECT c.created_at, c.actor FROM changes c
  WHERE c.table_name = 'leads' AND c.record_id = archived.id AND c.new_row ->> 'is_active' = 'false' AND c.old_row ->> 'is_active' IS DISTINCT FROM 'false'
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS latest ON TRUE
WHERE NOT archived.is_active AND r.id = archived.id;
ALTER TABLE leads ENABLE TRIGGER USER;
ALTER TABLE leads ADD CONSTRAINT leads_archived_is_dated CHECK (is_active = (archived_at IS NULL));
-- Only where the two do not agree yet: whoever says both is believed.
CREATE TRIGGER stamp_archiving BEFORE INSERT OR UPDATE ON leads FOR EACH ROW
  WHEN (NEW.is_active = (NEW.archived_at IS NOT NULL)) EXECUTE FUNCTION stamp_archiving();
CREATE INDEX leads_trash ON leads (archived_at, id) WHERE NOT is_active;
CREATE INDEX leads_trash_by_name ON leads (lower(last_name), lower(first_name), id) WHERE NOT is_active;

ALTER TABLE deals ADD COLUMN archived_at timestamptz(3), ADD COLUMN archived_by integer REFERENCES users ON DELETE SET NULL;
-- No change of the record, and nobody's: what it says happened before.
ALTER TABLE deals DISABLE TRIGGER USER;
UPDATE deals r SET archived_at = coalesce(latest.created_at, r.updated_at), archived_by = (SELECT u.id FROM users u WHERE u.id::text = latest.actor)
FROM deals archived LEFT JOIN LATERAL (
  SELECT c.created_at, c.actor FROM changes c
  WHERE c.table_name = 'deals' AND c.record_id = archived.id AND c.new_row ->> 'is_active' = 'false' AND c.old_row ->> 'is_active' IS DISTINCT FROM 'false'
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) AS latest ON TRUE
WHERE NOT archived.is_active AND r.id = archived.id;
ALTER TABLE deals ENABLE TRIGGER USER;
ALTER TABLE deals ADD CONSTRAINT deals_archived_is_dated CHECK (is_active = (archived_at IS NULL));
-- Only where the two do not agree yet: whoever says both is believed.
CREATE TRIGGER stamp_archiving BEFORE INSERT OR UPDATE ON deals FOR EACH ROW
  WHEN (NEW.is_active = (NEW.archived_at IS NOT NULL)) EXECUTE FUNCTION stamp_archiving();
CREATE INDEX deals_trash ON deals (archived_at, id) WHERE NOT is_active;
CREATE INDEX deals_trash_by_name ON deals (lower(name), id) WHERE NOT is_active;
