-- Search must find "Zoë" by "zoe" and take a typed % literally; the same folding serves generated columns, indexes and queries.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- IMMUTABLE only because dictionary and collation are named in full: unaccent(text) alone depends on the search path, and lower() on
-- the database's locale, which under "C" leaves Greek and Cyrillic capitals as they are.
CREATE FUNCTION search_fold(value text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN lower(public.unaccent('public.unaccent'::regdictionary, value) COLLATE "und-x-icu");

-- A word as a user typed it becomes a LIKE pattern "contains"; \, % and _ mean themselves.
CREATE FUNCTION search_pattern(word text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN '%' || regexp_replace(search_fold(word), '([\\%_])', '\\\1', 'g') || '%';

CREATE FUNCTION digits_of(value text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN regexp_replace(value, '[^0-9]+', '', 'g');
