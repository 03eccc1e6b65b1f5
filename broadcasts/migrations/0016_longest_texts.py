"""A text with more different words than a vector holds is saved, and found by its first words.

A vector holds a megabyte: of the texts of a broadcast as much is read as leaves what was said its
place beside it (`MOST_BYTES` in services/passages.py).
"""

from django.db import migrations

MADE_OF = """
    SELECT
        b.title AS a,
        concat_ws(' ',
            (SELECT title FROM broadcasts_series WHERE id = b.series_id),
            (SELECT string_agg(concat_ws(' ', g.first_name, g.last_name), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'guest'),
            (SELECT string_agg(t.name, ' ')
             FROM broadcasts_broadcast_tags bt JOIN broadcasts_tag t ON t.id = bt.tag_id
             WHERE bt.broadcast_id = b.id)
        ) AS b,
        concat_ws(' ',
            b.dek,
            (SELECT string_agg(coalesce(nullif(a.function, ''), g.title), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'guest')
        ) AS c,
        concat_ws(' ',
            search_plain_of_html(b.body_opening), search_plain_of_html(b.body_rest),
            (SELECT string_agg(concat_ws(' ', g.first_name, g.last_name), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'host')
        ) AS d
    FROM broadcasts_broadcast b WHERE b.id = wanted
"""
WHOLE = f"""
CREATE FUNCTION search_document_vector(wanted bigint) RETURNS tsvector LANGUAGE sql AS $$
    SELECT setweight(french_vector(a), 'A') || setweight(french_vector(b), 'B')
        || setweight(french_vector(c), 'C') || setweight(french_vector(d), 'D')
    FROM ({MADE_OF}) AS texts
$$;
"""  # noqa: S608  # our own names
# Letters are left off at the end, a quarter at a time: what they come to is known once they are read.
CUT = f"""
CREATE FUNCTION search_document_vector(wanted bigint) RETURNS tsvector LANGUAGE plpgsql AS $$
DECLARE
    texts record;
    vector tsvector;
    letters int;
BEGIN
    SELECT * INTO texts FROM ({MADE_OF}) AS found;
    letters := greatest(length(texts.a), length(texts.b), length(texts.c), length(texts.d));
    LOOP
        BEGIN
            vector := setweight(french_vector(left(texts.a, letters)), 'A')
                || setweight(french_vector(left(texts.b, letters)), 'B')
                || setweight(french_vector(left(texts.c, letters)), 'C')
                || setweight(french_vector(left(texts.d, letters)), 'D');
            EXIT WHEN coalesce(pg_column_size(strip(vector)), 0) <= 440000;
        EXCEPTION WHEN program_limit_exceeded THEN
            NULL;
        END;
        letters := letters * 3 / 4;
    END LOOP;
    RETURN vector;
END $$;
"""  # noqa: S608  # our own names
DROP = "DROP FUNCTION search_document_vector(bigint);"


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0015_announced_hours"),)
    operations = (migrations.RunSQL([DROP, CUT], [DROP, WHOLE]),)
