"""Payouts to the bank: their lines make them up, and each line is a gift's, where it is one."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from donations import tasks
from donations.models import Gift, LedgerEntry, Payout, PayoutLine, StripeEvent
from donations.services import reconciling
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.admin.html import text_of
from tests.admin.world import person
from tests.donations.factories import month_with_lines
from tests.donations.steps import Started, post_event, start, time_passes, work_off

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = 8 * 86400


@pytest.fixture(autouse=True)
def month(db: None) -> None:
    month_with_lines()


def paid(client: Client, stripe: StripeStandIn, **fields: str) -> Started:
    started = start(client, **fields)
    stripe.pay(started.session)
    stripe.balance(started.session)
    return started


def deliver(client: Client, stripe: StripeStandIn, *types: str) -> None:
    for event in stripe.events(*types):
        post_event(client, stripe, event)
    work_off()


def net(payout: Payout) -> int:
    return sum(line.amount_cents - line.fee_cents for line in payout.lines.all())


def test_a_payout_is_made_of_gifts(client: Client, stripe: StripeStandIn) -> None:
    gift = paid(client, stripe).gift
    refunded = paid(client, stripe, email="deux@example.org", amount="20")
    stripe.refund(refunded.session, 500)
    disputed = paid(client, stripe, email="trois@example.org")
    stripe.close_dispute(stripe.dispute(disputed.session)["id"], "won")
    stripe.stripe_fee(150)
    stripe.advance(WEEK)
    made = stripe.payout()
    deliver(client, stripe)
    payout = Payout.objects.get()
    assert (payout.payout_id, payout.amount_cents, payout.status) == (
        made["id"],
        made["amount"],
        "paid",
    )
    assert payout.arrives_on == dt.datetime.fromtimestamp(made["arrival_date"], tz=dt.UTC).date()
    assert net(payout) == payout.amount_cents
    of_gifts = {
        each.gift.pk: payout.lines.filter(gift=each.gift.pk).count()
        for each in (refunded, disputed)
    }
    assert of_gifts == {refunded.gift.pk: 2, disputed.gift.pk: 3}
    assert payout.lines.filter(gift=gift).count() == 1
    assert [line.kind for line in payout.lines.filter(gift=None)] == ["fee"]
    assert not StripeEvent.objects.filter(processed_at=None).exists()


@pytest.mark.parametrize("order", [1, -1])
def test_any_order_and_any_number(client: Client, stripe: StripeStandIn, order: int) -> None:
    paid(client, stripe)
    stripe.advance(WEEK)
    stripe.payout()
    for event in [*stripe.events(), *stripe.events()][::order]:
        post_event(client, stripe, event)
        tasks.process_event(event["id"])
    work_off()
    tasks.reconcile_nightly()
    payout = Payout.objects.get()
    assert (payout.status, payout.lines.count()) == ("paid", 1)
    assert payout.lines.get().gift is not None


def test_with_every_event_lost_the_night_files_it(client: Client, stripe: StripeStandIn) -> None:
    gift = paid(client, stripe).gift
    stripe.advance(WEEK)
    stripe.payout()
    tasks.reconcile_nightly()
    assert PayoutLine.objects.get().gift == gift
    requests = len(stripe.requests())
    reconciling.carry_out(reconciling.begin().pk)
    assert len(stripe.requests()) == requests + 2, "what is known is not asked for again"


def test_an_older_answer_never_overwrites_a_newer_one(
    client: Client, stripe: StripeStandIn
) -> None:
    paid(client, stripe)
    stripe.advance(WEEK)
    made = stripe.payout()
    deliver(client, stripe, "payout.paid")
    with stripe.change() as change:
        change.put(change.get("payout", made["id"]) | {"status": "in_transit"})
    time_passes()
    deliver(client, stripe, "payout.created")
    assert Payout.objects.get().status == "paid"
    with stripe.change() as change:
        change.put(change.get("payout", made["id"]) | {"status": "failed"})
    tasks.reconcile_nightly()
    assert Payout.objects.get().status == "failed"


def test_what_stripe_does_not_list_yet_is_asked_for_later(
    client: Client, stripe: StripeStandIn, treasurer: Client
) -> None:
    paid(client, stripe)
    stripe.advance(WEEK)
    made = stripe.payout()
    with stripe.change() as change:
        change.put(change.get("payout", made["id"]) | {"reconciliation_status": "in_progress"})
    deliver(client, stripe)
    assert Payout.objects.get().read_at is None
    assert not PayoutLine.objects.exists()
    assert "Pas encore détaillé par Stripe" in text_of(treasurer.get("/admin/donations/payout/"))
    with stripe.change() as change:
        change.put(change.get("payout", made["id"]) | {"reconciliation_status": "completed"})
    tasks.reconcile_nightly()
    assert net(Payout.objects.get()) == made["amount"]


def test_lines_that_do_not_add_up_are_flagged(
    client: Client, stripe: StripeStandIn, treasurer: Client
) -> None:
    gift = paid(client, stripe).gift
    stripe.advance(WEEK)
    stripe.payout()
    deliver(client, stripe)
    payout = Payout.objects.get()
    address = f"/admin/donations/payout/{payout.pk}/change/"
    page = treasurer.get(address)
    assert "✓ Accordé" in text_of(page)
    assert f"/admin/donations/gift/{gift.pk}/change/" in page.content.decode()
    for words in ("Paiement", "10,00 €", "\u22120,40 €", "9,60 €"):
        assert words in text_of(page), words
    Payout.objects.update(amount_cents=1000)
    assert "⚠ Écart : 0,40 €" in text_of(treasurer.get(address))
    listed = "/admin/donations/payout/?etat="
    assert payout.payout_id in text_of(treasurer.get(listed + "ecart"))
    assert payout.payout_id not in text_of(treasurer.get(listed + "accord"))
    Payout.objects.update(amount_cents=960)
    PayoutLine.objects.update(gift=None)
    assert "⚠ Sans don : 1" in text_of(treasurer.get(listed + "accord"))


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/admin/donations/ledgerentry/exporter/{query}")
    assert response.status_code == 200
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_accountant_gets_every_entry_with_its_payout(
    client: Client, stripe: StripeStandIn, treasurer: Client
) -> None:
    started = paid(client, stripe, cover_fee="on", amount="1234,50")
    refund = stripe.refund(started.session, 100)["id"]
    stripe.advance(WEEK)
    first = stripe.payout()["id"]
    stripe.fail_refund(refund)
    stripe.advance(WEEK)
    second = stripe.payout()["id"]
    deliver(client, stripe)
    cheque = timezone.now() - dt.timedelta(hours=1)
    record_offline_gift(
        key="cheque", amount_cents=5, occurred_at=cheque, donor_name="Ada Lovelace",
        donor_email="ada@example.org",
    )  # fmt: skip
    rows = table(treasurer)
    assert len(rows) == LedgerEntry.objects.count()
    assert set(rows[0]) == {"Date", "Nature", "Montant", "Campagne", "Don", "Origine", "Virement"}
    by_source = {row["Origine"]: row for row in rows}
    charge = Gift.objects.get(pk=started.gift.pk).charge_id
    gift = by_source[f"stripe:{charge}:gift"]
    assert (gift["Montant"], gift["Nature"], gift["Don"]) == (
        "1234,50",
        "Don",
        str(started.gift.pk),
    )
    assert {row["Virement"] for row in rows if charge in row["Origine"]} == {first}
    assert by_source[f"stripe:{refund}:gift"]["Virement"] == first
    assert by_source[f"stripe:{refund}:gift:failed"]["Virement"] == second
    fee = next(row for row in rows if row["Nature"] == "Commission")
    assert (fee["Montant"][0], fee["Virement"]) == ("-", first)
    assert (by_source["offline:cheque"]["Montant"], by_source["offline:cheque"]["Virement"]) == (
        "0,05",
        "",
    )
    local = timezone.localtime(cheque)
    assert by_source["offline:cheque"]["Date"] == f"{local:%d/%m/%Y %H:%M:%S}"
    told = str(rows)
    assert "ovelace" not in told
    assert "example.org" not in told


def test_the_export_keeps_to_its_paris_days(treasurer: Client) -> None:
    for key, moment in (
        ("veille", "2026-03-31T23:59:59+02:00"),
        ("premier", "2026-04-01T00:00:00+02:00"),
        ("dernier", "2026-04-30T23:59:59+02:00"),
        ("apres", "2026-05-01T00:00:00+02:00"),
    ):
        record_offline_gift(
            key=key, amount_cents=100, occurred_at=dt.datetime.fromisoformat(moment)
        )

    def keys(query: str) -> list[str]:
        return [row["Origine"].removeprefix("offline:") for row in table(treasurer, query)]

    assert keys("?du=2026-04-01&au=2026-04-30") == ["premier", "dernier"]
    assert keys("?du=2026-05-01") == ["apres"]
    assert keys("?au=2026-03-31") == ["veille"]
    page = treasurer.get(
        "/admin/donations/ledgerentry/exporter/?du=2026-05-01&au=2026-04-01", follow=True
    )
    assert "La période finit avant de commencer." in text_of(page)
    page = treasurer.get("/admin/donations/ledgerentry/exporter/?du=demain", follow=True)
    assert "Saisissez une date valide." in text_of(page)


@pytest.mark.parametrize("role", ["editor", "moderator"])
def test_others_export_nothing(role: str) -> None:
    client = Client()
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/donations/ledgerentry/exporter/").status_code == 403
    assert Client().get("/admin/donations/ledgerentry/exporter/").status_code == 302


def test_the_export_asks_as_many_questions_for_many_rows_as_for_few(
    treasurer: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    for number in range(30):
        gift = record_offline_gift(key=f"c{number}", amount_cents=9, occurred_at=timezone.now())
        LedgerEntry.objects.create(
            kind="gift", amount_cents=9, occurred_at=timezone.now(), campaign=gift.campaign,
            gift=gift, source=f"stripe:ch_{number}:gift",
        )  # fmt: skip
    response = treasurer.get("/admin/donations/ledgerentry/exporter/")
    with django_assert_num_queries(3):
        assert len(b"".join(response).splitlines()) == 61
