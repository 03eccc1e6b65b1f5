"""Versions of a page's text, by django-simple-history.

The library keeps a row at each `save()`: one press of « Enregistrer » would leave three of them
(the page, its keywords, its people), and none would hold the whole. Here a version is kept when a
service says so, once everything is written, and it names who wrote it: no middleware has to look
at the session of each request.
"""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class Versions(HistoricalRecords):  # type: ignore[misc]  # the library has no types
    """Declared on a model as `history`; `keep` writes a version, nothing else does.

    Image files are not copied: a version holds their names. Versions go with their page.
    """

    def __init__(self, *, name: str, name_plural: str, **kwargs: Any) -> None:
        super().__init__(verbose_name=name, verbose_name_plural=name_plural, **kwargs)

    def post_save(self, *args: Any, **kwargs: Any) -> None:
        """Kept by `keep` alone."""

    def post_delete(self, instance: models.Model, **kwargs: Any) -> None:
        manager: Any = getattr(type(instance), self.manager_name)
        manager.filter(**{instance._meta.pk.attname: instance.pk}).delete()

    def pre_delete(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to load: no version is made of what goes."""
