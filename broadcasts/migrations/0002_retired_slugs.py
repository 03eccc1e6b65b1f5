"""An address that once led somewhere is never given to something else."""

from django.db import migrations

CREATE = """
CREATE FUNCTION broadcast_slug_is_not_retired() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM broadcasts_redirect
        WHERE path = '/emissions/' || NEW.slug AND broadcast_id IS DISTINCT FROM NEW.id
    ) THEN
        RAISE EXCEPTION 'the slug % is retired: it still redirects elsewhere', NEW.slug
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'broadcast_slug_not_retired';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER broadcast_slug_not_retired
    BEFORE INSERT OR UPDATE OF slug ON broadcasts_broadcast
    FOR EACH ROW EXECUTE FUNCTION broadcast_slug_is_not_retired();
"""

DROP = """
DROP TRIGGER broadcast_slug_not_retired ON broadcasts_broadcast;
DROP FUNCTION broadcast_slug_is_not_retired();
"""


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0001_initial"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
