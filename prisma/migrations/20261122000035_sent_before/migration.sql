-- A form that is sent again with other words than the first time, its answer lost on the way perhaps, is not to be told that these were saved.
ALTER TABLE submissions ADD COLUMN content bytea; -- SHA-256 of what was sent
