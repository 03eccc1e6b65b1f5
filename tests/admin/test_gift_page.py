"""A gift's page in the admin: its story, what can be done, and who sees what of it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from donations.models import Gift, LedgerEntry, OutgoingEmail
from tests.admin.html import text_of
from tests.admin.test_broadcasts import send
from tests.admin.world import money, money_going_back

SignIn = Callable[[str], Client]


def address(gift: Gift) -> str:
    return f"/admin/donations/gift/{gift.pk}/change/"


def test_the_treasurer_reads_the_whole_story(treasurer: Client) -> None:
    gift = money()
    money_going_back(gift)
    page = text_of(treasurer.get(address(gift)))
    for words in (
        "Ce qui s’est passé",
        "Don hors ligne inscrit",
        "Reçu 10,00 €",
        "Inscrit au grand livre",
        "Remboursement demandé , par quelqu’un En double ; en attente, nouvel essai à",
        "Litige ouvert par la banque la personne dit n’avoir pas payé ; réponse attendue",
        "La banque conteste ce don : répondre avant le",
        "Alerte de fraude de la banque",
        "Heures de Paris",
    ):
        assert words.replace(" , par", ", par") in page, words


def test_moderators_see_nothing_of_the_donor_or_the_money(staff: SignIn) -> None:
    gift = money()
    money_going_back(gift)
    OutgoingEmail.objects.create(
        key=f"refund:{gift.pk}", to="donatrice1@example.org", subject="x", text="x"
    )
    moderator = staff("moderator")
    send(moderator, address(gift), message="Corrigé")
    page = text_of(moderator.get(address(gift)))
    assert "Don hors ligne inscrit" in page
    assert "par moderator" in page, "their own hand is told"
    for word in (
        "donatrice1", "Donatrice", "Litige", "fraude", "Remboursement", "grand livre",
        "Courriel", "En double", "cheque-1",
    ):  # fmt: skip
        assert word not in page, word


def test_editors_have_no_gifts(staff: SignIn) -> None:
    assert staff("editor").get(address(money())).status_code == 403


@pytest.mark.parametrize("role", ["treasurer", "owner"])
def test_a_gift_that_stripe_never_saw_has_no_refund_button(role: str, staff: SignIn) -> None:
    gift = money()
    client = staff(role)
    assert "Rembourser" not in text_of(client.get(address(gift)))
    answer = client.get(f"/admin/donations/gift/{gift.pk}/rembourser/", follow=True)
    assert "« Rembourser » n’est pas possible pour ce don." in text_of(answer)


def test_a_gift_of_nobody_is_not_refunded(treasurer: Client) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    answer = treasurer.get(f"/admin/donations/gift/{nobody}/rembourser/", follow=True)
    assert answer.redirect_chain
    assert answer.status_code == 200


def test_the_campaigns_page_shows_later_corrections(treasurer: Client) -> None:
    gift = money()
    assert gift.campaign is not None
    campaign = gift.campaign
    page = f"/admin/donations/campaign/{campaign.pk}/change/"
    assert "Corrections postérieures : Aucune" in text_of(treasurer.get(page))
    LedgerEntry.objects.create(
        kind="refund",
        amount_cents=-400,
        occurred_at=timezone.now() + dt.timedelta(days=40),
        campaign=campaign,
        gift=gift,
        source="test:late",
    )
    assert "Remboursement, \u22124,00 €" in text_of(treasurer.get(page))
