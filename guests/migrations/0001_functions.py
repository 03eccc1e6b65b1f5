"""Accent folding that indexes and generated columns may use."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

# unaccent() is only STABLE since its dictionary could change; ours is named and does not.
CREATE = """
CREATE FUNCTION immutable_unaccent(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT public.unaccent('public.unaccent'::regdictionary, $1) $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = ()
    operations = (
        UnaccentExtension(),
        migrations.RunSQL(CREATE, "DROP FUNCTION immutable_unaccent(text)"),
    )
