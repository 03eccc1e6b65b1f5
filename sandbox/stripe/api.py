"""The `/v1` API: keys, versions, limits, idempotency, and the objects that it reads and writes."""

from __future__ import annotations

import collections
import contextlib
import hashlib
import hmac
import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import stripe.params.checkout as checkout_shapes

from sandbox.http.faults import Faults
from sandbox.http.messages import Answer, Request
from sandbox.stripe.account import API_VERSION, Account, Change
from sandbox.stripe.errors import StripeError, misuse, no_such
from sandbox.stripe.expansion import Source, expand, page
from sandbox.stripe.request_shapes import Tree, conform, read_form
from sandbox.stripe.resources import RESOURCES, Resource, action_at, listed
from sandbox.stripe.store import Json

IDEMPOTENCY_SECONDS = 24 * 3600


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
            if request.method in ("POST", "DELETE"):
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
            return self._expand(answer, params, store)
        name, _, key = request.path.removeprefix("/v1/").rpartition("/")
        if name in RESOURCES:
            params = conform(tree, RESOURCES[name].retrieved)
            record = store.get(RESOURCES[name].kind, key)
            if record is None:
                raise no_such(RESOURCES[name].kind, key, in_path=True)
            return self._expand(record, params, store)
        resource = RESOURCES.get(request.path.removeprefix("/v1/"))
        if resource is None or resource.listed is None:
            raise _unrecognised(request)
        return self._list(resource, tree, request.path)

    def _list(self, resource: Resource, tree: Tree, path: str) -> Json:
        params = conform(tree, resource.listed)
        store = self._account.store
        return self._expand(page(listed(resource, params, store), params, path), params, store)

    def _write(self, request: Request, request_id: str) -> Answer:
        gone = request.method == "DELETE"
        tree = read_form(request.query if gone else request.body.decode("utf-8", "replace"))
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= 255:
            raise _key_misused("Idempotency keys take 1 to 255 characters.")
        found = action_at(request.method, request.path)
        if found is None:
            raise _unrecognised(request)
        shape, action, target = found
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
                return Answer(body=self._expand(record, params, change.batch))

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

    def _earlier(
        self, change: Change, key: str | None, path: str, tree: Tree, params: Json
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
            body=self._expand(kept["body"], params, change.batch),
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

    def _expand(self, record: Json, params: Json, source: Source) -> Json:
        answer = expand(record, params.get("expand", ()), source)
        _ripen(answer, self._account.now())
        return answer

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


def _ripen(node: Any, now: int) -> None:
    """Make the movements available whose day has come: nothing else happens to them then."""
    if isinstance(node, list):
        for item in node:
            _ripen(item, now)
    elif isinstance(node, dict):
        if node.get("object") == "balance_transaction" and node["available_on"] <= now:
            node["status"] = "available"
        for value in node.values():
            _ripen(value, now)


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
