-- Deals in the order of what comes next of them: read from the first due on, not gathered from all of them for each page.
CREATE INDEX deal_activities_next_due ON deal_activities (due_date, deal_id) WHERE status = 'pending' AND due_date IS NOT NULL;
