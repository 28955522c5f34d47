-- What takes a change back is a change like any other, and says which one it undoes: so that it can be told, and be undone in its turn.
ALTER TABLE changes ADD COLUMN undoes uuid;

CREATE OR REPLACE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
    INSERT INTO changes (change_set, actor, request_id, table_name, record_id, operation, old_row, new_row, undoes)
    VALUES (
      coalesce(nullif(current_setting('dealwright.change_set', true), '')::uuid, gen_random_uuid()),
      who,
      nullif(current_setting('dealwright.request', true), ''),
      TG_TABLE_NAME,
      (coalesce(now_is, was) ->> 'id')::integer,
      lower(TG_OP),
      was,
      now_is,
      nullif(current_setting('dealwright.undoes', true), '')::uuid
    );
  END IF;
  RETURN NULL;
END $$;

-- The rows of one change-set in their order, and what undid it.
DROP INDEX changes_change_set;
CREATE INDEX changes_change_set ON changes (change_set, id);
CREATE INDEX changes_undoes ON changes (undoes) WHERE undoes IS NOT NULL;

-- What one person did, and what was done to one kind of record, the newest first, without reading what everybody did to everything.
CREATE INDEX changes_actor ON changes (actor, created_at, id) INCLUDE (table_name);
CREATE INDEX changes_table ON changes (table_name, created_at, id) INCLUDE (actor);

-- An activity that was deleted is still told of at the lead or deal it belonged to.
CREATE INDEX changes_deleted_activities ON changes (table_name, ((coalesce(old_row ->> 'lead_id', old_row ->> 'deal_id'))::integer), created_at, id)
  WHERE operation = 'delete' AND table_name IN ('lead_activities', 'deal_activities');
