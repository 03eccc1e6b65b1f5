"""Two people press two buttons in the same moment: one thing happens, and nobody sees an error."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db import connection, connections, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from donations.models import DonorLink, LedgerEntry, OutgoingEmail, ReceiptRun, RefundOrder
from donations.services import letters
from donations.services.donor_space import digest_of
from sandbox.stripe import StripeStandIn
from tests.donations.donor_steps import sign_in
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import begin, promise
from tests.donations.pages import Page
from tests.donations.receipts.world import donor, gift, issuer
from tests.donations.steps import deliver, start
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
HOME = {"sec-fetch-site": "same-origin"}


def twin(client: Client) -> Client:
    """Another window of the same browser."""
    other = Client()
    other.cookies.update(client.cookies)
    return other


def at_once(*presses: Callable[[], int]) -> list[int]:
    """The statuses of these requests, sent together."""
    together, statuses = threading.Barrier(len(presses)), []

    def press(one: Callable[[], int]) -> None:
        try:
            together.wait()
            statuses.append(one())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=[one]) for one in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def writers_of(model: type[Model]) -> int:
    """How many transactions write to its table, or wait to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND granted"
            " AND mode = 'RowExclusiveLock'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [model._meta.db_table],
        )
        return int(cursor.fetchone()[0])


def test_two_workers_send_a_letter_once(mailoutbox: list[EmailMessage]) -> None:
    letter = OutgoingEmail.objects.create(
        key="thanks:1", to="lectrice@example.org", subject="Merci", text="Merci."
    )

    held = threading.Event()

    def send() -> int:
        assert held.wait(60)
        return int(letters.send(letter.pk))

    def hold() -> int:
        """Both have read the letter when either may claim it."""
        with transaction.atomic():
            OutgoingEmail.objects.select_for_update().get()
            held.set()
            wait_until(lambda: writers_of(OutgoingEmail) == 2, "both to claim the letter")
        return 2

    assert at_once(send, send, hold) == [0, 1, 2]
    assert not letters.send(letter.pk), "nor one who comes late"
    letter.refresh_from_db()
    assert [mail.to for mail in mailoutbox] == [["lectrice@example.org"]]
    assert (letter.sent_at is not None, letter.attempts) == (True, 1)


def test_two_refunds_of_one_gift(client: Client, treasurer: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    given = start(client)
    stripe.pay(given.session)
    deliver(client, stripe)
    address = f"/admin/donations/gift/{given.gift.pk}/rembourser/"
    orders = []
    for _ in range(2):
        page = Page(treasurer.post(address, {"amount": "10"}))
        orders.append(page.one("input", name="order")["value"])
    windows = [twin(treasurer), twin(treasurer)]

    def press(window: Client, order: str | None) -> Callable[[], int]:
        return lambda: window.post(address, {"order": order or "", "cents": "1000"}).status_code

    assert at_once(*map(press, windows, orders)) == [302, 302]
    # The second finds one waiting, nothing left, or Stripe says so.
    states = sorted(RefundOrder.objects.values_list("state", flat=True))
    assert states in (["done"], ["done", "refused"])
    deliver(client, stripe)
    assert LedgerEntry.objects.raised().total_cents() == 0
    assert LedgerEntry.objects.filter(kind="refund").count() == 1


def test_stopping_and_changing_a_monthly_gift(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    begin(client, stripe)
    deliver(client, stripe)
    sign_in(client)
    stamp = Page(client.get("/don/gerer")).all("input", name="stamp")[0]["value"] or ""
    address, one, other = f"/don/gerer/mensuel/{promise().pk}", twin(client), twin(client)
    statuses = at_once(
        lambda: one.post(f"{address}/arreter", {"stamp": stamp}, headers=HOME).status_code,
        lambda: (
            other.post(
                f"{address}/montant", {"stamp": stamp, "amount": "20"}, headers=HOME
            ).status_code
        ),
    )
    # Whoever comes second finds it ended: at Stripe, or here.
    assert statuses in ([303, 303], [303, 404])
    assert promise().status == "ended"


def test_stopping_takes_longer_than_the_change_that_came_after(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    begin(client, stripe)
    deliver(client, stripe)
    sign_in(client)
    stamp = Page(client.get("/don/gerer")).all("input", name="stamp")[0]["value"] or ""
    address, other = f"/don/gerer/mensuel/{promise().pk}", twin(client)
    stripe.hold(method="DELETE", path="/v1/subscriptions/*", stage="before")

    def change() -> int:
        assert stripe.wait_for_waiting(1, timeout=60)
        try:
            sent = {"stamp": stamp, "amount": "20"}
            return other.post(f"{address}/montant", sent, headers=HOME).status_code
        finally:
            stripe.release()

    def stop() -> int:
        return client.post(f"{address}/arreter", {"stamp": stamp}, headers=HOME).status_code

    assert at_once(stop, change) == [303, 303]
    assert (promise().status, promise().amount_cents) == ("ended", 2000)


def test_two_yearly_runs(treasurer: Client) -> None:
    gift(donor(), at=dt.datetime(2025, 5, 1, 10, tzinfo=dt.UTC))
    sent = {"kind": "attestation", "issuer": str(issuer().pk)}
    address = "/admin/donations/receipt/annee/2025/lancer/"
    one, other = twin(treasurer), twin(treasurer)
    assert at_once(
        lambda: one.post(address, sent).status_code, lambda: other.post(address, sent).status_code
    ) == [302, 302]
    assert ReceiptRun.objects.count() == 1


def test_one_link_in_two_browsers() -> None:
    link = DonorLink.objects.create(
        donor=donor(),
        digest=digest_of("s" * 43),
        expires_at=timezone.now() + dt.timedelta(minutes=5),
    )
    one, other, address = Client(), Client(), f"/don/gerer/{'s' * 43}"
    statuses = at_once(
        lambda: one.post(address, headers=HOME).status_code,
        lambda: other.post(address, headers=HOME).status_code,
    )
    assert statuses == [303, 410]
    assert sum("don" in browser.cookies for browser in (one, other)) == 1
    link.refresh_from_db()
    assert link.used_at is not None
