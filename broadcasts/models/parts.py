"""What a version of a broadcast holds beside its own fields."""

from django.db import models


class WithParts(models.Model):
    """`parts`: `{"tags": [{…}], "appearances": […], "chapters": […], …}`, as plain facts.

    Names stand beside keys, so that a version can be read when what it names has gone.
    """

    parts = models.JSONField("autour du texte", default=dict)

    class Meta:
        abstract = True
