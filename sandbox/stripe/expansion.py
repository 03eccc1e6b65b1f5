"""Expands ids into objects, and cuts lists into pages, as https://docs.stripe.com/api describes."""

from __future__ import annotations

import copy
import typing
from collections.abc import Iterable
from typing import Any, Protocol

import stripe
from stripe import checkout

from sandbox.stripe.account import KINDS_BY_PREFIX
from sandbox.stripe.errors import misuse, no_such
from sandbox.stripe.objects import listing
from sandbox.stripe.store import Json

CLASSES: dict[str, Any] = {
    cls.OBJECT_NAME: cls
    for cls in (
        checkout.Session,
        stripe.BalanceTransaction,
        stripe.Charge,
        stripe.Customer,
        stripe.Dispute,
        stripe.Event,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Refund,
    )
}
DEEPEST = 4


class Source(Protocol):
    """Where objects are found: the store, or a change that has not been made yet."""

    def get(self, table: str, key: str) -> Json | None:
        """Return one record."""

    def rows(self, table: str) -> list[Json]:
        """Return a table's records."""


def expand(record: Json, paths: Iterable[str], source: Source) -> Json:
    """Return a copy of an object with the dotted `paths` expanded.

    Raises StripeError for a field that cannot be expanded, or more than four levels.
    """
    answer = copy.deepcopy(record)
    for path in paths:
        steps = path.split(".")
        if len([step for step in steps if step != "data"]) > DEEPEST:
            raise misuse(
                f"You cannot expand more than {DEEPEST} levels of a property", param="expand"
            )
        _walk(answer, steps, path, source)
    return answer


def _walk(node: Any, steps: list[str], path: str, source: Source) -> None:
    if not steps or node is None:
        return
    name, rest = steps[0], steps[1:]
    if node.get("object") == "list":
        if name != "data":
            raise _cannot(path)
        for item in node["data"]:
            _walk(item, rest, path, source)
        return
    if name not in _expandable(node.get("object", "")):
        raise _cannot(path)
    value = node.get(name)
    if isinstance(value, str):
        kind = KINDS_BY_PREFIX.get(value.split("_", 1)[0], "")
        found = source.get(kind, value)
        if found is None:
            raise no_such(name, value, param="expand")
        node[name] = copy.deepcopy(found)
    elif value is None:
        included = _left_out(node, name, source)
        if included is not None:
            node[name] = included
    _walk(node.get(name), rest, path, source)


def _expandable(kind: str) -> set[str]:
    """Return the fields that the SDK's class types as an id or an object, or as a list object."""
    cls = CLASSES.get(kind)
    if cls is None:
        return set()
    return {name for name, hint in cls.__annotations__.items() if _is_expandable(hint)}


def _is_expandable(hint: Any) -> bool:
    parts = typing.get_args(hint)
    named = any(isinstance(part, typing.ForwardRef) for part in parts)
    lists = any(typing.get_origin(part) is stripe.ListObject for part in parts)
    return (named and str in parts) or lists


def _left_out(node: Json, name: str, source: Source) -> Json | None:
    """Return the lists that Stripe leaves out of an object unless they are expanded."""
    if (node["object"], name) == ("charge", "refunds"):
        url = f"/v1/charges/{node['id']}/refunds"
        refunds = [row for row in source.rows("refund") if row["charge"] == node["id"]]
        return listing(url, copy.deepcopy(refunds[::-1]))
    if (node["object"], name) == ("checkout.session", "line_items"):
        extra = source.get("session_extra", node["id"]) or {"line_items": []}
        url = f"/v1/checkout/sessions/{node['id']}/line_items"
        return listing(url, copy.deepcopy(extra["line_items"]))
    return None


def _cannot(path: str) -> Exception:
    return misuse(f"This property cannot be expanded ({path}).", param="expand")


def page(rows: list[Json], params: Json, url: str) -> Json:
    """Return one page, newest first, of rows given oldest first.

    `params`: `limit` (1 to 100, 10 by default), and `starting_after` or `ending_before`, ids.
    """
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise misuse("Invalid integer: limit is from 1 to 100", param="limit")
    newest_first = rows[::-1]
    ids = [row["id"] for row in newest_first]
    if "starting_after" in params:
        rest = newest_first[_place(ids, params["starting_after"], "starting_after") + 1 :]
        return listing(url, rest[:limit], has_more=len(rest) > limit)
    if "ending_before" in params:
        before = newest_first[: _place(ids, params["ending_before"], "ending_before")]
        return listing(url, before[-limit:], has_more=len(before) > limit)
    return listing(url, newest_first[:limit], has_more=len(newest_first) > limit)


def _place(ids: list[str], key: str, param: str) -> int:
    try:
        return ids.index(key)
    except ValueError:
        raise no_such("object", key, param=param) from None


def created_within(row: Json, span: Any) -> bool:
    """Say whether `created` lies within a `created` parameter: a second, or gt/gte/lt/lte."""
    if not isinstance(span, dict):
        return bool(row["created"] == span)
    at = row["created"]
    return bool(
        at > span.get("gt", at - 1)
        and at >= span.get("gte", at)
        and at < span.get("lt", at + 1)
        and at <= span.get("lte", at)
    )
