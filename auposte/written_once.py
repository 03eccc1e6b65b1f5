"""Querysets whose SQL Django writes once a process, for the pages that are asked for most.

Writing it took the ORM longer than PostgreSQL needs to answer, and planning it took PostgreSQL
longer than running it: that is done once a connection. What comes back are the same model
instances, by Django's own reading of the rows.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from psycopg import RawCursor
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)
# What the compiler does not learn while it writes: the rest it needs to read the rows.
NOT_LEARNT = {"query", "connection", "using", "quote_cache"}
FILLED_IN = (str, int, dt.date)
Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Blank:
    name: str


@dataclass(frozen=True)
class _Written:
    """A query's text, its parameters with the blanks among them, and how to read its rows.

    `planned` is the text for PostgreSQL: its parameters are the values of `blanks`, no others.
    """

    query: Any
    sql: str
    params: tuple[Any, ...]
    planned: str
    blanks: tuple[str, ...]
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
        blanks = tuple(self._blanks)
        planned = _planned(sql, filled, blanks)
        return _Written(
            query=query, sql=sql, params=filled, planned=planned, blanks=blanks, learnt=learnt
        )


def _planned(sql: str, params: tuple[Any, ...], blanks: tuple[str, ...]) -> str:
    """The text with `$1` for the first of the blanks, and whatever never changes written out."""
    places = {name: f"${number}" for number, name in enumerate(blanks, 1)}
    remaining = iter(params)

    def written(mark: re.Match[str]) -> str:
        if mark[0] == "%%":
            return "%"
        value = next(remaining)
        if isinstance(value, _Blank):
            return places[value.name]
        return Literal(value).as_string(connection.connection)

    connection.ensure_connection()
    return re.sub("%[s%]", written, sql)


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
        compiler.execute_sql = lambda *_, **__: [_rows(self._written, self._values)]
        return compiler


def _rows(written: _Written, values: dict[str, Any]) -> list[Row]:
    """The rows. A connection that was lost since it was last used is made anew, once.

    Django would ask before each request whether it still lives: that is another journey.
    """
    if connection.queries_logged:
        # Who looks at statements wants those that can be read.
        return _read_logged(written, values)
    try:
        return _read_planned(written, values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or not _is_lost():
            raise
        connection.close()
        return _read_planned(written, values)


def _is_lost() -> bool:
    return connection.connection is None or connection.connection.closed


def _read_planned(written: _Written, values: dict[str, Any]) -> list[Row]:
    """By a statement that PostgreSQL plans once a connection, with parameters beside its text.

    Django's own cursors write them into the text, so that each statement is a new one. This is as
    `connection.cursor()`, but for the class of what is wrapped.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        raw = RawCursor(connection.connection)
    with connection._prepare_cursor(raw) as cursor:  # type: ignore[attr-defined]  # see above
        cursor.execute(written.planned, tuple(values[name] for name in written.blanks))
        rows: list[Row] = cursor.fetchall()
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's: need not ask
    return rows


def _read_logged(written: _Written, values: dict[str, Any]) -> list[Row]:
    params = [values[one.name] if isinstance(one, _Blank) else one for one in written.params]
    with connection.cursor() as cursor:
        cursor.execute(written.sql, params)
        rows: list[Row] = cursor.fetchall()
        return rows
