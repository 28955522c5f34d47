-- Search must find what is written with vowel signs (Arabic, Hebrew), with accents as signs of their own, or with a ς, by its plain letters.
-- Accents are taken off here and not left to unaccent, which knows a part of them, another one in each version. Then the parts of what consists of
-- several are put together again (Hangul). Nearly all texts are ASCII, and need none of it.
CREATE OR REPLACE FUNCTION search_fold(value text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE WHEN octet_length(value) = length(value) THEN lower(value COLLATE "und-x-icu")
    ELSE normalize(replace(lower(public.unaccent('public.unaccent'::regdictionary, regexp_replace(normalize(value, NFD),
      '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]', '', 'g'))
      COLLATE "und-x-icu"), 'ς', 'σ'), NFC) END;

-- A stored search text is made anew when its row is written. Nobody changed these: no version, no history. What was folded to ASCII stays as it is.
DO $$
DECLARE
  renewed record;
BEGIN
  FOR renewed IN
    SELECT * FROM (VALUES ('clients', 'name'), ('contacts', 'first_name'), ('leads', 'first_name'), ('deals', 'name'),
      ('contact_communications', 'subject'), ('lead_activities', 'subject'), ('deal_activities', 'subject')) AS t (name, written)
  LOOP
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', renewed.name);
    EXECUTE format('UPDATE %I SET %I = %2$I WHERE octet_length(search_text) <> length(search_text)', renewed.name, renewed.written);
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', renewed.name);
  END LOOP;
END $$;
REINDEX INDEX projects_search;
REINDEX INDEX quotes_search;
