from django.db import migrations

from outlet.first_pages import write_missing


def write(apps, schema_editor):
    write_missing(apps.get_model("outlet", "Page")._default_manager.using(schema_editor.connection.alias))


class Migration(migrations.Migration):

    dependencies = [("outlet", "0001_initial")]

    # Going back drops the tables.
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
