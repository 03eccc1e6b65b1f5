"""Querysets whose SQL Django writes once a process, for the pages that are asked for most.

Writing it took the ORM longer than PostgreSQL needs to answer, and planning it took PostgreSQL
longer than running it: that is done once a connection. What comes back are the same model
instances, by Django's own reading of the rows.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=Model)
# What the compiler does not learn while it writes: the rest it needs to read the rows.
NOT_LEARNT = {"query", "connection", "using", "quote_cache"}
FILLED_IN = (str, int, dt.date)


def planned_cursor() -> CursorWrapper:
    """A cursor whose statements PostgreSQL plans once a connection. Parameters go beside the text.

    Django's own cursors write them into the text, so that each statement is a new one. As
    `connection.cursor()`, but for the class of what is wrapped; and where statements are logged,
    which want their text, it is that.
    """
    if connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # psycopg's
        return connection._prepare_cursor(raw)  # type: ignore[attr-defined,no-any-return]


@dataclass(frozen=True)
class _Blank:
    name: str


@dataclass(frozen=True)
class _Written:
    """A query's text, its parameters with the blanks among them, and how to read its rows."""

    query: Any
    sql: str
    params: tuple[Any, ...]
    learnt: dict[str, Any]


class WrittenOnce(Generic[M]):
    """A queryset to be called with the values of its blanks, as the database takes them.

    `build` gets the blanks: values that occur nowhere else in the query. It must not look at them,
    nor at anything that changes: an `if`, a list of ids, the time now would be written for good.
    There is no `prefetch_related`.
    """

    def __init__(self, build: Callable[..., "QuerySet[M]"], **blanks: Any) -> None:
        self._build = build
        self._blanks = blanks
        self._written: _Written | None = None

    def __call__(self, **values: Any) -> list[M]:
        if self._written is None:
            self._written = self._write()
        return list(ModelIterable(_Filled(self._written, values)))  # type: ignore[arg-type]

    def _write(self) -> _Written:
        query = self._build(**self._blanks).query
        compiler = query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        names = {blank: name for name, blank in self._blanks.items()}
        filled = tuple(
            _Blank(names[value]) if isinstance(value, FILLED_IN) and value in names else value
            for value in params
        )
        missing = set(self._blanks) - {one.name for one in filled if isinstance(one, _Blank)}
        if missing:
            raise ValueError(f"The query has no place for {', '.join(sorted(missing))}.")
        learnt = {name: each for name, each in vars(compiler).items() if name not in NOT_LEARNT}
        return _Written(query=query, sql=sql, params=filled, learnt=learnt)


class _Filled:
    """What `ModelIterable` wants of a queryset, and of its query: a compiler, which has written."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}  # never written to

    def __init__(self, written: _Written, values: dict[str, Any]) -> None:
        self.query = self
        self._written, self._values = written, values

    def get_compiler(self, using: str, **_: Any) -> Any:
        """One of this thread's connection."""
        compiler = self._written.query.get_compiler(using=using)
        vars(compiler).update(self._written.learnt)
        params = tuple(
            self._values[one.name] if isinstance(one, _Blank) else one
            for one in self._written.params
        )
        compiler.execute_sql = lambda *_, **__: [_rows(self._written.sql, params)]
        return compiler


def _rows(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with planned_cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
