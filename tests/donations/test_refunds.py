"""Refunds: from the admin and from Stripe, in parts and whole; the bar goes down as it went up."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from donations import tasks
from donations.models import Gift, LedgerEntry, OutgoingEmail, Progress, RefundOrder
from sandbox.stripe import StripeStandIn
from tests.admin.world import person
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says, spaced, text_of
from tests.donations.steps import Started, post_event, start, time_passes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(client: Client, stripe: StripeStandIn) -> Started:
    """A gift of 10 € and 0,40 € of fee cover, booked."""
    return pay(client, stripe)


def pay(client: Client, stripe: StripeStandIn, **fields: str) -> Started:
    month_with_lines()
    given = start(client, **{"amount": "10", "cover_fee": "on", **fields})
    stripe.pay(given.session)
    stripe.balance(given.session)
    tell_all(client, stripe)
    given.gift.refresh_from_db()
    return given


def tell_all(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()


def address(gift: Gift) -> str:
    return f"/admin/donations/gift/{gift.pk}/rembourser/"


def confirmation(treasurer: Client, gift: Gift, amount: str) -> tuple[Any, dict[str, str]]:
    """The page that asks to confirm, and what its button sends."""
    response = treasurer.post(address(gift), {"amount": amount, "reason": "Don en double"})
    assert response.status_code == 200
    page = Page(response)
    sent = {
        str(field["name"]): str(field["value"] or "")
        for field in page.all("input", type="hidden")
        if field.get("name") in {"order", "cents", "reason"}
    }
    return response, sent


def refund(treasurer: Client, gift: Gift, amount: str) -> Any:
    _, sent = confirmation(treasurer, gift, amount)
    return treasurer.post(address(gift), sent, follow=True)


def sums(gift: Gift) -> tuple[int, int]:
    """What the ledger holds: of the gift (what the bar counts), of the fee cover."""
    entries = LedgerEntry.objects.filter(gift=gift)
    return entries.raised().total_cents(), entries.filter(kind="fee_cover").total_cents()


def asked(stripe: StripeStandIn) -> list[dict[str, Any]]:
    return [
        each
        for each in stripe.requests()
        if (each["method"], each["path"]) == ("POST", "/v1/refunds")
    ]


def test_the_treasurer_refunds_all(treasurer: Client, stripe: StripeStandIn, paid: Started) -> None:
    form = treasurer.get(address(paid.gift))
    assert Page(form).one("input", name="amount")["value"] == "10,41"
    page, sent = confirmation(treasurer, paid.gift, "10,41")
    assert says(page, "Rembourser 10,41 €")
    assert says(page, "Du don 10,00 €")
    assert says(page, "Des frais couverts 0,41 €")
    assert not asked(stripe), "nothing leaves before the confirmation"
    answer = treasurer.post(address(paid.gift), sent, follow=True)
    assert says(answer, "Remboursement de 10,41 € accepté par Stripe.")
    order = RefundOrder.objects.get()
    assert (order.state, order.asked_by and order.asked_by.username) == ("done", "treasurer")
    assert stripe.get(order.refund_id or "")["amount"] == 1041
    assert sums(paid.gift) == (0, 0)
    assert Progress.objects.get().dirty_since is not None
    tasks.sweep()
    assert (Progress.objects.get().raised_cents, Progress.objects.get().donors) == (0, 0)


def test_parts_are_shared_with_the_fee_cover_and_end_at_nothing(
    treasurer: Client, client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    for amount in ("1,20", "1,20", "1,20"):
        page, sent = confirmation(treasurer, paid.gift, amount)
        shown = re.search(
            r"Du don ([\d,]+)\s€.*?Des frais couverts ([\d,]+)\s€", text_of(page.content.decode())
        )
        before = sums(paid.gift)
        treasurer.post(address(paid.gift), sent)
        after = sums(paid.gift)
        assert shown is not None
        parts = [int(each.replace(",", "")) for each in shown.groups()]
        assert parts == [before[0] - after[0], before[1] - after[1]], "as it was announced"
    refund(treasurer, paid.gift, "6,81")
    assert sums(paid.gift) == (0, 0)
    tell_all(client, stripe)
    assert sums(paid.gift) == (0, 0), "the events book nothing twice"
    assert LedgerEntry.objects.filter(kind="refund").count() == 4


def test_refunds_of_one_second_keep_their_shares(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    """Their times tell nothing, their ids less; each look computes the earlier ones the same."""
    gone = 0
    for cents in (120, 7, 250, 13, 131, 64):
        stripe.refund(paid.session, cents)
        tell_all(client, stripe)
        gone += cents
        assert sums(paid.gift)[1] == 41 - gone * 41 // 1041
        assert sum(sums(paid.gift)) == 1041 - gone


@pytest.mark.parametrize("whole", [True, False])
def test_two_clicks_are_one_refund(
    treasurer: Client, stripe: StripeStandIn, paid: Started, whole: bool
) -> None:
    _, sent = confirmation(treasurer, paid.gift, "10,41" if whole else "5")
    for _ in range(2):
        answer = treasurer.post(address(paid.gift), sent, follow=True)
        assert "accepté par Stripe" in answer.content.decode()
    assert len(asked(stripe)) == RefundOrder.objects.count() == 1


@pytest.mark.parametrize("amount", ["10,42", "0", "-1", "abc", ""])
def test_no_more_than_what_is_left(
    treasurer: Client, stripe: StripeStandIn, paid: Started, amount: str
) -> None:
    response = treasurer.post(address(paid.gift), {"amount": amount})
    assert Page(response).all("ul", class_="errorlist")
    forged = {"order": str(uuid.uuid4()), "cents": "1042"}
    answer = treasurer.post(address(paid.gift), forged, follow=True)
    assert says(answer, "Il reste 10,41 € à rembourser sur ce don, pas plus.")
    assert not asked(stripe)
    assert not RefundOrder.objects.exists()


def test_a_silent_stripe_is_asked_again_with_the_same_key(
    treasurer: Client, client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    stripe.fail(kind="error", status=500, count=2, method="POST", path="/v1/refunds")
    answer = refund(treasurer, paid.gift, "10,41")
    assert "en attente, nouvel essai à" in answer.content.decode()
    order = RefundOrder.objects.get()
    assert (order.state, order.attempts) == ("asked", 1)
    assert sums(paid.gift) == (1000, 41)
    page = treasurer.get(f"/admin/donations/gift/{paid.gift.pk}/change/")
    assert says(page, "Stripe n’a pas encore répondu")
    assert address(paid.gift) not in page.content.decode(), "one at a time"
    assert "Un remboursement attend Stripe" in treasurer.get("/admin/").content.decode()
    second = treasurer.post(
        address(paid.gift), {"order": str(uuid.uuid4()), "cents": "100"}, follow=True
    )
    assert says(second, "Un remboursement de ce don est déjà en cours.")
    tasks.sweep()
    assert RefundOrder.objects.get().state == "asked", "not before its time"
    RefundOrder.objects.update(next_attempt_at=timezone.now())
    tasks.sweep()
    order.refresh_from_db()
    assert (order.state, order.error) == ("done", "")
    assert sums(paid.gift) == (0, 0)
    assert {each["idempotency_key"] for each in asked(stripe)} == {f"refund:{order.pk}"}


def test_an_answer_that_was_lost_is_found_again(
    treasurer: Client, stripe: StripeStandIn, paid: Started
) -> None:
    """Stripe refunds, and its answer never comes; a day later its key is forgotten."""
    stripe.fail(kind="disconnect", count=2, method="POST", path="/v1/refunds", applied=True)
    refund(treasurer, paid.gift, "5")
    order = RefundOrder.objects.get()
    assert order.state == "asked"
    before = len(asked(stripe))
    RefundOrder.objects.update(next_attempt_at=timezone.now())
    tasks.sweep()
    order.refresh_from_db()
    assert order.state == "done"
    assert len(asked(stripe)) == before, "found, not asked for again"
    assert sum(sums(paid.gift)) == 541


def test_its_event_closes_an_order_too(
    treasurer: Client, client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    stripe.fail(kind="disconnect", count=2, method="POST", path="/v1/refunds", applied=True)
    refund(treasurer, paid.gift, "5")
    tell_all(client, stripe)
    order = RefundOrder.objects.get()
    assert order.state == "done"
    assert stripe.get(order.refund_id or "")["amount"] == 500


def test_stripes_refusal_leaves_the_gift_untouched(
    treasurer: Client, stripe: StripeStandIn, paid: Started
) -> None:
    _, sent = confirmation(treasurer, paid.gift, "10,41")
    stripe.dispute(paid.session, withdraw=False)
    before = list(LedgerEntry.objects.values().order_by("pk"))
    answer = treasurer.post(address(paid.gift), sent, follow=True)
    assert says(answer, "Rien n’a été remboursé.")
    assert says(answer, "la banque conteste ce paiement, le litige en décidera.")
    assert RefundOrder.objects.get().state == "refused"
    assert list(LedgerEntry.objects.values().order_by("pk")) == before
    assert not OutgoingEmail.objects.filter(key__startswith="refund").exists()


def test_the_donor_is_told_once(
    treasurer: Client, client: Client, stripe: StripeStandIn, paid: Started, mailoutbox: list[Any]
) -> None:
    refund(treasurer, paid.gift, "5")
    tell_all(client, stripe)
    time_passes()
    tasks.sweep()
    made = RefundOrder.objects.get().refund_id
    letter = OutgoingEmail.objects.get(key=f"refund:{made}")
    assert letter.to == "lectrice@example.org"
    assert letter.sent_at is not None
    for said in (re.sub(r"\n+", " ", letter.text), text_of(letter.html)):
        assert spaced("Nous vous avons remboursé 5,00 € sur votre don de 10,41 €") in said
        assert spaced("Dont 0,19 € que vous aviez ajoutés") in said
        assert "Don en double" not in said, "the reason is the treasury's"
    assert [mail.subject for mail in mailoutbox].count(letter.subject) == 1


def test_stripes_own_refund_is_told_too(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    made = stripe.refund(paid.session)
    for _ in range(2):
        tell_all(client, stripe)
        time_passes()
    letter = OutgoingEmail.objects.get(key=f"refund:{made['id']}")
    assert spaced("tout votre don du") in letter.text
    assert sums(paid.gift) == (0, 0)


def test_a_refund_that_bounced_is_the_treasurers_matter(
    client: Client, stripe: StripeStandIn, paid: Started, settings: Any
) -> None:
    settings.TREASURER_EMAIL = "caisse@example.org"
    made = stripe.refund(paid.session)
    tell_all(client, stripe)
    stripe.fail_refund(made["id"])
    tell_all(client, stripe)
    letter = OutgoingEmail.objects.get(key=f"refund-failed:{made['id']}")
    assert letter.to == "caisse@example.org"
    assert "carte perdue ou volée" in letter.text
    assert "lectrice" not in letter.text
    assert sums(paid.gift) == (1000, 41), "the money is back, and counted again"


def test_old_refunds_are_not_told_again_after_an_update(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    """Looking again at a gift whose refund is in the books writes no letter."""
    made = stripe.refund(paid.session)
    tell_all(client, stripe)
    OutgoingEmail.objects.filter(key=f"refund:{made['id']}").delete()
    tasks.look_again(str(paid.gift.pk))
    assert not OutgoingEmail.objects.filter(key=f"refund:{made['id']}").exists()


@pytest.mark.parametrize("role", ["editor", "moderator", "reader", "outsider"])
def test_nobody_else_refunds(
    stripe: StripeStandIn, paid: Started, role: str, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    client = Client()
    if role != "outsider":
        client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    sent = {"order": str(uuid.uuid4()), "cents": "100"}
    expected = 403 if role in {"editor", "moderator"} else 302
    assert client.get(address(paid.gift)).status_code == expected
    assert client.post(address(paid.gift), sent).status_code == expected
    assert not RefundOrder.objects.exists()
    assert not asked(stripe)
