-- Databases made before 000002_changes was mended have a function that only a superuser could have made, and could restore.
CREATE OR REPLACE FUNCTION redact_changes(target_table text, target_id integer, columns text[]) RETURNS integer
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
