-- What is planned for no day is little among all that is planned or has no day, and was found by reading all of it. As one expression it can be counted
-- ahead, and so the index that holds nothing else is taken.
CREATE STATISTICS lead_activities_undated_share ON (CASE WHEN due_date IS NULL THEN status END) FROM lead_activities;
CREATE STATISTICS deal_activities_undated_share ON (CASE WHEN due_date IS NULL THEN status END) FROM deal_activities;
CREATE INDEX lead_activities_undated ON lead_activities (activity_date, (-id))
  WHERE CASE WHEN due_date IS NULL THEN status END = 'pending' AND type IN ('call', 'email', 'meeting', 'note', 'task');
CREATE INDEX deal_activities_undated ON deal_activities (activity_date, id)
  WHERE CASE WHEN due_date IS NULL THEN status END = 'pending' AND type IN ('call', 'email', 'meeting', 'note', 'task');
