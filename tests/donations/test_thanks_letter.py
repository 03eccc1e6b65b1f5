"""The letter that thanks a giver: what it says, in text and in HTML."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from broadcasts.models import Broadcast
from donations.models import Gift, OutgoingEmail
from donations.services import letters
from sandbox.stripe import StripeStandIn
from tests.donations.factories import DonorFactory, entitled_entity, month_with_lines
from tests.donations.pages import spaced, text_of
from tests.donations.steps import start

pytestmark = pytest.mark.django_db

EPISODE = {"title": "L’info & l'argent <tout court>", "slug": "l-info-et-l-argent"}


def letter(client: Client, stripe: StripeStandIn, **fields: str) -> OutgoingEmail:
    given = start(client, **fields)
    stripe.pay(given.session)
    client.get(f"/don/merci?session={given.session}")
    return OutgoingEmail.objects.get(key=f"thanks:{given.gift.pk}")


def both(written: OutgoingEmail) -> tuple[str, str]:
    """The text and what the HTML says."""
    return re.sub(r"\n+", " ", written.text), text_of(written.html)


def test_letter_says_what_was_given_and_what_it_is_worth(
    visitor: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    written = letter(visitor, stripe, amount="12,50", cover_fee="on")
    gift = Gift.objects.get()
    assert written.to == "lectrice@example.org"
    for said in both(written):
        for sentence in (
            "Merci.",
            "Votre don de 12,50 € à Au Poste est arrivé.",
            "Et 0,45 € de plus couvrent les frais bancaires : merci aussi.",
            "comptée à part",
            "12,95 €",
            "AU POSTE",
            "ordre de priorité, aucun don n’est réservé à un poste",
            "Attestation de don (sans valeur fiscale) : ce message en tient lieu.",
            str(gift.pk),
        ):
            assert spaced(sentence) in said, sentence
        # A port or a reference may hold these digits; the rate of the reduction is a percentage.
        assert spaced("66 %") not in said


def test_letter_is_silent_on_what_was_not_chosen(visitor: Client, stripe: StripeStandIn) -> None:
    for said in both(letter(visitor, stripe)):
        assert "frais" not in said.lower()
        assert "émission" not in said


def test_letter_names_the_episode_with_its_whole_address(
    visitor: Client, stripe: StripeStandIn, settings: Settings
) -> None:
    Broadcast.objects.create(
        **EPISODE, status=Broadcast.Status.PUBLISHED, published_at=timezone.now()
    )
    written = letter(visitor, stripe, emission=EPISODE["slug"])
    address = f"{settings.SITE_URL}/emissions/l-info-et-l-argent"
    assert EPISODE["title"] in written.text, "plain text is not escaped"
    assert address in written.text
    assert "&lt;tout court&gt;" in written.html
    assert f'href="{address}"' in written.html


def test_letter_keeps_an_episode_quiet_that_was_taken_down(
    visitor: Client, stripe: StripeStandIn
) -> None:
    Broadcast.objects.create(
        **EPISODE, status=Broadcast.Status.PUBLISHED, published_at=timezone.now()
    )
    given = start(visitor, emission=EPISODE["slug"])
    Broadcast.objects.update(status=Broadcast.Status.ARCHIVED)
    stripe.pay(given.session)
    visitor.get(f"/don/merci?session={given.session}")
    for said in both(OutgoingEmail.objects.get()):
        assert "argent <tout court>" not in said


def test_entitled_entity_promises_the_tax_receipt(visitor: Client, stripe: StripeStandIn) -> None:
    entitled_entity()
    for said in both(letter(visitor, stripe)):
        assert "Les Amis de la presse établit le reçu fiscal de ce don." in said
        assert spaced("66 % de son montant") in said
        assert "sans valeur fiscale" not in said


def test_letter_fetches_nothing_and_follows_nobody(
    visitor: Client, stripe: StripeStandIn, settings: Settings
) -> None:
    written = letter(visitor, stripe)
    assert not re.search(r"<(img|script|link|iframe)\b|url\(|@import", written.html)
    for address in re.findall(r"https?://[^\s\"<]+", written.text + written.html):
        assert address.startswith(settings.SITE_URL)
        assert "?" not in address


def test_letter_dates_the_gift_in_paris() -> None:
    gift = Gift(
        amount_cents=1000,
        donor=DonorFactory.create(),
        campaign=month_with_lines(),
        paid_at=dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC),
    )
    letters.write_thanks(gift)
    for said in both(OutgoingEmail.objects.get()):
        assert "1er janvier 2027 à 0\u00a0h\u00a030, heure de Paris" in said
