-- Time in stage, the board as of a past date and forecasts all ask what a deal was then; only a row per change of state can answer.
CREATE TABLE deal_history (
  id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  deal_id              integer NOT NULL REFERENCES deals ON DELETE CASCADE,
  valid_from           timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  pipeline_id          integer NOT NULL,
  stage                text NOT NULL,
  status               text NOT NULL,
  value                numeric(18, 4),
  currency_code        text NOT NULL,
  probability          integer NOT NULL,
  owner_id             integer,
  expected_close_date  date,
  is_active            boolean NOT NULL
);
CREATE INDEX deal_history_deal ON deal_history (deal_id, valid_from, id);
CREATE INDEX deal_history_time ON deal_history (valid_from);

CREATE FUNCTION record_deal_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO deal_history (deal_id, pipeline_id, stage, status, value, currency_code, probability, owner_id, expected_close_date, is_active)
  VALUES (NEW.id, NEW.pipeline_id, NEW.stage, NEW.status, NEW.value, NEW.currency_code, NEW.probability, NEW.owner_id,
          NEW.expected_close_date, NEW.is_active);
  RETURN NULL;
END $$;
CREATE TRIGGER deal_history_begins AFTER INSERT ON deals FOR EACH ROW EXECUTE FUNCTION record_deal_history();
CREATE TRIGGER deal_history_goes_on AFTER UPDATE ON deals FOR EACH ROW
  WHEN ((OLD.pipeline_id, OLD.stage, OLD.value, OLD.currency_code, OLD.probability, OLD.owner_id, OLD.expected_close_date, OLD.is_active)
    IS DISTINCT FROM
        (NEW.pipeline_id, NEW.stage, NEW.value, NEW.currency_code, NEW.probability, NEW.owner_id, NEW.expected_close_date, NEW.is_active))
  EXECUTE FUNCTION record_deal_history();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON deal_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_statement();
