-- The list of all activities tells a lead's from a deal's by the sign of the id. What a search of it has found is looked up by that.
CREATE INDEX lead_activities_key ON lead_activities ((-id));
