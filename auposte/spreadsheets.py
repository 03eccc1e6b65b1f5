"""CSV as a spreadsheet in France opens it: semicolons, decimal commas, a byte order mark."""

import csv
import datetime as dt
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"  # without it, a spreadsheet takes UTF-8 for something older
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | dt.date | None


def decimal(cents: int) -> str:
    """`-1234,50`: an amount as a cell, without spaces or sign of currency."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole},{rest:02d}"


def harmless(text: str) -> str:
    """Words that a spreadsheet would take for a formula, kept words."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def csv_rows(rows: Iterable[Iterable[Cell]]) -> str:
    """Lines of a file. Words must be `harmless` and amounts `decimal` already; days are ISO."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def csv_text(rows: Iterable[Iterable[Cell]]) -> str:
    """The same as a whole file, with its byte order mark."""
    return BYTE_ORDER_MARK + csv_rows(rows)
