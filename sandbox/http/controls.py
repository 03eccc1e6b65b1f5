"""Controls under `/_/`: a stand-in's methods over HTTP, for other processes.

Parameters come from the query or a form body. GET reads, POST acts; answers are JSON.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from sandbox.http.messages import Answer, Request

Params = dict[str, str]
S = TypeVar("S")
Control = Callable[[S, Params], Any]


def control(
    standin: S,
    request: Request,
    *,
    reads: Mapping[str, Control[S]],
    acts: Mapping[str, Control[S]],
) -> Answer:
    """Do what one request to `/_/…` asks for; whatever it gets wrong is a 400 that says what."""
    name = request.path.removeprefix("/_/")
    act = (acts if request.method == "POST" else reads).get(name)
    if act is None:
        return _refusal(404, f"No such control: {name}")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        # A web page open in the developer's browser has no business here.
        return _refusal(403, "Foreign origin")
    text = request.query
    if request.method == "POST":
        text += "&" + request.body.decode("utf-8", "replace")
    try:
        result = act(standin, dict(parse_qsl(text, keep_blank_values=True)))
    except LookupError as error:
        return _refusal(404, str(error.args[0] if error.args else error))
    except (TypeError, ValueError) as error:
        return _refusal(400, str(error))
    return Answer(body={"status": "ok"} if result is None else result)


def _refusal(status: int, message: str) -> Answer:
    return Answer(status=status, body={"error": {"message": message}})


def named(params: Params, *names: str) -> str:
    """Return the first of these parameters that was given; ValueError if none was."""
    for name in names:
        if name in params:
            return params[name]
    raise ValueError(f"Missing: {' or '.join(names)}")


def options(params: Params, **kinds: Callable[[str], Any]) -> dict[str, Any]:
    """Return the given parameters, converted; ValueError for any other."""
    unknown = params.keys() - kinds.keys()
    if unknown:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}")
    return {name: kinds[name](value) for name, value in params.items()}


def choice(params: Params, name: str, *choices: str) -> Any:
    """Return a parameter that is one of `choices`, the first of them by default."""
    value = params.get(name, choices[0])
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}")
    return value


def words(params: Params, name: str) -> list[str]:
    """Return a comma-separated parameter."""
    return [word for word in params.get(name, "").split(",") if word]


def number(params: Params, name: str) -> int | None:
    """Return a whole number, None when absent."""
    return int(params[name]) if name in params else None


def flag(text: str) -> bool:
    """Return whether a parameter says yes."""
    return text in ("1", "true", "yes")


def amount(text: str) -> int:
    """Return a count; "all" is more than there can be."""
    return 10**9 if text == "all" else int(text)


def moment(text: str) -> dt.datetime:
    """Return an aware time, from ISO 8601 or from seconds counted from now ("+60", "-3600")."""
    if text[:1] in "+-":
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(text))
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found.astimezone(dt.UTC)


Kinds = dict[str, Callable[[str], Any]]
FAIL: Kinds = {
    "applied": flag,
    "count": amount,
    "kind": str,
    "method": str,
    "path": str,
    "reason": str,
    "retry_after": int,
    "seconds": float,
    "status": int,
}
HOLD: Kinds = {"count": amount, "method": str, "path": str, "stage": str}
