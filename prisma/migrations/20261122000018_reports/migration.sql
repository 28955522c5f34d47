-- Reports ask how long deals stay in a stage: found in deal_history only by reading all of it, so each stay is written down when it ends.
CREATE TABLE deal_stage_stays (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deal_id      integer NOT NULL REFERENCES deals ON DELETE CASCADE,
  pipeline_id  integer NOT NULL,
  stage        text NOT NULL,
  entered_at   timestamptz(3) NOT NULL,
  left_at      timestamptz(3) NOT NULL,
  -- When the deal left this stage the last time before: counts the deals that left it in a period without gathering them one by one.
  left_before  timestamptz(3)
);
INSERT INTO deal_stage_stays (deal_id, pipeline_id, stage, entered_at, left_at, left_before)
SELECT deal_id, pipeline_id, stage, valid_from, left_at, lag(left_at) OVER (PARTITION BY deal_id, pipeline_id, stage ORDER BY left_at)
FROM (
  SELECT deal_id, pipeline_id, stage, status, valid_from, lead(valid_from) OVER (PARTITION BY deal_id ORDER BY valid_from, id) AS left_at
  FROM (
    SELECT *, lag(pipeline_id) OVER w IS DISTINCT FROM pipeline_id OR lag(stage) OVER w IS DISTINCT FROM stage AS enters
    FROM deal_history WINDOW w AS (PARTITION BY deal_id ORDER BY valid_from, id)) AS states
  WHERE enters) AS stays
WHERE status = 'open' AND left_at IS NOT NULL;
CREATE INDEX deal_stage_stays_deal ON deal_stage_stays (deal_id, pipeline_id, stage, left_at);
CREATE INDEX deal_stage_stays_left ON deal_stage_stays (left_at) INCLUDE (pipeline_id, stage, entered_at, left_before, deal_id);

CREATE FUNCTION record_stage_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deal_stage_stays (deal_id, pipeline_id, stage, entered_at, left_at, left_before)
  VALUES (OLD.id, OLD.pipeline_id, OLD.stage, OLD.stage_entered_at,
          -- One stay ends when the next begins; a change that does not say when ends it now.
          CASE WHEN NEW.stage_entered_at > OLD.stage_entered_at THEN NEW.stage_entered_at ELSE clock_timestamp() END,
          (SELECT max(left_at) FROM deal_stage_stays WHERE deal_id = OLD.id AND pipeline_id = OLD.pipeline_id AND stage = OLD.stage));
  RETURN NULL;
END $$;
CREATE TRIGGER stage_stay_ends AFTER UPDATE ON deals FOR EACH ROW
  WHEN (OLD.status = 'open' AND (OLD.pipeline_id, OLD.stage) IS DISTINCT FROM (NEW.pipeline_id, NEW.stage))
  EXECUTE FUNCTION record_stage_stay();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON deal_stage_stays FOR EACH STATEMENT EXECUTE FUNCTION refuse_statement();

-- The dashboard's sums, from the indexes alone.
CREATE INDEX deals_closed_report ON deals (actual_close_date, status) INCLUDE (pipeline_id, currency_code, value, owner_id, created_at)
  WHERE is_active AND status <> 'open';
CREATE INDEX deals_lost_report ON deals (actual_close_date) INCLUDE (loss_reason, pipeline_id, currency_code, value, owner_id)
  WHERE is_active AND status = 'lost';
CREATE INDEX deals_facts ON deals (id) INCLUDE (status, pipeline_id, currency_code, value, owner_id) WHERE is_active;
CREATE INDEX deals_archived ON deals (id) WHERE NOT is_active;
CREATE INDEX leads_lost ON leads (lost_at) INCLUDE (lost_reason, owner_id) WHERE is_active AND status = 'lost';
-- As it was, with what is counted of the leads of a period.
DROP INDEX leads_created;
CREATE INDEX leads_created ON leads (created_at, id) INCLUDE (status, source, owner_id, converted_to_deal_id) WHERE is_active;
-- How far a lead came before it was lost.
CREATE INDEX lead_activities_steps ON lead_activities (lead_id) WHERE type = 'status_change';
