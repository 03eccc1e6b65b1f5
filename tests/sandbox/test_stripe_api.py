"""Reading and writing through the API: expansion, lists, idempotency, limits, and faults."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn

Gift = Callable[..., Any]


@pytest.fixture
def many(client: stripe.StripeClient, standin: StripeStandIn, gift: Gift) -> list[str]:
    """Return the ids of five paid sessions, a minute apart, oldest first."""
    ids = []
    for minute in range(5):
        standin.set_clock(60 * minute)
        session = client.v1.checkout.sessions.create(gift(1000 + minute))
        standin.pay(session.id)
        standin.balance(session.id)
        ids.append(session.id)
    return ids


def test_a_session_is_read_with_all_that_it_led_to(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    standin.balance(paid.id)
    standin.refund(paid.id, 100)
    session: Any = client.v1.checkout.sessions.retrieve(
        paid.id,
        {
            "expand": [
                "payment_intent.latest_charge.balance_transaction",
                "payment_intent.latest_charge.refunds",
                "line_items",
            ]
        },
    )
    charge = session.payment_intent.latest_charge
    assert charge.balance_transaction.fee == 40
    assert [refund.amount for refund in charge.refunds.data] == [100]
    assert isinstance(charge.refunds.data[0].balance_transaction, str)
    assert [item.amount_total for item in session.line_items.data] == [1000]


def test_lists_that_stripe_leaves_out_are_left_out(client: stripe.StripeClient, paid: Any) -> None:
    plain = client.v1.checkout.sessions.retrieve(paid.id).to_dict()
    assert isinstance(plain["payment_intent"], str)
    assert "line_items" not in plain
    assert "refunds" not in paid.payment_intent.latest_charge.to_dict()


@pytest.mark.parametrize(
    "path", ["status", "nothing", "payment_intent.status", "payment_intent.latest_charge.nothing"]
)
def test_what_cannot_be_expanded_is_refused(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any, path: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.checkout.sessions.retrieve(paid.id, {"expand": [path]})
    assert len(standin.violations()) == 1


def test_four_levels_expand_and_five_do_not(client: stripe.StripeClient, paid: Any) -> None:
    path = "payment_intent.latest_charge.payment_intent.latest_charge"
    session: Any = client.v1.checkout.sessions.retrieve(paid.id, {"expand": [path]})
    inner = session.payment_intent.latest_charge.payment_intent
    assert inner.latest_charge.payment_intent == inner.id
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        client.v1.checkout.sessions.retrieve(paid.id, {"expand": [f"{path}.customer"]})


def test_events_are_paged_newest_first(
    client: stripe.StripeClient, standin: StripeStandIn, many: list[str]
) -> None:
    everything = [event["id"] for event in standin.events()][::-1]
    first = client.v1.events.list({"limit": 7})
    assert [event.id for event in first.data] == everything[:7]
    assert first.has_more
    paged = [event.id for event in client.v1.events.list({"limit": 7}).auto_paging_iter()]
    assert paged == everything
    backwards = client.v1.events.list({"limit": 3, "ending_before": everything[5]})
    assert [event.id for event in backwards.data] == everything[2:5]
    assert not client.v1.events.list({"limit": 100}).has_more


def test_events_are_filtered_by_time_and_type(
    client: stripe.StripeClient, standin: StripeStandIn, many: list[str]
) -> None:
    kind = "checkout.session.completed"
    times = [event["created"] for event in standin.events(kind)]

    def found(**created: int) -> int:
        params: Any = {"created": created, "types": [kind]}
        return len(client.v1.events.list(params).data)

    assert (found(gte=times[1]), found(gt=times[1])) == (4, 3)
    assert (found(lt=times[1]), found(lte=times[1])) == (1, 2)
    assert found(gte=times[1], lt=times[3]) == 2
    wild = client.v1.events.list({"type": "charge.*", "limit": 100})
    assert {event.type for event in wild.data} == {"charge.succeeded", "charge.updated"}
    one = client.v1.events.retrieve(standin.events(kind)[0]["id"])
    assert one.data.object["id"] == many[0]


def test_balance_transactions_of_a_period(client: stripe.StripeClient, many: list[str]) -> None:
    whole = client.v1.balance_transactions.list({"type": "charge"}).data
    assert [row.amount for row in whole] == [1004, 1003, 1002, 1001, 1000]
    part = client.v1.balance_transactions.list(
        {"created": {"gte": whole[3].created, "lt": whole[1].created}}
    )
    assert [row.amount for row in part.data] == [1002, 1001]


def test_a_session_is_found_by_its_payment_intent(
    client: stripe.StripeClient, many: list[str], paid: Any
) -> None:
    found = client.v1.checkout.sessions.list({"payment_intent": paid.payment_intent.id})
    assert [session.id for session in found.data] == [paid.id]
    complete = client.v1.checkout.sessions.list({"status": "complete", "limit": 100})
    assert len(complete.data) == 6


def test_a_sessions_lines_are_listed_in_the_order_of_the_request(
    client: stripe.StripeClient, gift: Gift
) -> None:
    items = gift()["line_items"] + gift(45)["line_items"]
    session = client.v1.checkout.sessions.create(gift(line_items=items))
    lines = client.v1.checkout.sessions.line_items.list(session.id)
    assert [line.amount_total for line in lines.data] == [1000, 45]
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.checkout.sessions.line_items.list("cs_test_none")
    assert missing.value.http_status == 404


def test_sessions_are_found_by_their_donors_address(
    client: stripe.StripeClient, gift: Gift
) -> None:
    mine = client.v1.checkout.sessions.create(gift(customer_email="ida@example.org"))
    client.v1.checkout.sessions.create(gift())
    client.v1.checkout.sessions.create(gift(customer_email=None))
    found = client.v1.checkout.sessions.list({"customer_details": {"email": "ida@example.org"}})
    assert [session.id for session in found.data] == [mine.id]
    with pytest.raises(stripe.InvalidRequestError, match="does not filter by `payment_link`"):
        client.v1.checkout.sessions.list({"payment_link": "plink_1"})


def test_an_unknown_cursor_is_an_error(client: stripe.StripeClient, paid: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.events.list({"starting_after": "evt_none"})
    assert refusal.value.code == "resource_missing"


def test_the_same_key_with_the_same_parameters_is_replayed(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    params = gift()
    first = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    standin.pay(first.id)
    second = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    assert second.id == first.id
    assert second.status == "open"
    assert second.last_response is not None
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_the_same_key_with_other_parameters_or_elsewhere_is_an_error(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    params = gift()
    session = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.checkout.sessions.create(gift(1001), {"idempotency_key": "gift-1"})
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.checkout.sessions.expire(session.id, None, {"idempotency_key": "gift-1"})
    assert len(standin.violations()) == 2
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_a_refused_request_does_not_use_up_its_key(client: stripe.StripeClient, gift: Gift) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(gift(1), {"idempotency_key": "k" * 255})
    client.v1.checkout.sessions.create(gift(100), {"idempotency_key": "k" * 255})


def test_a_key_over_255_characters_is_refused(client: stripe.StripeClient, gift: Gift) -> None:
    with pytest.raises(stripe.IdempotencyError, match="255"):
        client.v1.checkout.sessions.create(gift(), {"idempotency_key": "k" * 256})


def test_reads_over_the_limit_are_429_and_writes_are_not(
    start: Callable[..., StripeStandIn],
    connect: Callable[..., stripe.StripeClient],
    gift: Gift,
) -> None:
    standin = start(read_limit=3)
    client = connect(standin)
    for _ in range(3):
        client.v1.events.list()
    with pytest.raises(stripe.RateLimitError) as refusal:
        client.v1.events.list()
    assert refusal.value.http_status == 429
    assert refusal.value.headers is not None
    assert refusal.value.headers["retry-after"] == "1"
    client.v1.checkout.sessions.create(gift())
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            client.v1.events.list()
            return
        except stripe.RateLimitError:
            time.sleep(0.1)
    pytest.fail("the limit was never lifted")


class Caller(threading.Thread):
    """Makes one call in a thread of its own, and keeps what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.result: Any = None

    def run(self) -> None:
        try:
            self.result = self._call()
        except stripe.StripeError as error:
            self.result = error


def test_an_answer_is_withheld_after_the_request_took_effect(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    standin.hold("/v1/checkout/sessions", method="POST", count=1)
    caller = Caller(lambda: client.v1.checkout.sessions.create(gift()))
    caller.start()
    assert standin.wait_for_waiting()
    assert standin.waiting() == [{"method": "POST", "path": "/v1/checkout/sessions"}]
    assert len(client.v1.checkout.sessions.list().data) == 1
    assert caller.is_alive()
    standin.release()
    caller.join(60)
    assert caller.result.status == "open"
    assert standin.waiting() == []


def test_a_client_that_was_killed_waits_no_more(standin: StripeStandIn) -> None:
    standin.hold("/v1/events")
    caller = socket.create_connection(("127.0.0.1", int(standin.url.rpartition(":")[2])))
    caller.sendall(
        b"GET /v1/events HTTP/1.1\r\nHost: x\r\nStripe-Version: 2026-10-28.endive\r\n"
        b"Authorization: Bearer " + standin.api_key.encode() + b"\r\n\r\n"
    )
    assert standin.wait_for_waiting()
    caller.close()
    assert standin.wait_for_waiting(0)
    assert standin.waiting() == []


def test_a_request_held_before_its_effect_blocks_others_under_its_key(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    params = gift()
    standin.hold("/v1/checkout/*", count=1, stage="before")
    caller = Caller(
        lambda: client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    )
    caller.start()
    assert standin.wait_for_waiting()
    assert client.v1.checkout.sessions.list().data == []
    with pytest.raises(stripe.APIError) as conflict:
        client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    assert conflict.value.http_status == 409
    standin.release()
    caller.join(60)
    assert caller.result.status == "open"


@pytest.mark.parametrize(
    ("options", "error", "applied"),
    [
        ({"status": 500}, stripe.APIError, False),
        ({"status": 503, "applied": True}, stripe.APIError, True),
        ({"status": 429}, stripe.RateLimitError, False),
        ({"kind": "truncated"}, stripe.APIConnectionError, True),
        ({"kind": "disconnect"}, stripe.APIConnectionError, True),
        ({"kind": "disconnect", "applied": False}, stripe.APIConnectionError, False),
        ({"kind": "timeout", "seconds": 0.05}, stripe.APIConnectionError, True),
    ],
)
def test_simulated_failures(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    gift: Gift,
    options: dict[str, Any],
    error: type[Exception],
    applied: bool,
) -> None:
    params = gift()
    standin.fail(path="/v1/checkout/sessions", method="POST", count=1, **options)
    with pytest.raises(error):
        client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    known = [session.id for session in client.v1.checkout.sessions.list().data]
    assert len(known) == (1 if applied else 0)
    again = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
    assert not applied or again.id == known[0]


def test_the_sdk_retries_by_itself_without_a_second_effect(
    standin: StripeStandIn, connect: Callable[..., stripe.StripeClient], gift: Gift
) -> None:
    client = connect(standin, max_network_retries=2)
    standin.fail(status=503, applied=True, method="POST", count=1)
    session = client.v1.checkout.sessions.create(gift())
    assert [row.id for row in client.v1.checkout.sessions.list().data] == [session.id]


def test_requests_are_logged(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    client.v1.checkout.sessions.create(gift(), {"idempotency_key": "gift-1"})
    client.v1.events.list({"created": {"gte": 5}})
    write, read = standin.requests()
    assert (write["method"], write["path"]) == ("POST", "/v1/checkout/sessions")
    assert (write["idempotency_key"], write["status"]) == ("gift-1", 200)
    assert write["params"]["metadata"] == {"gift": "7d3c"}
    assert read["params"] == {"created": {"gte": "5"}}


def test_a_body_over_the_limit_is_413(standin: StripeStandIn) -> None:
    host = standin.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.putrequest("POST", "/v1/refunds")
    connection.putheader("Content-Length", "2000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_fault_of_the_stand_in_itself_is_a_500_and_logged(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("sandbox.stripe.api.page", None)
    with pytest.raises(stripe.APIError, match="fault"):
        client.v1.events.list()
    assert "GET /v1/events failed inside the stand-in" in caplog.text
