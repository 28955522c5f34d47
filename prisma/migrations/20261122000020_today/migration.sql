-- Today tells what changed since somebody's last visit, and what is due or waits for them, without reading all that ever changed, is planned or is open.
CREATE TABLE visits (
  user_id     integer PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  began_at    timestamptz(3) NOT NULL,
  -- What changed before has been told: when the visit before this one began, or what was marked as read since.
  seen_until  timestamptz(3) NOT NULL
);

-- The newest changes, and which of them are worth a look, from the index alone.
CREATE INDEX changes_recent ON changes (created_at, id) INCLUDE (actor, table_name);

-- What is mine, in the order in which it waits: whoever has little of it does not read past everybody else's. Each has all that the page's search
-- asks of these tables; with less, PostgreSQL takes a row of a partial index for dear, and reads a larger index instead.
CREATE INDEX communications_open_follow_up_author ON contact_communications (created_by, follow_up_date, id) INCLUDE (contact_id, client_id)
  WHERE follow_up_date IS NOT NULL AND follow_up_completed_at IS NULL;
DROP INDEX communications_open_follow_up;
CREATE INDEX communications_open_follow_up ON contact_communications (follow_up_date, id) INCLUDE (contact_id, client_id, created_by)
  WHERE follow_up_date IS NOT NULL AND follow_up_completed_at IS NULL;
DROP INDEX lead_activities_due;
CREATE INDEX lead_activities_due ON lead_activities (assignee_id, due_date, due_time, id) INCLUDE (lead_id)
  WHERE status = 'pending' AND due_date IS NOT NULL AND type IN ('call', 'email', 'meeting', 'note', 'task');
DROP INDEX deal_activities_due;
CREATE INDEX deal_activities_due ON deal_activities (assignee_id, due_date, due_time, id) INCLUDE (deal_id)
  WHERE status = 'pending' AND due_date IS NOT NULL AND type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deals_open_owner_close ON deals (owner_id, expected_close_date, id) WHERE is_active AND status = 'open';
CREATE INDEX leads_waiting_owner ON leads (owner_id, created_at, id) WHERE is_active AND status = 'new';

-- The same of a team, and of all.
CREATE INDEX lead_activities_due_anybody ON lead_activities (due_date, due_time, id) INCLUDE (lead_id, assignee_id)
  WHERE status = 'pending' AND due_date IS NOT NULL AND type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_due_anybody ON deal_activities (due_date, due_time, id) INCLUDE (deal_id, assignee_id)
  WHERE status = 'pending' AND due_date IS NOT NULL AND type IN ('call', 'email', 'meeting', 'note', 'task');
