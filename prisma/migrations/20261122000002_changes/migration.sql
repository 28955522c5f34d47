-- Nothing is lost and nothing is anonymous: every write to a business table leaves a row that says who, when, and what it was before.
CREATE TABLE changes (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change_set  uuid NOT NULL,
  created_at  timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- 'system', or the id of a user. Text, not a foreign key: the audit outlives whom it speaks of.
  actor       text NOT NULL CHECK (actor = 'system' OR actor ~ '^[1-9][0-9]*$'),
  request_id  text,
  table_name  text NOT NULL,
  record_id   integer NOT NULL,
  operation   text NOT NULL CHECK (operation IN ('insert', 'update', 'delete', 'redact')),
  old_row     jsonb,
  new_row     jsonb
);
CREATE INDEX changes_record ON changes (table_name, record_id, id DESC);
CREATE INDEX changes_change_set ON changes (change_set);

-- Its arguments are the columns that never enter the audit: secrets, and what is computed from others.
CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  who text := nullif(current_setting('dealwright.actor', true), '');
  was jsonb;
  now_is jsonb;
  -- NULL, not an empty array, for a trigger without arguments.
  excluded text[] := coalesce(TG_ARGV, '{}');
BEGIN
  IF who IS NULL THEN
    RAISE EXCEPTION 'a write to % names no actor', TG_TABLE_NAME
      USING HINT = 'Write through inTransaction(), which sets dealwright.actor.';
  END IF;
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - excluded; END IF;
  IF TG_OP <> 'DELETE' THEN now_is := to_jsonb(NEW) - excluded; END IF;
  IF was IS DISTINCT FROM now_is THEN
    INSERT INTO changes (change_set, actor, request_id, table_name, record_id, operation, old_row, new_row)
    VALUES (
      coalesce(nullif(current_setting('dealwright.change_set', true), '')::uuid, gen_random_uuid()),
      who,
      nullif(current_setting('dealwright.request', true), ''),
      TG_TABLE_NAME,
      (coalesce(now_is, was) ->> 'id')::integer,
      lower(TG_OP),
      was,
      now_is
    );
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION refuse_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused', TG_OP, TG_TABLE_NAME;
END $$;

-- Puts a table under audit. TRUNCATE fires no row trigger, so it is refused.
CREATE PROCEDURE audit_table(audited regclass, VARIADIC excluded text[] DEFAULT '{}') LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER record_change AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION record_change(%s)',
    audited, (SELECT string_agg(quote_literal(name), ', ') FROM unnest(excluded) AS name));
  EXECUTE format(
    'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_statement()', audited);
END $$;

CREATE FUNCTION refuse_unless_redacting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('dealwright.redacting', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% on changes is refused: the audit is append-only', TG_OP;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unless_redacting();

-- Erasure of personal data: the one way to alter the audit. It blanks the named columns and writes down that it did.
CREATE FUNCTION redact_changes(target_table text, target_id integer, columns text[]) RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  who text := nullif(current_setting('dealwright.actor', true), '');
  redacted integer;
BEGIN
  IF who IS NULL THEN
    RAISE EXCEPTION 'redact_changes() names no actor';
  END IF;
  -- For this one statement. (SET in the function's head is for superusers only, for a parameter that is nobody's.)
  PERFORM set_config('dealwright.redacting', 'on', true);
  UPDATE changes SET
    old_row = old_row || (SELECT coalesce(jsonb_object_agg(name, '[redacted]'), '{}') FROM unnest(columns) AS name WHERE old_row ? name),
    new_row = new_row || (SELECT coalesce(jsonb_object_agg(name, '[redacted]'), '{}') FROM unnest(columns) AS name WHERE new_row ? name)
  WHERE table_name = target_table AND record_id = target_id AND (old_row ?| columns OR new_row ?| columns);
  GET DIAGNOSTICS redacted = ROW_COUNT;
  PERFORM set_config('dealwright.redacting', 'off', true);
  INSERT INTO changes (change_set, actor, request_id, table_name, record_id, operation, new_row)
  VALUES (
    coalesce(nullif(current_setting('dealwright.change_set', true), '')::uuid, gen_random_uuid()),
    who, nullif(current_setting('dealwright.request', true), ''), target_table, target_id, 'redact',
    jsonb_build_object('columns', to_jsonb(columns), 'rows', redacted));
  RETURN redacted;
END $$;

-- Two people editing one record are told apart by its version; the database counts, so no write can forget to.
CREATE FUNCTION bump_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;
