-- Contacts are among those who might be the same as a lead: without this, their e-mail addresses seem to be one in 200 (see the statistics of leads).
CREATE STATISTICS contacts_lower_email ON lower(email) FROM contacts;
