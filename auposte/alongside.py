"""Rows that are read along with another, in its own query: a page costs one journey, not six.

PostgreSQL writes them as JSON arrays, in the order of the model's columns; they come back as the
model's instances, whole, so that nothing is asked for later.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    DateField,
    DateTimeField,
    DecimalField,
    Func,
    JSONField,
    Model,
    QuerySet,
)
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)
# JSON has no such things: they come as text or as a number.
WRITTEN_AS_TEXT = (DateField, DateTimeField, DecimalField)


class _JsonArray(Func):
    function = "jsonb_build_array"
    output_field = JSONField()


@dataclass(frozen=True)
class _Columns:
    """Columns of a model in its own order, and which of them JSON writes as something else."""

    names: tuple[str, ...]
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...]

    @classmethod
    def of(cls, model: type[Model], only: tuple[str, ...] = ()) -> "_Columns":
        fields = [f for f in model._meta.concrete_fields if not only or f.attname in only]
        return cls(
            names=tuple(field.attname for field in fields),
            conversions=tuple(
                (place, field.to_python)
                for place, field in enumerate(fields)
                if isinstance(field, WRITTEN_AS_TEXT)
            ),
        )


class Alongside(Generic[M]):
    """Rows of a model, and where `joined` names a foreign key, the row that each points at.

    `only` names the columns that are wanted of a row, if not all are; `also` what the queryset adds
    to it by `annotate`, which comes as JSON has it.
    """

    def __init__(
        self,
        model: type[M],
        *,
        joined: str = "",
        only: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
    ) -> None:
        self._model = model
        self._joined = joined
        self._only = only
        self._also = also

    def read_by(self, queryset: "QuerySet[M]") -> ArraySubquery:
        """The expression for `annotate`; `queryset` says which rows (OuterRef), and their order."""
        names = list(self._columns.names)
        if self._joined:
            names += [f"{self._joined}__{name}" for name in self._joined_columns.names]
        return ArraySubquery(queryset.values(json=_JsonArray(*names, *self._also)))

    def instances(self, rows: list[list[Any]]) -> tuple[M, ...]:
        """What the annotation holds, as instances."""
        return tuple(self._instance(row) for row in rows)

    def _instance(self, row: list[Any]) -> M:
        width, end = len(self._columns.names), len(row) - len(self._also)
        one = _from_row(self._model, self._columns, row[:width])
        if self._joined:
            target = _from_row(self._target, self._joined_columns, row[width:end])
            setattr(one, self._joined, target)
        for name, value in zip(self._also, row[end:], strict=True):
            setattr(one, name, value)
        return one

    @functools.cached_property
    def _target(self) -> type[Model]:
        return self._model._meta.get_field(self._joined).related_model  # type: ignore[return-value]  # a model, once all are loaded

    # Worked out at first use: models point at others that load later.
    @functools.cached_property
    def _columns(self) -> _Columns:
        return _Columns.of(self._model, self._only)

    @functools.cached_property
    def _joined_columns(self) -> _Columns:
        return _Columns.of(self._target)


def _from_row(model: type[M], columns: "_Columns", values: list[Any]) -> M:
    """As `Model.from_db`, without asking each column's descriptor and two signals that nobody here
    hears: they took a tenth of a page. Columns that were not read are deferred, as there.
    """
    for place, convert in columns.conversions:
        values[place] = convert(values[place])
    row = model.__new__(model)
    row.__dict__.update(zip(columns.names, values, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row
