-- Activities of leads and of deals are one list to their users, so both tables are read in the same orders, each from an index of its own, and merged.
-- In that list a lead's activity has a negative id: it tells the two apart, and the order of each half is its index's.
DROP TRIGGER record_change ON lead_activities;
DROP TRIGGER refuse_truncate ON lead_activities;
DROP TRIGGER record_change ON deal_activities;
DROP TRIGGER refuse_truncate ON deal_activities;

ALTER TABLE lead_activities
  ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (search_fold(coalesce(subject, '') || ' ' || coalesce(left(description, 5000), ''))) STORED,
  ADD CONSTRAINT lead_activities_time_needs_date CHECK (due_time IS NULL OR due_date IS NOT NULL);
ALTER TABLE deal_activities
  ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (search_fold(coalesce(subject, '') || ' ' || coalesce(left(description, 5000), ''))) STORED,
  ADD CONSTRAINT deal_activities_time_needs_date CHECK (due_time IS NULL OR due_date IS NOT NULL);

CALL audit_table('lead_activities', 'search_text');
CALL audit_table('deal_activities', 'search_text');

-- What happened by itself is told on its record only. The list passes it over, and so do these.
CREATE INDEX lead_activities_search ON lead_activities USING gin (search_text gin_trgm_ops)
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_date ON lead_activities (activity_date, (-id)) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_due ON lead_activities (due_date, (coalesce(due_time, '24:00'::time)), (-id))
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_subject ON lead_activities (lower(subject), (-id)) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_type ON lead_activities (type, activity_date, (-id)) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_status ON lead_activities (status, activity_date, (-id)) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX lead_activities_by_assignee ON lead_activities (assignee_id, activity_date, (-id))
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');

CREATE INDEX deal_activities_search ON deal_activities USING gin (search_text gin_trgm_ops)
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_date ON deal_activities (activity_date, id) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_due ON deal_activities (due_date, (coalesce(due_time, '24:00'::time)), id)
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_subject ON deal_activities (lower(subject), id) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_type ON deal_activities (type, activity_date, id) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_status ON deal_activities (status, activity_date, id) WHERE type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_by_assignee ON deal_activities (assignee_id, activity_date, id)
  WHERE type IN ('call', 'email', 'meeting', 'note', 'task');

-- What is due when, however much has been done before; and what is planned for one lead (deals have deal_activities_next_step).
CREATE INDEX lead_activities_pending ON lead_activities (due_date, (coalesce(due_time, '24:00'::time)), (-id)) WHERE status = 'pending';
CREATE INDEX deal_activities_pending ON deal_activities (due_date, (coalesce(due_time, '24:00'::time)), id) WHERE status = 'pending';
CREATE INDEX lead_activities_planned ON lead_activities (lead_id, due_date, due_time, id) WHERE status = 'pending';
