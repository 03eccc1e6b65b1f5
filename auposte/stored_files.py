"""Where our files lie, and fields whose files leave with their row, once that is committed."""

import functools
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage
from django.db import models, transaction

if TYPE_CHECKING:
    FileField = models.FileField
else:
    FileField = object

MOST_ADDRESSES = 10_000


class MediaStorage(FileSystemStorage):
    """A folder. An address is worked out once: a page has a dozen."""

    def url(self, name: str | None) -> str:
        known = self._addresses.get(name)
        if known is None:
            if len(self._addresses) >= MOST_ADDRESSES:
                self._addresses.clear()
            known = self._addresses[name] = super().url(name)
        return known

    @functools.cached_property
    def _addresses(self) -> dict[str | None, str]:
        return {}


class RemovesFiles(FileField):
    """Mixed into a file field: what no row of the model names any longer is removed.

    A field says how in `discard`.
    """

    def discard(self, name: str) -> None:
        """Delete what is stored under this name."""
        raise NotImplementedError

    def contribute_to_class(  # type: ignore[override]  # as FileField has it, unlike its stub
        self, cls: type[models.Model], name: str, **kwargs: Any
    ) -> None:
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            models.signals.post_delete.connect(self._row_deleted, sender=cls)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        stored = None if add else self._stored_name(model_instance)
        file = super().pre_save(model_instance, add)
        if stored and stored != file.name:
            self._remove_after_commit(type(model_instance), stored, model_instance._state.db)
        return file

    def _stored_name(self, instance: models.Model) -> str | None:
        rows = type(instance)._base_manager.using(instance._state.db)
        return rows.filter(pk=instance.pk).values_list(self.attname, flat=True).first()

    def _row_deleted(self, instance: models.Model, using: str, **_: object) -> None:
        name = str(instance.__dict__.get(self.attname) or "")  # nothing when it was deferred
        if name:
            self._remove_after_commit(type(instance), name, using)

    def _remove_after_commit(self, model: type[models.Model], name: str, using: str | None) -> None:
        remove = functools.partial(self._remove_unless_named, model, name)
        transaction.on_commit(remove, using=using, robust=True)

    def _remove_unless_named(self, model: type[models.Model], name: str) -> None:
        if not model._base_manager.filter(**{self.attname: name}).exists():
            self.discard(name)
