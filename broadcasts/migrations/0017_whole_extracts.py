"""An extract is of a whole episode: never of another extract."""

from django.db import migrations

# The whole is locked until the end: of two transactions that see nothing of each other, each might
# find its own side in order.
CREATE = """
CREATE FUNCTION extract_is_of_a_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole record;
BEGIN
    SELECT extract_of_id INTO whole
        FROM broadcasts_broadcast WHERE id = NEW.extract_of_id FOR SHARE;
    IF whole.extract_of_id IS NOT NULL
        OR EXISTS (SELECT FROM broadcasts_broadcast WHERE extract_of_id = NEW.id)
    THEN
        RAISE EXCEPTION 'broadcast % would be an extract of an extract, or have extracts', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'broadcast_extract_of_a_whole';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER broadcast_extract_of_a_whole
    AFTER INSERT OR UPDATE OF extract_of_id ON broadcasts_broadcast
    FOR EACH ROW WHEN (NEW.extract_of_id IS NOT NULL)
    EXECUTE FUNCTION extract_is_of_a_whole();
"""
DROP = """
DROP TRIGGER broadcast_extract_of_a_whole ON broadcasts_broadcast;
DROP FUNCTION extract_is_of_a_whole();
"""


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0016_longest_texts"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
