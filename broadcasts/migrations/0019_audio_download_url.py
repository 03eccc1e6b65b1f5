from django.db import migrations, models

# An unchanged video is not read: the sounds that are there already would never learn theirs.
READ_AGAIN = """
UPDATE broadcasts_videosource SET etag = ''
    WHERE id IN (SELECT source_id FROM broadcasts_audio)
"""


class Migration(migrations.Migration):
    dependencies = (("broadcasts", "0018_own_paths"),)
    operations = (
        migrations.AddField(
            model_name="audio",
            name="download_url",
            field=models.URLField(
                blank=True,
                editable=False,
                max_length=1000,
                verbose_name="adresse de téléchargement",
            ),
        ),
        migrations.RunSQL(READ_AGAIN, migrations.RunSQL.noop),
    )
