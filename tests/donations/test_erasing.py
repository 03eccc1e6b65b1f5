"""Erasing a person: nowhere to be found afterwards, and no total has moved."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import tasks
from donations.models import (
    Campaign,
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    LedgerEntry,
    LinkRequest,
    OutgoingEmail,
    Progress,
    Receipt,
    ReceiptFile,
    ReceiptIdentity,
    ReceiptIssuer,
    ReceiptItem,
    RefundOrder,
    StripeCustomer,
    Subscription,
)
from donations.services import campaigns, donor_space, erasing
from sandbox.stripe import StripeStandIn
from tests.admin.world import person
from tests.donations.donor_steps import given, send, sign_in
from tests.donations.factories import month_with_lines
from tests.donations.pages import says
from tests.donations.steps import deliver, offer_debits, start, work_off

pytestmark = pytest.mark.django_db

EMAIL, NAME, STREET = "Jeanne.Quidonne@example.org", "Jeanne Quidonne", "3, rue du Lac-Noir"
FOLDED = EMAIL.lower()
TEXTS = """
    SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
    AND data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY')
"""


def found(*words: str) -> set[str]:
    """Where any of these words stands in the database: every text column of every table."""
    with connection.cursor() as cursor:
        cursor.execute(TEXTS)
        columns = cursor.fetchall()
        assert len(columns) > 150
        search = " UNION ALL ".join(
            f"""SELECT '{table}.{column}' FROM "{table}" WHERE "{column}"::text ILIKE ANY (%s)"""
            for table, column in columns
        )
        cursor.execute(search, [[f"%{word}%" for word in words]] * len(columns))
        return {place for (place,) in cursor.fetchall()}


def books() -> list[object]:
    """All that money is told by: the ledger row by row, and what every campaign shows."""
    for campaign in Campaign.objects.all():
        campaigns.recompute_progress(campaign.pk)
    return [
        list(LedgerEntry.objects.order_by("pk").values()),
        list(Progress.objects.order_by("pk").values("campaign", "raised_cents", "donors")),
        [campaigns.ledger_fundraising(campaign) for campaign in Campaign.objects.order_by("pk")],
        list(Gift.objects.order_by("pk").values_list("pk", "amount_cents", "status", "paid_at")),
    ]


def receipt_of(gift: Gift) -> Receipt:
    """A paper with its own copy of the name, as the law wants it."""
    issuer = ReceiptIssuer.objects.create(
        name="Au Poste", street="1, rue", postal_code="75020", city="Paris"
    )
    receipt = Receipt.objects.create(
        issuer=issuer, kind="attestation", year=2026, number=1, donor=gift.donor,
        amount_cents=1000, issued_at=timezone.now(), rendered_at=timezone.now(),
        cancel_reason=f"Refaite pour {NAME}",
    )  # fmt: skip
    ReceiptItem.objects.create(receipt=receipt, gift=gift, amount_cents=1000)
    ReceiptFile.objects.create(receipt=receipt, pdf=b"%PDF-1.7")
    ReceiptIdentity.objects.create(
        receipt=receipt, name=NAME, street=STREET, keep_until=dt.date(2032, 12, 31)
    )
    return receipt


@pytest.fixture
def jeanne(visitor: Client, stripe: StripeStandIn) -> Donor:
    """Somebody who left traces everywhere: a monthly gift, a refund, a cheque, an open page."""
    month_with_lines()
    given("autre@example.org", cents=5000)
    words = {"email": EMAIL, "show_name": "on", "public_name": NAME, "message": f"De {NAME}."}
    once, each_month = start(visitor, **words), start(visitor, rhythm="monthly", **words)
    for started in (once, each_month):
        stripe.pay(started.session)
    stripe.refund(once.session, amount=300)
    deliver(visitor, stripe)
    cheque = given(FOLDED, note=f"Chèque de {NAME}, {STREET}", public_name=NAME, days=40)
    start(visitor, **words)  # a page that stays open
    abandoned = start(visitor, **words)
    stripe.expire(abandoned.session)
    deliver(visitor, stripe)
    donor = Donor.objects.get(email=FOLDED)
    Donor.objects.filter(pk=donor.pk).update(
        name=NAME, street=STREET, postal_code="69003", city="Lyon"
    )
    receipt_of(cheque)
    RefundOrder.objects.create(
        gift=cheque, amount_cents=1, reason=f"Demandé par {EMAIL}", state="refused"
    )
    OutgoingEmail.objects.create(
        key="dispute:1", to="tresorerie@example.org", subject=f"Litige : {NAME}",
        text=f"{NAME} ({EMAIL}) conteste.", html=f"<p>{EMAIL}</p>", sent_at=timezone.now(),
    )  # fmt: skip
    OutgoingEmail.objects.create(key="unsent", to=FOLDED, subject="À venir", text=f"Chère {NAME}")
    treasurer = person("treasurer")
    for model, pk, text in ((Donor, donor.pk, NAME), (Gift, cheque.pk, f"Don de {NAME}")):
        LogEntry.objects.create(
            user=treasurer, content_type=ContentType.objects.get_for_model(model),
            object_id=str(pk), object_repr=text, action_flag=2, change_message=f"Pour {EMAIL}",
        )  # fmt: skip
    donor_space.ask_for_link(EMAIL)
    sign_in(visitor, EMAIL)
    donor_space.ask_for_link(EMAIL)
    mail.outbox.clear()
    donor.refresh_from_db()
    return donor


@pytest.fixture
def monthly(visitor: Client, stripe: StripeStandIn) -> Donor:
    """Somebody with a monthly gift and nothing else, who is in their space."""
    started = start(visitor, rhythm="monthly", email=EMAIL, show_name="on", public_name=NAME)
    stripe.pay(started.session)
    deliver(visitor, stripe)
    sign_in(visitor, EMAIL)
    return Donor.objects.get(email=FOLDED)


def test_a_person_is_nowhere_afterwards_and_no_total_has_moved(
    jeanne: Donor, visitor: Client, stripe: StripeStandIn
) -> None:
    before = books()
    assert len(found(EMAIL, NAME, STREET)) >= 15, "or this test searches for nothing"
    cookie = visitor.cookies["don"].value
    transparency = visitor.get("/transparence").content
    page = visitor.get("/don/gerer/effacer")
    for sentence in (
        "votre don mensuel de 10,00 €",
        "jusqu’au 31 décembre 2032",
        "aucun total ne change",
        "à Stripe qu’il faut le demander",
    ):
        assert says(page, sentence), sentence
    done = send(visitor, "/don/gerer/effacer", word=" Effacer ")
    assert (done.status_code, done["Location"]) == (303, "/don/gerer/efface")
    assert says(visitor.get("/don/gerer/efface"), "C’est effacé")

    kept = {f"donations_receiptidentity.{column}" for column in ("name", "street")}
    assert found(EMAIL, NAME, STREET) == kept
    assert books() == before
    assert visitor.get("/transparence").content == transparency
    person_left = Donor.objects.get(pk=jeanne.pk)
    assert (person_left.email, person_left.name, person_left.city) == (None, "", "")
    assert person_left.erased_at is not None
    assert person_left.gifts.count() == 3
    assert Subscription.objects.get().status == "ended"
    assert stripe.get(Subscription.objects.get().subscription_id)["status"] == "canceled"
    assert not StripeCustomer.objects.filter(donor=jeanne).exists()
    assert not DonorLink.objects.exists()
    assert not LinkRequest.objects.exists()

    # What comes late brings nobody back.
    deliver(visitor, stripe)
    work_off()
    tasks.forget_old()
    assert found(EMAIL, NAME, STREET) == kept
    assert not StripeCustomer.objects.filter(donor=jeanne).exists()
    assert not [letter for letter in mail.outbox if FOLDED in letter.to]
    assert books() == before
    visitor.cookies["don"] = cookie
    assert says(visitor.get("/don/gerer"), "Recevoir mon lien")


def test_the_word_must_be_typed(monthly: Donor, visitor: Client) -> None:
    for word in ("", "non", "effacer tout"):
        response = send(visitor, "/don/gerer/effacer", word=word)
        assert response.status_code == 422
        assert says(response, "Tapez le mot « effacer » pour confirmer.")
    monthly.refresh_from_db()
    assert monthly.erased_at is None
    assert Subscription.objects.get().status == "active"


def test_stripe_away_erases_nothing(monthly: Donor, visitor: Client, stripe: StripeStandIn) -> None:
    before = found(EMAIL, NAME, STREET)
    stripe.fail(path="/v1/*", count=20)
    response = send(visitor, "/don/gerer/effacer", word="effacer")
    assert response.status_code == 503
    assert says(response, "Rien n’a été effacé.")
    assert found(EMAIL, NAME, STREET) == before
    with pytest.raises(ExternalServiceError):
        erasing.stop_and_erase(monthly)


def test_a_running_gift_is_never_left_behind(monthly: Donor) -> None:
    with pytest.raises(erasing.StillGivingError):
        erasing.erase(monthly)
    monthly.refresh_from_db()
    assert monthly.email == FOLDED


def test_twice_is_once(monthly: Donor) -> None:
    erasing.stop_and_erase(monthly)
    erasing.stop_and_erase(monthly)
    assert DonorAction.objects.filter(text="Données effacées").count() == 1


def test_money_on_its_way_comes_to_nobody(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    offer_debits()
    donor = given(FOLDED).donor
    debit = start(visitor, email=EMAIL, show_name="on", public_name=NAME)
    stripe.pay(debit.session, "FR1420041010050500013M02606")
    deliver(visitor, stripe)
    assert Gift.objects.get(pk=debit.gift.pk).status == Gift.Status.PROCESSING
    erasing.stop_and_erase(donor)
    assert not found(EMAIL, NAME)
    stripe.settle(debit.session)
    deliver(visitor, stripe)
    assert Gift.objects.get(pk=debit.gift.pk).donor == donor
    assert LedgerEntry.objects.filter(gift=debit.gift).exists()
    assert not found(EMAIL, NAME)


def test_who_gives_again_is_somebody_new(
    monthly: Donor, visitor: Client, stripe: StripeStandIn
) -> None:
    erasing.stop_and_erase(monthly)
    again = start(visitor, email=EMAIL)
    stripe.pay(again.session)
    deliver(visitor, stripe)
    newcomer = Donor.objects.get(email=FOLDED)
    assert newcomer != monthly
    assert newcomer.gifts.get().pk == again.gift.pk


def test_a_late_refund_is_still_booked(
    jeanne: Donor, visitor: Client, stripe: StripeStandIn
) -> None:
    gift = jeanne.gifts.exclude(charge_id=None).filter(refunded_cents=300).get()
    erasing.stop_and_erase(jeanne)
    stripe.refund(gift.checkout_session_id)
    deliver(visitor, stripe)
    assert sum(gift.entries.raised().values_list("amount_cents", flat=True)) == 0
    assert found(EMAIL, NAME) == {"donations_receiptidentity.name"}


# --- For somebody who phones ---------------------------------------------------------------------


def test_the_treasurer_erases_with_a_reason(jeanne: Donor) -> None:
    desk = Client()
    desk.force_login(
        User.objects.get(username="treasurer"), backend="django.contrib.auth.backends.ModelBackend"
    )
    page = f"/admin/donations/donor/{jeanne.pk}"
    assert f"{page}/effacer/" in desk.get(f"{page}/change/").content.decode()
    assert desk.post(f"{page}/effacer/", {"reason": ""}).status_code == 200
    assert Donor.objects.filter(email=FOLDED).exists()
    response = desk.post(f"{page}/effacer/", {"reason": f"Demande de {NAME} au téléphone"})
    assert response["Location"] == f"{page}/change/"
    action = DonorAction.objects.get(text__startswith="Données effacées")
    assert action.text == "Données effacées : Demande de [effacé] au téléphone"
    assert action.made_by.username == "treasurer"
    assert DonorAction.objects.get(text="Don mensuel arrêté").made_by == action.made_by
    after = desk.get(f"{page}/change/").content.decode()
    assert "Données effacées" in after
    assert f"{page}/effacer/" not in after
    assert desk.get(f"{page}/effacer/").status_code == 403


@pytest.mark.parametrize("role", ["editor", "moderator", "outsider"])
def test_nobody_else_erases(role: str) -> None:
    donor = given(FOLDED).donor
    client = Client()
    if role != "outsider":
        client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(f"/admin/donations/donor/{donor.pk}/effacer/", {"reason": "Pour voir"})
    assert response.status_code == (302 if role == "outsider" else 403)
    assert Donor.objects.get().email == FOLDED


# --- What has had its time -----------------------------------------------------------------------


def test_what_is_old_loses_its_words() -> None:
    now = timezone.now()
    gift = given(FOLDED, public_name=NAME)
    for key, days in (("old", 91), ("new", 89)):
        OutgoingEmail.objects.create(
            key=key, to=FOLDED, subject="Merci", text="Merci", html="<p>",
            sent_at=now - dt.timedelta(days=days),
        )  # fmt: skip
    for days, digest in ((8, "a"), (6, "b")):
        DonorLink.objects.create(
            donor=gift.donor, digest=digest, expires_at=now - dt.timedelta(days=days)
        )
    for days in (8, 6):
        left = Gift.objects.create(amount_cents=500, status="expired", public_name=NAME)
        Gift.objects.filter(pk=left.pk).update(created_at=now - dt.timedelta(days=days))
    tasks.forget_old()
    assert list(OutgoingEmail.objects.order_by("key").values_list("key", "to", "text")) == [
        ("new", FOLDED, "Merci"),
        ("old", "", ""),
    ]
    assert DonorLink.objects.get().digest == "b"
    names = Gift.objects.filter(status="expired").order_by("created_at").values_list("public_name")
    assert list(names) == [("",), (NAME,)]
    gift.refresh_from_db()
    assert gift.public_name == NAME
