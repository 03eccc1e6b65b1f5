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
        stripe.Invoice,
        stripe.InvoiceLineItem,
        stripe.InvoicePayment,
        stripe.LineItem,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Payout,
        stripe.Price,
        stripe.Product,
        stripe.Refund,
        stripe.Subscription,
        stripe.SubscriptionItem,
        stripe.radar.EarlyFraudWarning,
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

    Raises StripeError for a field that cannot be expanded, or more than four levels. A list's
    `data` is one of them: `data.payments.data.payment.payment_intent` is too deep in Stripe, too.
    """
    answer = copy.deepcopy(record)
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise misuse(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        _walk(answer, steps, path, source, None)
    return answer


def _walk(node: Any, steps: list[str], path: str, source: Source, shape: Any) -> None:
    """Expand along `steps`; `shape` is the SDK's class of a node that is no object of its own."""
    if not steps or node is None:
        return
    name, rest = steps[0], steps[1:]
    if node.get("object") == "list":
        if name != "data":
            raise _cannot(path)
        for item in node["data"]:
            _walk(item, rest, path, source, None)
        return
    shape = CLASSES.get(node.get("object", ""), shape)
    hint = shape.__annotations__.get(name) if shape else None
    if not _is_expandable(hint):
        # Stripe walks through what is there in full, to expand something within.
        if not rest or not (isinstance(node.get(name), dict) or _structure(hint)):
            raise _cannot(path)
        _walk(node.get(name), rest, path, source, _structure(hint))
        return
    value = node.get(name)
    if isinstance(value, str):
        kind = KINDS_BY_PREFIX.get(value.split("_", 1)[0], "")
        # A product's id may be of one's own choice.
        found = source.get("product" if name == "product" else kind, value)
        if found is None:
            raise no_such(name, value, param="expand")
        node[name] = copy.deepcopy(found)
    elif value is None:
        included = _left_out(node, name, source)
        if included is not None:
            node[name] = included
    _walk(node.get(name), rest, path, source, None)


def _is_expandable(hint: Any) -> bool:
    """Say whether the SDK types a field as an id or an object, or as a list object."""
    parts = typing.get_args(hint)
    named = any(isinstance(part, typing.ForwardRef) for part in parts)
    lists = any(typing.get_origin(part) is stripe.ListObject for part in (hint, *parts))
    return (named and str in parts) or lists


def _structure(hint: Any) -> Any:
    """Return the class of a field that is a structure within its object, or None."""
    for kind in (hint, *typing.get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
            return kind
    return None


def _left_out(node: Json, name: str, source: Source) -> Json | None:
    """Return the lists that Stripe leaves out of an object unless they are expanded."""
    if (node.get("object"), name) == ("charge", "refunds"):
        url = f"/v1/charges/{node['id']}/refunds"
        refunds = [row for row in source.rows("refund") if row["charge"] == node["id"]]
        return listing(url, copy.deepcopy(refunds[::-1]))
    if (node.get("object"), name) == ("invoice", "payments"):
        rows = [row for row in source.rows("invoice_payment") if row["invoice"] == node["id"]]
        return listing(f"/v1/invoice_payments?invoice={node['id']}", copy.deepcopy(rows[::-1]))
    if (node.get("object"), name) == ("checkout.session", "line_items"):
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


def within(at: int, span: Any) -> bool:
    """Say whether a time is that of a parameter such as `created`: a second, or gt/gte/lt/lte."""
    if not isinstance(span, dict):
        return bool(at == span)
    return bool(
        at > span.get("gt", at - 1)
        and at >= span.get("gte", at)
        and at < span.get("lt", at + 1)
        and at <= span.get("lte", at)
    )
