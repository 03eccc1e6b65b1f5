"""What holds for broadcasts holds for people and series: a retired address is not given away."""

from django.db import migrations

CREATE = """
CREATE FUNCTION page_slug_is_not_retired() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM broadcasts_redirect'
        ' WHERE path = $1 AND %I IS DISTINCT FROM $2)', TG_ARGV[1]
    ) INTO taken USING TG_ARGV[0] || NEW.slug, NEW.id;
    IF taken THEN
        RAISE EXCEPTION 'the slug % is retired: it still redirects elsewhere', NEW.slug
            USING ERRCODE = 'unique_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guest_slug_not_retired
    BEFORE INSERT OR UPDATE OF slug ON guests_guest
    FOR EACH ROW EXECUTE FUNCTION page_slug_is_not_retired('/invites/', 'guest_id');

CREATE TRIGGER series_slug_not_retired
    BEFORE INSERT OR UPDATE OF slug ON broadcasts_series
    FOR EACH ROW EXECUTE FUNCTION page_slug_is_not_retired('/series/', 'series_id');
"""

DROP = """
DROP TRIGGER series_slug_not_retired ON broadcasts_series;
DROP TRIGGER guest_slug_not_retired ON guests_guest;
DROP FUNCTION page_slug_is_not_retired();
"""


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0002_retired_slugs"), ("guests", "0002_initial"))
    operations = (migrations.RunSQL(CREATE, DROP),)
