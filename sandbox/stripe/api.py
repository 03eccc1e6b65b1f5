"""The `/v1` API: keys, versions, limits, idempotency, and the objects that it reads and writes."""

from __future__ import annotations

import collections
import contextlib
import fnmatch
import hashlib
import hmac
import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import stripe.params as shapes
import stripe.params.checkout as checkout_shapes

from sandbox.http.faults import Faults
from sandbox.http.messages import Answer, Request
from sandbox.stripe import aftermath, checkout, objects, rules
from sandbox.stripe.account import API_VERSION, Account, Change
from sandbox.stripe.errors import StripeError, misuse, no_such
from sandbox.stripe.expansion import Source, created_within, expand, page
from sandbox.stripe.request_shapes import Tree, conform, read_form
from sandbox.stripe.store import Json

IDEMPOTENCY_SECONDS = 24 * 3600
PAGING = frozenset({"created", "ending_before", "expand", "limit", "starting_after"})


class Resource(NamedTuple):
    """A kind of object that can be read: by id, and where `listed` is given, as a list."""

    kind: str
    retrieved: Any
    listed: Any = None
    filters: frozenset[str] = frozenset()


RESOURCES = {
    "balance_transactions": Resource(
        "balance_transaction",
        shapes.BalanceTransactionRetrieveParams,
        shapes.BalanceTransactionListParams,
        frozenset({"currency", "source", "type"}),
    ),
    "charges": Resource(
        "charge",
        shapes.ChargeRetrieveParams,
        shapes.ChargeListParams,
        frozenset({"customer", "payment_intent"}),
    ),
    "checkout/sessions": Resource(
        "checkout.session",
        checkout_shapes.SessionRetrieveParams,
        checkout_shapes.SessionListParams,
        frozenset({"customer", "customer_details", "payment_intent", "status"}),
    ),
    "customers": Resource(
        "customer",
        shapes.CustomerRetrieveParams,
        shapes.CustomerListParams,
        frozenset({"email"}),
    ),
    "disputes": Resource(
        "dispute",
        shapes.DisputeRetrieveParams,
        shapes.DisputeListParams,
        frozenset({"charge", "payment_intent"}),
    ),
    "events": Resource(
        "event",
        shapes.EventRetrieveParams,
        shapes.EventListParams,
        frozenset({"type", "types"}),
    ),
    "payment_intents": Resource(
        "payment_intent",
        shapes.PaymentIntentRetrieveParams,
        shapes.PaymentIntentListParams,
        frozenset({"customer"}),
    ),
    "payment_methods": Resource("payment_method", shapes.PaymentMethodRetrieveParams),
    "refunds": Resource(
        "refund",
        shapes.RefundRetrieveParams,
        shapes.RefundListParams,
        frozenset({"charge", "payment_intent"}),
    ),
}

Action = Callable[[Change, Json, str], Json]


def _create_customer(change: Change, params: Json, _key: str) -> Json:
    rules.check_customer(params)
    customer = objects.customer(change.new_id("cus", 14), now=change.now, params=params)
    change.emit("customer.created", customer)
    return customer


# Path pattern (its group is the object's id), request type, what it does.
ACTIONS: list[tuple[str, Any, Action]] = [
    (
        "/v1/checkout/sessions()",
        checkout_shapes.SessionCreateParams,
        lambda change, params, _key: checkout.create_session(change, params),
    ),
    (
        "/v1/checkout/sessions/([^/]+)/expire",
        checkout_shapes.SessionExpireParams,
        lambda change, _params, key: checkout.expire(change, key, in_path=True),
    ),
    ("/v1/customers()", shapes.CustomerCreateParams, _create_customer),
    (
        "/v1/refunds()",
        shapes.RefundCreateParams,
        lambda change, params, _key: aftermath.refund(change, params),
    ),
]


class Api:
    """Answers `/v1` requests for one account."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._account = account
        self._faults = faults
        self._reads: collections.deque[float] = collections.deque()
        self._busy_keys: set[str] = set()
        self._lock = threading.Lock()

    def handle(self, request: Request) -> Answer:
        """Answer one request; errors are answers, and misuse of the API is remembered."""
        request_id = f"req_{self._account.random_text(14)}"
        failure = self._faults.next_failure(request)
        if failure and not failure.applied:
            answer = self._faults.spoil(failure, Answer())
        else:
            answer = self._answer(request, request_id)
            self._faults.pass_through(request, "after")
            if failure:
                answer = self._faults.spoil(failure, answer)
        answer.headers |= {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        return answer

    def _answer(self, request: Request, request_id: str) -> Answer:
        try:
            self._authenticate(request)
            self._check_version(request)
            if request.method == "GET":
                self._limit_reads()
                self._faults.pass_through(request, "before")
                return Answer(body=self._read(request))
            if request.method == "POST":
                return self._write(request, request_id)
            raise _unrecognised(request)
        except StripeError as error:
            if error.misuse:
                self._remember(request, error)
            return Answer(status=error.status, body=error.body(), headers=dict(error.headers))

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            with contextlib.suppress(ValueError):
                given = b64decode(given).decode().partition(":")[0]
        elif scheme.lower() != "bearer":
            given = ""
        if not given:
            raise _unauthorised("You did not provide an API key.")
        if not hmac.compare_digest(given.encode(), self._account.settings.api_key.encode()):
            raise _unauthorised(f"Invalid API Key provided: {given[:8]}***{given[-4:]}")

    @staticmethod
    def _check_version(request: Request) -> None:
        version = request.headers.get("stripe-version")
        if version != API_VERSION:
            raise misuse(f"The stand-in for Stripe speaks {API_VERSION} only, not {version}")

    def _limit_reads(self) -> None:
        now = time.monotonic()
        with self._lock:
            while self._reads and self._reads[0] <= now - 1:
                self._reads.popleft()
            if len(self._reads) >= self._account.settings.read_limit:
                raise StripeError(
                    "Request rate limit exceeded. Learn more about rate limits here "
                    "https://docs.stripe.com/rate-limits.",
                    status=429,
                    code="rate_limit",
                    headers={"Retry-After": "1", "Stripe-Rate-Limited-Reason": "global-rate"},
                )
            self._reads.append(now)

    def _read(self, request: Request) -> Json:
        tree = read_form(request.query)
        store = self._account.store
        items = re.fullmatch("/v1/checkout/sessions/([^/]+)/line_items", request.path)
        if items:
            params = conform(tree, checkout_shapes.SessionListLineItemsParams)
            extra = store.get("session_extra", items[1])
            if extra is None:
                raise no_such("checkout.session", items[1], in_path=True)
            # Line items alone are listed in the order of the request.
            answer = page(extra["line_items"][::-1], params, request.path)
            return _expand(answer, params, store)
        name, _, key = request.path.removeprefix("/v1/").rpartition("/")
        if name in RESOURCES:
            params = conform(tree, RESOURCES[name].retrieved)
            record = store.get(RESOURCES[name].kind, key)
            if record is None:
                raise no_such(RESOURCES[name].kind, key, in_path=True)
            return _expand(record, params, store)
        resource = RESOURCES.get(request.path.removeprefix("/v1/"))
        if resource is None or resource.listed is None:
            raise _unrecognised(request)
        return self._list(resource, tree, request.path)

    def _list(self, resource: Resource, tree: Tree, path: str) -> Json:
        params = conform(tree, resource.listed)
        for name in params:
            if name not in PAGING | resource.filters:
                raise StripeError(f"The stand-in does not filter by `{name}`", param=name)
        if len(params.get("types", ())) > 20:
            raise misuse("`types` takes up to 20 event types", param="types")
        rows = [row for row in self._account.store.rows(resource.kind) if _matches(row, params)]
        return _expand(page(rows, params, path), params, self._account.store)

    def _write(self, request: Request, request_id: str) -> Answer:
        tree = read_form(request.body.decode("utf-8", "replace"))
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= 255:
            raise _key_misused("Idempotency keys take 1 to 255 characters.")
        shape, action, target = _action_at(request)
        params = conform(tree, shape)
        with self._in_progress(key):
            self._faults.pass_through(request, "before")
            cause = {"id": request_id, "idempotency_key": key}
            with self._account.change(cause) as change:
                earlier = self._earlier(change, key, request.path, tree, params)
                if earlier:
                    return earlier
                record = action(change, params, target)
                if key is not None:
                    # In the same change as the effect: a kill cannot part the two.
                    self._keep(change, key, request.path, tree, record)
                return Answer(body=_expand(record, params, change.batch))

    @contextlib.contextmanager
    def _in_progress(self, key: str | None) -> Iterator[None]:
        """Refuse a second request under a key while the first is still being worked on."""
        with self._lock:
            if key in self._busy_keys:
                raise StripeError(
                    "There is currently another in-progress request using this Idempotent Key.",
                    status=409,
                    kind="idempotency_error",
                    code="idempotency_key_in_use",
                )
            if key is not None:
                self._busy_keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._busy_keys.discard(key or "")

    @staticmethod
    def _earlier(
        change: Change, key: str | None, path: str, tree: Tree, params: Json
    ) -> Answer | None:
        """Return the answer kept under this key; raise StripeError when it was another request."""
        kept = change.batch.get("idempotency", key) if key is not None else None
        if kept is None or kept["at"] < time.time() - IDEMPOTENCY_SECONDS:
            return None
        if kept["path"] != path:
            raise _key_misused(
                "Keys for idempotent requests can only be used for the same endpoint they were "
                f"first used for ('{kept['path']}' vs '{path}'). Try using a key other than "
                f"'{key}' if you meant to execute a different request."
            )
        if kept["fingerprint"] != _fingerprint(tree):
            raise _key_misused(
                "Keys for idempotent requests can only be used with the same parameters they "
                f"were first used with. Try using a key other than '{key}' if you meant to "
                "execute a different request."
            )
        return Answer(
            body=_expand(kept["body"], params, change.batch),
            headers={"Idempotent-Replayed": "true", "Original-Request": kept["request"]},
        )

    @staticmethod
    def _keep(change: Change, key: str, path: str, tree: Tree, record: Json) -> None:
        change.batch.put(
            "idempotency",
            key,
            {
                "id": key,
                "path": path,
                "fingerprint": _fingerprint(tree),
                "body": record,
                "request": change.request["id"],
                "at": time.time(),
            },
        )

    def _remember(self, request: Request, error: StripeError) -> None:
        with self._account.change() as change:
            key = change.account.random_text(16)
            change.batch.put(
                "violation",
                key,
                {
                    "id": key,
                    "at": time.time(),
                    "method": request.method,
                    "path": request.path,
                    "message": error.message,
                    "param": error.param,
                    "code": error.code,
                },
            )


def _action_at(request: Request) -> tuple[Any, Action, str]:
    """Return the request type, the action and the id that a POST's path names."""
    for pattern, shape, action in ACTIONS:
        match = re.fullmatch(pattern, request.path)
        if match:
            return shape, action, match[1]
    raise _unrecognised(request)


def _expand(record: Json, params: Json, source: Source) -> Json:
    return expand(record, params.get("expand", ()), source)


def _matches(row: Json, params: Json) -> bool:
    for name, value in params.items():
        if name == "created":
            if not created_within(row, value):
                return False
        elif name == "types":
            if row["type"] not in value:
                return False
        elif name == "type" and row["object"] == "event":
            if not fnmatch.fnmatchcase(row["type"], value):
                return False
        elif name == "customer_details":
            if (row["customer_details"] or {}).get("email") != value["email"]:
                return False
        elif name not in PAGING and row[name] != value:
            return False
    return True


def _fingerprint(tree: Tree) -> str:
    return hashlib.sha256(json.dumps(tree, sort_keys=True).encode()).hexdigest()


def _key_misused(message: str) -> StripeError:
    return StripeError(message, kind="idempotency_error", misuse=True)


def _unauthorised(message: str) -> StripeError:
    return StripeError(message, status=401, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'})


def _unrecognised(request: Request) -> StripeError:
    return StripeError(
        f"Unrecognized request URL ({request.method}: {request.path}).", status=404, misuse=True
    )
