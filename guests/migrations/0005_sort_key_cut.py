"""A name's key for sorting is cut to what its column holds: unaccented, « œ » is two letters."""

from django.db import migrations, models
from django.db.models.functions import Concat, Left, Lower

from guests.models import ImmutableUnaccent


class Migration(migrations.Migration):
    dependencies = (("guests", "0004_elsewhere"),)
    operations = (
        # PostgreSQL alters no generated column: it is made again.
        migrations.RemoveIndex("guest", "guest_sort"),
        migrations.RemoveField("guest", "sort_key"),
        migrations.AddField(
            "guest",
            "sort_key",
            models.GeneratedField(
                expression=Left(
                    Lower(
                        ImmutableUnaccent(Concat("last_name", models.Value(" "), "first_name"))
                    ),
                    250,
                ),
                output_field=models.CharField(max_length=250),
                db_persist=True,
            ),
        ),
        migrations.AddIndex("guest", models.Index(fields=["sort_key"], name="guest_sort")),
    )
