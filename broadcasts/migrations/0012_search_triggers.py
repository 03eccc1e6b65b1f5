"""What keeps search true: triggers on everything that a broadcast's document is made of.

However a title, a name, a keyword or a cue is written, its transaction takes the document along, or
leaves a mark for `services/passages.py`. A document is locked before it is computed anew, and the
computing sees what others have committed until then: of two who write at a time, the second knows
of the first.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION search_document_vector(wanted bigint) RETURNS tsvector LANGUAGE sql AS $$
    SELECT
        setweight(french_vector(b.title), 'A')
        || setweight(french_vector(concat_ws(' ',
            (SELECT title FROM broadcasts_series WHERE id = b.series_id),
            (SELECT string_agg(concat_ws(' ', g.first_name, g.last_name), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'guest'),
            (SELECT string_agg(t.name, ' ')
             FROM broadcasts_broadcast_tags bt JOIN broadcasts_tag t ON t.id = bt.tag_id
             WHERE bt.broadcast_id = b.id)
        )), 'B')
        || setweight(french_vector(concat_ws(' ',
            b.dek,
            (SELECT string_agg(coalesce(nullif(a.function, ''), g.title), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'guest')
        )), 'C')
        || setweight(french_vector(concat_ws(' ',
            search_plain_of_html(b.body_opening), search_plain_of_html(b.body_rest),
            (SELECT string_agg(concat_ws(' ', g.first_name, g.last_name), ' ')
             FROM broadcasts_appearance a JOIN guests_guest g ON g.id = a.guest_id
             WHERE a.broadcast_id = b.id AND a.role = 'host')
        )), 'D')
    FROM broadcasts_broadcast b WHERE b.id = wanted
$$;

CREATE FUNCTION search_refresh(wanted bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In an order that all share, so that nobody waits in a circle.
    PERFORM FROM broadcasts_searchdocument
        WHERE broadcast_id = ANY(wanted) ORDER BY broadcast_id FOR UPDATE;
    UPDATE broadcasts_searchdocument SET vector = search_document_vector(broadcast_id)
        WHERE broadcast_id = ANY(wanted)
            AND EXISTS (SELECT FROM broadcasts_broadcast WHERE id = broadcast_id);
END $$;

CREATE FUNCTION search_broadcast_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO broadcasts_searchdocument (broadcast_id, vector, spoken, vocabulary)
            VALUES (NEW.id, search_document_vector(NEW.id), ''::tsvector, '{}');
    ELSE
        PERFORM search_refresh(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_broadcast_made AFTER INSERT ON broadcasts_broadcast
    FOR EACH ROW EXECUTE FUNCTION search_broadcast_written();
CREATE TRIGGER search_broadcast_changed AFTER UPDATE ON broadcasts_broadcast
    FOR EACH ROW WHEN (
        (OLD.title, OLD.dek, OLD.body_opening, OLD.body_rest, OLD.series_id)
        IS DISTINCT FROM (NEW.title, NEW.dek, NEW.body_opening, NEW.body_rest, NEW.series_id)
    ) EXECUTE FUNCTION search_broadcast_written();

CREATE FUNCTION search_named_otherwise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_refresh(CASE TG_TABLE_NAME
        WHEN 'guests_guest' THEN ARRAY(
            SELECT broadcast_id FROM broadcasts_appearance WHERE guest_id = NEW.id)
        WHEN 'broadcasts_tag' THEN ARRAY(
            SELECT broadcast_id FROM broadcasts_broadcast_tags WHERE tag_id = NEW.id)
        ELSE ARRAY(SELECT id FROM broadcasts_broadcast WHERE series_id = NEW.id)
    END);
    RETURN NULL;
END $$;
CREATE TRIGGER search_guest_renamed AFTER UPDATE ON guests_guest
    FOR EACH ROW WHEN (
        (OLD.first_name, OLD.last_name, OLD.title)
        IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.title)
    ) EXECUTE FUNCTION search_named_otherwise();
CREATE TRIGGER search_tag_renamed AFTER UPDATE ON broadcasts_tag
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
    EXECUTE FUNCTION search_named_otherwise();
CREATE TRIGGER search_series_renamed AFTER UPDATE ON broadcasts_series
    FOR EACH ROW WHEN (OLD.title IS DISTINCT FROM NEW.title)
    EXECUTE FUNCTION search_named_otherwise();

-- Once for a statement: keywords and guests come by the dozen, in an import by the thousand.
CREATE FUNCTION search_tied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM search_refresh(ARRAY(
            SELECT broadcast_id FROM changed UNION SELECT broadcast_id FROM before));
    ELSE
        PERFORM search_refresh(ARRAY(SELECT DISTINCT broadcast_id FROM changed));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION search_cues_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO broadcasts_stalespeech (broadcast_number)
        SELECT DISTINCT t.broadcast_id FROM broadcasts_transcript t
        WHERE t.id IN (SELECT transcript_id FROM changed);
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO broadcasts_stalespeech (broadcast_number)
            SELECT DISTINCT t.broadcast_id FROM broadcasts_transcript t
            WHERE t.id IN (SELECT transcript_id FROM before EXCEPT
                           SELECT transcript_id FROM changed);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION search_transcripts_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO broadcasts_stalespeech (broadcast_number)
        SELECT DISTINCT broadcast_id FROM changed;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO broadcasts_stalespeech (broadcast_number)
            SELECT broadcast_id FROM before EXCEPT SELECT broadcast_id FROM changed;
    END IF;
    RETURN NULL;
END $$;
"""
DROP = """
DROP FUNCTION search_transcripts_written();
DROP FUNCTION search_cues_written();
DROP FUNCTION search_tied();
DROP TRIGGER search_series_renamed ON broadcasts_series;
DROP TRIGGER search_tag_renamed ON broadcasts_tag;
DROP TRIGGER search_guest_renamed ON guests_guest;
DROP FUNCTION search_named_otherwise();
DROP TRIGGER search_broadcast_changed ON broadcasts_broadcast;
DROP TRIGGER search_broadcast_made ON broadcasts_broadcast;
DROP FUNCTION search_broadcast_written();
DROP FUNCTION search_refresh(bigint[]);
DROP FUNCTION search_document_vector(bigint);
"""

WATCHED = {
    "broadcasts_broadcast_tags": "search_tied",
    "broadcasts_appearance": "search_tied",
    "broadcasts_cue": "search_cues_written",
    "broadcasts_transcript": "search_transcripts_written",
}
# A transition table belongs to one kind of statement.
SEEN = {
    "INSERT": "NEW TABLE AS changed",
    "UPDATE": "NEW TABLE AS changed OLD TABLE AS before",
    "DELETE": "OLD TABLE AS changed",
}
TIES = "".join(
    f"CREATE TRIGGER search_{table}_{kind.lower()} AFTER {kind} ON {table} REFERENCING {seen}"
    f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
    for table, function in WATCHED.items()
    for kind, seen in SEEN.items()
)
UNTIE = "".join(
    f"DROP TRIGGER search_{table}_{kind.lower()} ON {table};" for table in WATCHED for kind in SEEN
)

# Vectors stay in their rows: thousands are looked at for a phrase, and fetching each from beside the
# table took four times as long.
INLINE = """
ALTER TABLE broadcasts_passage SET (toast_tuple_target = 8160);
ALTER TABLE broadcasts_searchdocument SET (toast_tuple_target = 8160);
"""
ASIDE = """
ALTER TABLE broadcasts_searchdocument RESET (toast_tuple_target);
ALTER TABLE broadcasts_passage RESET (toast_tuple_target);
"""

FILL = """
INSERT INTO broadcasts_searchdocument (broadcast_id, vector, spoken, vocabulary)
    SELECT id, search_document_vector(id), ''::tsvector, '{}' FROM broadcasts_broadcast;
INSERT INTO broadcasts_stalespeech (broadcast_number)
    SELECT DISTINCT broadcast_id FROM broadcasts_transcript;
"""
EMPTY = "DELETE FROM broadcasts_searchdocument; DELETE FROM broadcasts_stalespeech;"


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0011_search"), ("guests", "0003_versions"))
    operations = (
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(TIES, UNTIE),
        migrations.RunSQL(INLINE, ASIDE),
        migrations.RunSQL(FILL, EMPTY),
    )
