"""Recording gifts that never saw Stripe, and taking them back, by the treasurer's own forms."""

import datetime as dt
import re
import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from donations.models import Campaign, Donor, Gift, LedgerEntry, Progress, ReceiptIssuer
from donations.receipts.issuing import issue_for_gift
from donations.services.campaigns import current_campaign, paris_day
from donations.services.offline import record_offline_gift
from tests.admin.html import form_of, text_of
from tests.admin.world import episode, money, month

ADD = "/admin/donations/gift/add/"


def fill(client: Client, **changes: object) -> dict[str, object]:
    fields = form_of(client.get(ADD))
    today = paris_day().isoformat()
    return {**fields, "means": "cheque", "amount": "12,50", "received_on": today, **changes}


def record(client: Client, **changes: object) -> object:
    return client.post(ADD, fill(client, **changes))


def test_a_cheque_enters_the_ledger(treasurer: Client) -> None:
    broadcast = episode(1)
    response = record(
        treasurer,
        name="Odile Grand",
        email="Odile@Example.org",
        street="3, rue du Port",
        postal_code="29000",
        city="Quimper",
        broadcast=broadcast.pk,
        note="Chèque 0042",
    )
    gift = Gift.objects.get()
    assert response["Location"] == f"/admin/donations/gift/{gift.pk}/change/"
    assert (gift.means, gift.channel, gift.status) == ("cheque", "offline", "succeeded")
    assert (gift.broadcast, gift.note) == (broadcast, "Chèque 0042")
    assert gift.donor is not None
    assert (gift.donor.email, gift.donor.has_address) == ("odile@example.org", True)
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount_cents, entry.campaign) == ("offline", 1250, current_campaign())
    assert Progress.objects.get().dirty_since is not None
    page = text_of(treasurer.get(response["Location"]))
    assert "Don de 12,50 € enregistré" in page
    assert "Chèque 0042" in page


def test_a_second_click_books_nothing(treasurer: Client) -> None:
    fields = fill(treasurer, name="Odile")
    for _ in range(2):
        response = treasurer.post(ADD, fields)
    assert "déjà enregistré" in text_of(treasurer.get(response["Location"]))
    assert LedgerEntry.objects.count() == Donor.objects.count() == 1


@pytest.mark.parametrize("other", [{"name": "Paul"}, {"amount": "40"}, {"means": "cash"}])
def test_a_form_that_comes_back_for_the_next_cheque_is_not_swallowed(
    other: dict[str, str], treasurer: Client
) -> None:
    fields = fill(treasurer, name="Odile")
    treasurer.post(ADD, fields)
    response = treasurer.post(ADD, {**fields, **other})
    assert "a déjà servi pour un don de 12,50 €" in text_of(response)
    assert LedgerEntry.objects.count() == 1
    response = treasurer.post(ADD, form_of(response))
    assert response.status_code == 302, text_of(response)
    assert Gift.objects.count() == LedgerEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"received_on": "2999-01-01"}, "Ce jour n’est pas encore venu."),
        ({"received_on": "0026-11-01"}, "trop ancien"),
        ({"received_on": "31/02/2026"}, "Saisissez une date valide."),
        ({"amount": "0"}, "au moins 0,01 €"),
        ({"amount": "-12"}, "n’en est pas un"),
        ({"amount": ""}, "obligatoire"),
        ({"means": "card"}, "Sélectionnez un choix valide"),
        ({"email": "pas une adresse"}, "adresse"),
        ({"street": "3, rue du Port"}, "À qui est cette adresse postale"),
        ({"key": "abc"}, "Rien n’est enregistré"),
        ({"donor": "abc"}, "Sélectionnez un choix valide"),
        ({"broadcast": "9" * 30}, "Sélectionnez un choix valide"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, str], told: str, treasurer: Client) -> None:
    response = record(treasurer, **changes)
    assert response.status_code == 200
    assert told in text_of(response)
    assert not LedgerEntry.objects.exists()
    assert not Donor.objects.exists()


def test_somebody_known_is_chosen_or_found(treasurer: Client) -> None:
    donor = money(1).donor
    record(treasurer, donor=donor.pk, street="9, quai Neuf", postal_code="1", city="Brest")
    record(treasurer, email="DONATRICE1@example.org", amount="3")
    assert Donor.objects.get().gifts.count() == 3
    assert Donor.objects.get().city == "Brest"
    response = record(treasurer, donor=donor.pk, email="autre@example.org")
    assert "pas les deux" in text_of(response)
    Donor.objects.update(email=None, erased_at=timezone.now())
    assert "effacer ses données" in text_of(record(treasurer, donor=donor.pk))


def test_a_past_month_takes_a_late_gift(treasurer: Client) -> None:
    record(treasurer, received_on="2026-01-31", name="Odile")
    entry = LedgerEntry.objects.get()
    assert entry.campaign.starts_on == dt.date(2026, 1, 1)
    assert "Janvier 2026" in text_of(
        treasurer.get(f"/admin/donations/gift/{entry.gift_id}/change/")
    )


def test_a_special_collection_takes_gifts_of_its_days(treasurer: Client) -> None:
    today = paris_day()
    collection = Campaign.objects.create(
        title="Un camion",
        kind="special",
        starts_on=today - dt.timedelta(days=3),
        ends_on=today + dt.timedelta(days=3),
    )
    record(treasurer, collection=collection.pk, name="Odile")
    assert LedgerEntry.objects.get().campaign == collection
    before = (today - dt.timedelta(days=4)).isoformat()
    response = record(treasurer, collection=collection.pk, received_on=before)
    assert "Elle court du" in text_of(response)


@pytest.mark.parametrize(
    ("role", "status"), [("editor", 403), ("moderator", 403), ("outsider", 302), ("owner", 200)]
)
def test_who_may(role: str, status: int, staff: Callable[[str], Client]) -> None:
    gift = money(1)
    client = staff(role)
    reverse = f"/admin/donations/gift/{gift.pk}/annuler/"
    for address in (ADD, reverse):
        assert client.get(address).status_code == status
        if role != "owner":
            assert client.post(address, {"reason": "x"}).status_code == status
    assert LedgerEntry.objects.count() == 1


def test_taking_back_is_a_counter_entry(treasurer: Client) -> None:
    gift = money(1)
    page = f"/admin/donations/gift/{gift.pk}/change/"
    address = f"/admin/donations/gift/{gift.pk}/annuler/"
    assert address in treasurer.get(page).content.decode()
    assert "Cela ne se défait pas" in text_of(treasurer.get(address))
    assert "obligatoire" in text_of(treasurer.post(address, {"reason": ""}))
    assert LedgerEntry.objects.count() == 1
    treasurer.post(address, {"reason": "Chèque sans provision"})
    treasurer.post(address, {"reason": "Encore"})
    counter = LedgerEntry.objects.get(source="offline:cheque-1:reversed")
    assert (counter.kind, counter.amount_cents, counter.campaign) == (
        "adjustment", -1000, gift.campaign,
    )  # fmt: skip
    assert LedgerEntry.objects.total_cents() == 0
    assert LedgerEntry.objects.donors() == 0
    gift.refresh_from_db()
    assert gift.refunded_cents == 1000
    shown = treasurer.get(page)
    assert address not in shown.content.decode()
    assert "par treasurer : Chèque sans provision" in text_of(shown)


def test_a_paper_about_it_is_cancelled(treasurer: Client) -> None:
    gift = money(1)
    issuer = ReceiptIssuer.objects.create(name="Au Poste")
    receipt = issue_for_gift(gift_id=gift.pk, issuer=issuer, kind="attestation")
    treasurer.post(f"/admin/donations/gift/{gift.pk}/annuler/", {"reason": "Erreur"})
    receipt.refresh_from_db()
    assert receipt.cancelled_at is not None


def test_a_gift_of_a_past_month_goes_out_of_that_month(treasurer: Client) -> None:
    record(treasurer, received_on="2026-01-31", name="Odile")
    gift = Gift.objects.get()
    treasurer.post(f"/admin/donations/gift/{gift.pk}/annuler/", {"reason": "Erreur"})
    counter = LedgerEntry.objects.get(kind="adjustment")
    assert counter.campaign == gift.campaign
    assert counter.occurred_at > timezone.now() - dt.timedelta(minutes=1)


def test_a_gift_by_stripe_is_not_taken_back_here(treasurer: Client) -> None:
    gift = Gift.objects.create(amount_cents=1000)
    response = treasurer.post(f"/admin/donations/gift/{gift.pk}/annuler/", {"reason": "x"})
    assert "n’est pas possible" in text_of(treasurer.get(response["Location"]))
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_key_book_once() -> None:
    month()
    together = threading.Barrier(3)

    def book() -> None:
        try:
            together.wait()
            record_offline_gift(key="same", amount_cents=700, occurred_at=timezone.now())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=book) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert LedgerEntry.objects.count() == Gift.objects.count() == Donor.objects.count() == 1


def test_the_list_leads_to_the_form(treasurer: Client) -> None:
    page = treasurer.get("/admin/donations/gift/").content.decode()
    assert re.search(rf'href="{ADD}"[^>]*>Enregistrer un don hors ligne', page)
