"""Rows that are read along with another, in its own query: a page costs one journey, not six.

PostgreSQL writes them as JSON arrays, in the order of the model's columns; they come back as the
model's instances, whole, so that nothing is asked for later.
"""

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    JSONField,
    Model,
    QuerySet,
)

M = TypeVar("M", bound=Model)
# JSON has no such things: they come as text or as a number.
WRITTEN_AS_TEXT = (DateField, DateTimeField, DecimalField)


class _JsonArray(Func):
    function = "jsonb_build_array"
    output_field = JSONField()


class Alongside(Generic[M]):
    """Rows of a model, and where `joined` names a foreign key, the row that each points at."""

    def __init__(self, model: type[M], *, joined: str = "") -> None:
        self._model = model
        self._joined = joined

    def read_by(self, queryset: "QuerySet[M]") -> ArraySubquery:
        """The expression for `annotate`; `queryset` says which rows (OuterRef), and their order."""
        columns = [F(field.attname) for field in self._columns]
        if self._joined:
            columns += [F(f"{self._joined}__{field.attname}") for field in self._joined_columns]
        return ArraySubquery(queryset.values(json=_JsonArray(*columns)))

    def instances(self, rows: list[list[Any]]) -> tuple[M, ...]:
        """What the annotation holds, as instances."""
        return tuple(self._instance(row) for row in rows)

    def _instance(self, row: list[Any]) -> M:
        width = len(self._columns)
        one = _from_row(self._model, self._columns, row[:width])
        if self._joined:
            target = self._model._meta.get_field(self._joined).related_model
            setattr(one, self._joined, _from_row(target, self._joined_columns, row[width:]))  # type: ignore[arg-type]  # a model, by then
        return one

    @functools.cached_property
    def _columns(self) -> Any:
        return self._model._meta.concrete_fields

    @functools.cached_property
    def _joined_columns(self) -> Any:
        target = self._model._meta.get_field(self._joined).related_model
        return target._meta.concrete_fields  # type: ignore[union-attr]  # a model, by then


@functools.cache
def _conversions(model: type[Model]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    return tuple(
        (place, field.to_python)
        for place, field in enumerate(model._meta.concrete_fields)
        if isinstance(field, WRITTEN_AS_TEXT)
    )


def _from_row(model: type[M], columns: Any, values: list[Any]) -> M:
    for place, convert in _conversions(model):
        values[place] = convert(values[place])
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in columns], values)
