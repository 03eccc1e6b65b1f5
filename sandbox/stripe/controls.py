"""The controls under `/_/`: the stand-in's methods over HTTP, for other processes.

Parameters come from the query or a form body. GET reads, POST acts; answers are JSON. Amounts are
cents, delays seconds; wherever a charge is wanted, its session or payment intent will do.

GET  health · events?types=a,b · deliveries · requests · violations · waiting
POST pay session, card or iban [email, name, authenticate=confirm|refuse|wait]
     authenticate session [decision=confirm|refuse]
     settle charge [outcome=succeeded|failed] · balance charge · expire session
     refund charge [amount, reason, status=succeeded|pending] · settle-refund refund ·
     fail-refund refund
     dispute charge [amount, reason, withdraw=true] · dispute/withdraw dispute ·
     dispute/reinstate dispute · dispute/close dispute [outcome=lost|won]
     deliver event · deliveries [duplicate, delay, reorder, drop=N|all, types=a,b]; none: normal
     hold [path, method, count, stage=after|before] · release
     fail [kind=error|truncated|disconnect|timeout, status, count, path, method, applied, seconds,
     retry_after] · clock offset · reset
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from sandbox.stripe.errors import StripeError
from sandbox.stripe.http_types import Answer, Request

if TYPE_CHECKING:
    from sandbox.stripe.standin import StripeStandIn

Params = dict[str, str]
Control = Callable[["StripeStandIn", Params], Any]

READS: dict[str, Control] = {
    "deliveries": lambda standin, _: standin.deliveries(),
    "events": lambda standin, params: standin.events(*_words(params, "types")),
    "health": lambda _standin, _: {"status": "ok"},
    "requests": lambda standin, _: standin.requests(),
    "violations": lambda standin, _: standin.violations(),
    "waiting": lambda standin, _: standin.waiting(),
}


def _named(params: Params, *names: str) -> str:
    for name in names:
        if name in params:
            return params[name]
    raise StripeError(f"Missing: {' or '.join(names)}", param=names[0])


def _words(params: Params, name: str) -> list[str]:
    return [word for word in params.get(name, "").split(",") if word]


def _number(params: Params, name: str) -> int | None:
    return int(params[name]) if name in params else None


def _options(params: Params, **kinds: Callable[[str], Any]) -> dict[str, Any]:
    """Return the given parameters, converted; raise StripeError for any other."""
    unknown = params.keys() - kinds.keys()
    if unknown:
        raise StripeError(f"Unknown: {', '.join(sorted(unknown))}")
    return {name: kinds[name](value) for name, value in params.items()}


def _flag(text: str) -> bool:
    return text in ("1", "true", "yes")


def _amount(text: str) -> int:
    return 10**9 if text == "all" else int(text)


def _pay(standin: StripeStandIn, params: Params) -> Any:
    answer: Any = params.get("authenticate", "confirm")
    outcome = standin.pay(
        _named(params, "session"),
        _named(params, "card", "iban"),
        email=params.get("email"),
        name=params.get("name"),
        authenticate=None if answer == "wait" else answer,
    )
    return {"outcome": outcome}


def _charge(params: Params) -> str:
    return _named(params, "charge", "session", "payment_intent")


def _choice(params: Params, name: str, *choices: str) -> Any:
    value = params.get(name, choices[0])
    if value not in choices:
        raise StripeError(f"{name} is one of {', '.join(choices)}", param=name)
    return value


ACTS: dict[str, Control] = {
    "authenticate": lambda standin, params: {
        "outcome": standin.authenticate(
            _named(params, "session"),
            confirm=_choice(params, "decision", "confirm", "refuse") == "confirm",
        )
    },
    "balance": lambda standin, params: standin.balance(_charge(params)),
    "clock": lambda standin, params: standin.set_clock(float(_named(params, "offset"))),
    "deliver": lambda standin, params: {"answer": standin.deliver(_named(params, "event"))},
    "deliveries": lambda standin, params: standin.set_deliveries(
        **_options(
            params,
            delay=float,
            drop=_amount,
            duplicate=int,
            reorder=float,
            types=lambda text: frozenset(text.split(",")),
        )
    ),
    "dispute": lambda standin, params: standin.dispute(
        _charge(params),
        amount=_number(params, "amount"),
        reason=params.get("reason", "fraudulent"),
        withdraw=_flag(params.get("withdraw", "true")),
    ),
    "dispute/close": lambda standin, params: standin.close_dispute(
        _named(params, "dispute"), _choice(params, "outcome", "lost", "won")
    ),
    "dispute/reinstate": lambda standin, params: standin.reinstate(_named(params, "dispute")),
    "dispute/withdraw": lambda standin, params: standin.withdraw(_named(params, "dispute")),
    "expire": lambda standin, params: standin.expire(_named(params, "session")),
    "fail": lambda standin, params: standin.fail(
        **_options(
            params,
            applied=_flag,
            count=_amount,
            kind=str,
            method=str,
            path=str,
            retry_after=int,
            seconds=float,
            status=int,
        )
    ),
    "fail-refund": lambda standin, params: standin.fail_refund(_named(params, "refund")),
    "hold": lambda standin, params: standin.hold(
        **_options(params, count=_amount, method=str, path=str, stage=str)
    ),
    "pay": _pay,
    "refund": lambda standin, params: standin.refund(
        _charge(params),
        _number(params, "amount"),
        reason=params.get("reason"),
        status=_choice(params, "status", "succeeded", "pending") if "status" in params else None,
    ),
    "release": lambda standin, _: standin.release(),
    "reset": lambda standin, _: standin.reset(),
    "settle": lambda standin, params: standin.settle(
        _charge(params), _choice(params, "outcome", "succeeded", "failed")
    ),
    "settle-refund": lambda standin, params: standin.settle_refund(_named(params, "refund")),
}


def control(standin: StripeStandIn, request: Request) -> Answer:
    """Do what one request to `/_/…` asks for."""
    name = request.path.removeprefix("/_/")
    act = (ACTS if request.method == "POST" else READS).get(name)
    if act is None:
        return Answer(status=404, body={"error": {"message": f"No such control: {name}"}})
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        # A web page open in the developer's browser has no business here.
        return Answer(status=403, body={"error": {"message": "Foreign origin"}})
    text = request.query
    if request.method == "POST":
        text += "&" + request.body.decode("utf-8", "replace")
    try:
        result = act(standin, dict(parse_qsl(text, keep_blank_values=True)))
    except StripeError as error:
        return Answer(status=error.status, body=error.body())
    except (TypeError, ValueError) as error:
        return Answer(status=400, body={"error": {"message": str(error)}})
    return Answer(body={"status": "ok"} if result is None else result)
