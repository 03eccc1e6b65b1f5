"""Reads form-encoded requests and holds them against the installed SDK's own request types.

The SDK generates its TypedDicts from Stripe's OpenAPI description, so they say exactly which
parameters exist. Unlike Stripe, the SDK itself checks nothing at run time; this does.
"""

from __future__ import annotations

import functools
import re
import types
import typing
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Union
from urllib.parse import parse_qsl

import typing_extensions
from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from sandbox.stripe.errors import StripeError, misuse

Tree = dict[str, Any]

# The SDK's request types mix the parameters with options of the call, which travel as headers.
OPTIONS = frozenset(RequestOptions.__annotations__)
# Names that those options use and that the SDK imports for type checkers only.
OPTION_NAMES: dict[str, Any] = {"Mapping": Mapping, "StripeContext": str}

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def read_form(text: str) -> Tree:
    """Turn `a[b][0]=c` pairs into nested dicts (arrays stay dicts keyed "0", "1", …).

    Raises StripeError when a name is malformed or used both as a value and as a container.
    """
    root: Tree = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = KEY.fullmatch(name)
        if match is None:
            raise misuse(f"Received malformed parameter name: {name}", param=name)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        node = root
        for step in path[:-1]:
            inner = node.setdefault(step or str(len(node)), {})
            if not isinstance(inner, dict):
                raise misuse(f"Invalid object: {step}", param=name)
            node = inner
        last = path[-1] or str(len(node))
        if isinstance(node.get(last), dict):
            raise misuse(f"Invalid object: {last}", param=name)
        node[last] = value
    return root


def conform(tree: Tree, params_type: Any) -> Tree:
    """Return the parameters with the types that `params_type` (an SDK TypedDict) gives them.

    Strings become ints, bools and lists. Raises StripeError, naming the parameter as Stripe does,
    for one that is unknown, missing, of another type, or outside its enumeration.
    """
    return _structure(tree, params_type, "", ignored=OPTIONS)


def _structure(tree: Tree, shape: Any, path: str, ignored: frozenset[str] = frozenset()) -> Tree:
    fields = _fields(shape)
    for name in tree:
        if name not in fields or name in ignored:
            full = _join(path, name)
            raise misuse(
                f"Received unknown parameter: {full}", param=full, code="parameter_unknown"
            )
    for name in shape.__required_keys__:
        if name not in tree:
            full = _join(path, name)
            raise misuse(f"Missing required param: {full}.", param=full, code="parameter_missing")
    return {name: _value(value, fields[name], _join(path, name)) for name, value in tree.items()}


@functools.cache
def _fields(shape: Any) -> dict[str, Any]:
    return typing.get_type_hints(shape, localns=OPTION_NAMES)


def _value(value: Any, kind: Any, path: str) -> Any:
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(value, typing.get_args(kind), path)
    if typing_extensions.is_typeddict(kind):
        if not isinstance(value, dict):
            raise misuse(f"Invalid object: {value!r}", param=path)
        return _structure(value, kind, path)
    if origin is list:
        return _list(value, typing.get_args(kind)[0], path)
    if origin is dict or _is_untyped(kind):
        if not isinstance(value, dict):
            raise misuse(f"Invalid object: {value!r}", param=path)
        return {
            key: inner if inner == "" else _value(inner, str, _join(path, key))
            for key, inner in value.items()
        }
    if not isinstance(value, str):
        raise misuse(f"Invalid {_noun(kind)}: {path} takes a single value", param=path)
    if origin is Literal:
        return _choice(value, typing.get_args(kind), path)
    return _scalar(value, kind, path)


def _one_of(value: Any, kinds: tuple[Any, ...], path: str) -> Any:
    literals = [kind for kind in kinds if typing.get_origin(kind) is Literal]
    choices = [choice for kind in literals for choice in typing.get_args(kind)]
    if value == "" and "" in choices:
        return value
    # `Literal["a", "b"] | str` leaves room for values that a newer API adds: this API knows none.
    closed = [choice for choice in choices if choice != ""]
    candidates = [
        kind
        for kind in kinds
        if kind not in literals and kind is not type(None) and not (closed and kind is str)
    ]
    if isinstance(value, dict):
        candidates = [kind for kind in candidates if kind not in (str, int, bool, float, Decimal)]
        # `Dict[str, str] | UntypedStripeObject[str]` are the same thing on the wire.
        candidates = [k for k in candidates if not _is_untyped(k)] or candidates
    else:
        scalars = [k for k in candidates if k in (str, int, bool, float, Decimal)]
        candidates = scalars or candidates
        if closed and not scalars:
            return _choice(value, tuple(closed), path)
    failure: StripeError | None = None
    for kind in candidates:
        try:
            return _value(value, kind, path)
        except StripeError as error:
            failure = failure or error
    raise failure or misuse(f"Invalid value for {path}", param=path)


def _list(value: Any, kind: Any, path: str) -> list[Any]:
    if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
        raise misuse("Invalid array", param=path)
    ordered = sorted(value.items(), key=lambda item: int(item[0]))
    return [_value(inner, kind, f"{path}[{key}]") for key, inner in ordered]


def _scalar(value: str, kind: Any, path: str) -> Any:
    if value == "":
        raise misuse(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset. You should remove '{path}' "
            "from your request or supply a non-empty value.",
            param=path,
            code="parameter_invalid_empty",
        )
    if kind is bool:
        if value not in ("true", "false"):
            raise misuse(f"Invalid boolean: {value}", param=path)
        return value == "true"
    if kind is int:
        if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            raise misuse(f"Invalid integer: {value}", param=path, code="parameter_invalid_integer")
        return int(value)
    if kind in (float, Decimal):
        try:
            return kind(value)
        except (ValueError, InvalidOperation) as error:
            raise misuse(f"Invalid decimal: {value}", param=path) from error
    return value


def _choice(value: str, choices: tuple[str, ...], path: str) -> str:
    if value not in choices:
        names = ", ".join(choice for choice in choices if choice)
        raise misuse(f"Invalid {path}: must be one of {names}", param=path)
    return value


def _is_untyped(kind: Any) -> bool:
    return kind is UntypedStripeObject or typing.get_origin(kind) is UntypedStripeObject


def _noun(kind: Any) -> str:
    return {int: "integer", bool: "boolean"}.get(kind, "string")


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
