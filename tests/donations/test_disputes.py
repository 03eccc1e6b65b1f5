"""Disputes and fraud warnings: what the money does, what the treasurer is told, and when."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from donations import tasks
from donations.models import Dispute, FraudWarning, Gift, LedgerEntry, OutgoingEmail, StripeEvent
from sandbox.stripe import StripeStandIn
from tests.admin.world import person
from tests.donations.factories import month_with_lines
from tests.donations.pages import says, spaced
from tests.donations.steps import Started, post_event, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TREASURER_EMAIL = "caisse@example.org"


@pytest.fixture
def paid(client: Client, stripe: StripeStandIn) -> Started:
    """A gift of 10 € with its fee, booked."""
    month_with_lines()
    given = start(client)
    stripe.pay(given.session)
    stripe.balance(given.session)
    tell_all(client, stripe)
    given.gift.refresh_from_db()
    return given


def treasurer() -> Client:
    client = Client()
    client.force_login(person("treasurer"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def tell_all(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()


def raised(gift: Gift) -> int:
    return LedgerEntry.objects.filter(gift=gift).raised().total_cents()


def letters(start: str) -> dict[str, OutgoingEmail]:
    return {each.key: each for each in OutgoingEmail.objects.filter(key__startswith=start)}


def test_a_dispute_is_kept_booked_and_told_once(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    made = stripe.dispute(paid.session)
    for _ in range(2):
        tell_all(client, stripe)
        StripeEvent.objects.update(processed_at=None, next_attempt_at=timezone.now())
    kept = Dispute.objects.get()
    assert (kept.dispute_id, kept.gift, kept.amount_cents) == (made["id"], paid.gift, 1000)
    assert (kept.status, kept.reason, kept.funds_gone) == ("needs_response", "fraudulent", True)
    assert kept.due_by == dt.datetime.fromtimestamp(made["evidence_details"]["due_by"], tz=dt.UTC)
    assert raised(paid.gift) == 0
    (letter,) = letters("dispute-").values()
    assert letter.to == "caisse@example.org"
    for sentence in (
        "Une banque conteste un don de 10,00 €.",
        "la personne dit n’avoir pas payé",
        "Répondre avant le",
        "Stripe a retiré cette somme du compte, et 20,00 € de frais.",
        f"/admin/donations/gift/{paid.gift.pk}/change/",
        f"https://dashboard.stripe.com/test/disputes/{made['id']}",
    ):
        assert spaced(sentence) in letter.text, sentence
    assert "lectrice" not in letter.text


@pytest.mark.parametrize(
    ("outcome", "left", "sentence"),
    [
        ("won", 1000, "La banque nous rend la somme."),
        ("lost", 0, "La somme ne reviendra pas, et Stripe garde les frais du litige."),
    ],
)
def test_its_end_is_told_once(
    client: Client,
    stripe: StripeStandIn,
    paid: Started,
    outcome: Any,
    left: int,
    sentence: str,
) -> None:
    made = stripe.dispute(paid.session)
    tell_all(client, stripe)
    stripe.close_dispute(made["id"], outcome)
    tell_all(client, stripe)
    tell_all(client, stripe)
    assert Dispute.objects.get().status == outcome
    assert raised(paid.gift) == left
    ends = letters("dispute-closed:")
    assert list(ends) == [f"dispute-closed:{made['id']}:{outcome}"]
    assert spaced(sentence) in ends.popitem()[1].text
    fee = LedgerEntry.objects.filter(gift=paid.gift, kind="fee", amount_cents=-2000)
    assert fee.count() == 1, "Stripe keeps it either way"


def test_an_inquiry_moves_no_money_and_may_become_a_dispute(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    made = stripe.dispute(paid.session, withdraw=False)
    set_status(stripe, made["id"], "warning_needs_response")
    tell_all(client, stripe)
    assert raised(paid.gift) == 1000
    kept = Dispute.objects.get()
    assert (kept.status, kept.funds_gone) == ("warning_needs_response", False)
    first = letters("dispute-opened:")
    assert list(first) == [f"dispute-opened:{made['id']}:inquiry"]
    assert "Aucune somme n’a bougé." in first.popitem()[1].text
    set_status(stripe, made["id"], "needs_response")
    stripe.withdraw(made["id"])
    tell_all(client, stripe)
    assert raised(paid.gift) == 0
    assert f"dispute-opened:{made['id']}" in letters("dispute-opened:")


def set_status(stripe: StripeStandIn, dispute: str, status: str) -> None:
    with stripe.change() as change:
        found = change.get("dispute", dispute)
        found["status"] = status
        change.put(found)


def test_events_in_any_order_keep_the_last_state(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    made = stripe.dispute(paid.session)
    stripe.close_dispute(made["id"], "lost")
    for event in reversed(stripe.events()):
        post_event(client, stripe, event)
        tasks.sweep()
    assert Dispute.objects.get().status == "lost"
    assert list(letters("dispute-")) == [f"dispute-closed:{made['id']}:lost"]


def test_an_older_answer_never_overwrites_a_newer_one(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    from donations.services import disputes

    made = stripe.dispute(paid.session)
    old_news = disputes.read_dispute(made["id"])
    stripe.close_dispute(made["id"], "won")
    tell_all(client, stripe)
    disputes.note(old_news)
    assert Dispute.objects.get().status == "won"
    assert not letters("dispute-opened:")


def test_the_nearest_deadline_stands_on_the_start_page(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    stripe.dispute(paid.session)
    tell_all(client, stripe)
    desk = treasurer()
    Dispute.objects.update(due_by=dt.datetime(2099, 3, 12, 13, 0, tzinfo=dt.UTC))
    assert says(
        desk.get("/admin/"),
        "Un litige attend une réponse, avant le 12 mars 2099 à 14\u00a0h\u00a000",
    )
    page = desk.get("/admin/donations/dispute/?etat=a-repondre")
    assert says(page, "la personne dit n’avoir pas payé")
    Dispute.objects.update(status="lost")
    assert "litige attend" not in desk.get("/admin/").content.decode()


def test_open_disputes_come_first(client: Client, stripe: StripeStandIn, paid: Started) -> None:
    now = timezone.now()
    rows = (
        ("dp_closed", "lost", now, None),
        ("dp_later", "needs_response", now, now + dt.timedelta(days=5)),
        ("dp_read", "under_review", now, now + dt.timedelta(days=1)),
        ("dp_first", "needs_response", now - dt.timedelta(days=3), now + dt.timedelta(days=2)),
    )
    for key, status, opened, due in rows:
        Dispute.objects.create(
            dispute_id=key, gift=paid.gift, amount_cents=1000, status=status, opened_at=opened,
            due_by=due, read_at=now,
        )  # fmt: skip
    page = treasurer().get("/admin/donations/dispute/").content.decode()
    order = ("dp_first", "dp_later", "dp_read", "dp_closed")
    places = [page.index(f"disputes/{key}") for key in order]
    assert places == sorted(places)


def test_a_warning_asks_for_a_refund_before_a_dispute(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    made = stripe.fraud_warning(paid.session)
    tell_all(client, stripe)
    tell_all(client, stripe)
    kept = FraudWarning.objects.get()
    assert (kept.warning_id, kept.gift, kept.actionable) == (made["id"], paid.gift, True)
    (letter,) = letters("fraud-warning:").values()
    assert letter.to == "caisse@example.org"
    assert "carte volée" in letter.text
    assert raised(paid.gift) == 1000, "a warning moves no money"
    desk = treasurer()
    notice = spaced("Une alerte de fraude : rembourser évite un litige")
    assert notice in desk.get("/admin/").content.decode()
    page = desk.get(f"/admin/donations/gift/{paid.gift.pk}/change/")
    assert says(page, "Rembourser maintenant évite un litige (20,00 € de frais).")
    stripe.refund(paid.session)
    tell_all(client, stripe)
    assert notice not in desk.get("/admin/").content.decode()
    page = desk.get(f"/admin/donations/gift/{paid.gift.pk}/change/")
    assert "évite un litige" not in page.content.decode()


def test_a_warning_before_its_payment_is_booked_books_it(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    given = start(client)
    stripe.pay(given.session)
    stripe.fraud_warning(given.session)
    (event,) = stripe.events("radar.early_fraud_warning.created")
    post_event(client, stripe, event)
    tasks.sweep()
    assert FraudWarning.objects.get().gift == given.gift
    assert raised(given.gift) == 1000


def test_a_warning_that_is_over_stays_over(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    from donations.services import disputes

    made = stripe.fraud_warning(paid.session)
    old_news = disputes.read_warning(made["id"])
    with stripe.change() as change:
        found = change.get("radar.early_fraud_warning", made["id"])
        found["actionable"] = False
        change.emit("radar.early_fraud_warning.updated", found, {"actionable": True})
    tell_all(client, stripe)
    assert not FraudWarning.objects.get().actionable
    disputes.note(old_news)
    assert not FraudWarning.objects.get().actionable
    assert treasurer().get("/admin/").status_code == 200


def test_a_dispute_of_somebody_elses_payment_is_not_ours(
    client: Client, stripe: StripeStandIn, paid: Started
) -> None:
    stripe.dispute(paid.session)
    charge = stripe.charge_of(paid.session)
    with stripe.change() as change:
        for kind, key in (("payment_intent", charge["payment_intent"]), ("charge", charge["id"])):
            change.put(change.get(kind, key) | {"metadata": {}})
    Gift.objects.update(payment_intent_id=None, charge_id=None)
    tell_all(client, stripe)
    assert not Dispute.objects.exists()
    assert not StripeEvent.objects.filter(processed_at=None).exists()
