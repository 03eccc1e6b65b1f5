"""What the thanks say, in each state that a payment can be in when its giver comes back."""

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.models import Broadcast
from donations.models import Gift, Progress
from sandbox.stripe import StripeStandIn
from sandbox.stripe.checkout import IBAN_FAILS, IBAN_SUCCEEDS
from tests.donations.factories import entitled_entity, month_with_lines
from tests.donations.pages import Page, says
from tests.donations.steps import Started, offer_debits, start

pytestmark = pytest.mark.django_db

NOTHING_TAKEN = "Rien n’a été prélevé."
PRIORITY = "ordre de priorité"


@pytest.fixture
def episode() -> Broadcast:
    return Broadcast.objects.create(
        title="Qui possède les kiosques ?",
        slug="qui-possede-les-kiosques",
        status=Broadcast.Status.PUBLISHED,
        published_at=timezone.now(),
    )


def thanks(client: Client, given: Started, **headers: str) -> Page:
    return Page(client.get(f"/don/merci?session={given.session}", headers=headers))


def test_thanks_say_what_the_gift_did(
    visitor: Client, stripe: StripeStandIn, episode: Broadcast
) -> None:
    month_with_lines()
    given = start(visitor, emission=episode.slug)
    stripe.pay(given.session)
    page = thanks(visitor, given)
    response = page.response
    assert response.status_code == 200
    assert len(page.all("h1")) == 1
    assert says(
        response,
        "Merci. Vos 10,00 € sont arrivés. Encore 1 890,00 € et le palier Loyer est franchi.",
    )
    assert says(response, PRIORITY)
    assert says(response, "il n’est réservé à aucun poste")
    assert says(response, "Relevé AU POSTE")
    assert says(response, "Attestation de don (sans valeur fiscale)")
    assert says(response, str(given.gift.pk))
    assert not says(response, "frais bancaires")
    assert page.one("a", href=f"/emissions/{episode.slug}", class_="button")
    assert says(response, "Revenir à l’émission")
    assert page.all("a", href="/emissions")
    assert "data-hx-get" not in page.one("div", id="etat"), "nothing is left to wait for"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert not response.cookies


def test_thanks_show_the_bar_moved_before_any_worker_has(
    visitor: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    given = start(visitor)
    stripe.pay(given.session)
    assert says(thanks(visitor, given).response, "10,00 € récoltés")
    assert Progress.objects.get().raised_cents == 0


def test_thanks_keep_the_fee_cover_apart(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    given = start(visitor, cover_fee="on")
    stripe.pay(given.session)
    response = thanks(visitor, given).response
    assert says(response, "Vos 10,00 € sont arrivés. Encore 1 890,00 €")
    assert says(response, "Merci aussi pour les 0,41 € de frais bancaires : comptés à part")
    assert says(response, "Total 10,41 €")


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("1900", "Le palier Loyer est franchi ! Encore 900,00 € et le palier Gestion est franchi."),
        ("2850", "Les paliers Loyer et Gestion sont franchis ! Encore 950,00 € et le palier"),
        ("3800", "Les paliers Loyer, Gestion et Transport sont franchis !"),
    ],
)
def test_thanks_name_the_lines_that_the_gift_crossed(
    visitor: Client, stripe: StripeStandIn, amount: str, told: str
) -> None:
    month_with_lines()
    given = start(visitor, amount=amount)
    stripe.pay(given.session)
    assert says(thanks(visitor, given).response, told)


def test_thanks_at_and_above_the_goal(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines((("Loyer", 10_000),))
    first = start(visitor, amount="100")
    stripe.pay(first.session)
    reached = thanks(visitor, first).response
    assert says(reached, "Le palier Loyer est franchi !")
    assert not says(reached, "Objectif dépassé")
    second = start(visitor, amount="4")
    stripe.pay(second.session)
    assert says(thanks(visitor, second).response, "Objectif dépassé : 104 %. Merci.")


def test_thanks_without_any_budget_line(visitor: Client, stripe: StripeStandIn) -> None:
    given = start(visitor)
    stripe.pay(given.session)
    assert says(thanks(visitor, given).response, "Merci. Vos 10,00 € sont arrivés.")


def test_thanks_seen_again_tell_of_a_refund(visitor: Client, stripe: StripeStandIn) -> None:
    given = start(visitor)
    stripe.pay(given.session)
    thanks(visitor, given)
    Gift.objects.filter(pk=given.gift.pk).update(refunded_cents=400)
    assert says(thanks(visitor, given).response, "Depuis, 4,00 € vous ont été remboursés.")


def test_thanks_do_not_lead_to_an_episode_that_was_taken_down(
    visitor: Client, stripe: StripeStandIn, episode: Broadcast
) -> None:
    given = start(visitor, emission=episode.slug)
    stripe.pay(given.session)
    Broadcast.objects.update(status=Broadcast.Status.ARCHIVED)
    page = thanks(visitor, given)
    assert not page.all("a", href=f"/emissions/{episode.slug}")
    assert not says(page.response, "kiosques")
    assert not says(page.response, "Depuis")


def test_entitled_entity_is_named_in_the_thanks(visitor: Client, stripe: StripeStandIn) -> None:
    entitled_entity()
    given = start(visitor)
    stripe.pay(given.session)
    response = thanks(visitor, given).response
    assert says(response, "Les Amis de la presse établira votre reçu fiscal.")
    assert not says(response, "sans valeur fiscale")


def test_direct_debit_must_still_be_confirmed(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    offer_debits()
    given = start(visitor)
    stripe.pay(given.session, IBAN_SUCCEEDS)
    waiting = thanks(visitor, given)
    assert waiting.response.status_code == 200
    assert says(waiting.response, "Votre banque doit encore confirmer.")
    assert says(waiting.response, "rien n’est compté")
    assert says(waiting.response, "0,00 € récoltés")
    assert "data-hx-get" not in waiting.one("div", id="etat"), "days are not polled away"
    stripe.settle(given.session)
    assert says(thanks(visitor, given).response, "Vos 10,00 € sont arrivés.")


def test_refused_debit_takes_nothing_and_offers_another_try(
    visitor: Client, stripe: StripeStandIn
) -> None:
    offer_debits()
    given = start(visitor)
    stripe.pay(given.session, IBAN_FAILS)
    stripe.settle(given.session, "failed")
    page = thanks(visitor, given)
    assert says(page.response, "Le paiement n’est pas passé.")
    assert says(page.response, NOTHING_TAKEN)
    again = page.one("a", href=f"/don?annule={given.gift.pk}")["href"] or ""
    assert Page(visitor.get(again)).one("input", name="amount")["value"] == "10"


def test_expired_page_takes_nothing(visitor: Client, stripe: StripeStandIn) -> None:
    given = start(visitor)
    stripe.expire(given.session)
    page = thanks(visitor, given)
    assert page.response.status_code == 200
    assert says(page.response, "La page de paiement a expiré.")
    assert says(page.response, NOTHING_TAKEN)
    assert page.all("a", href=f"/don?annule={given.gift.pk}")


def test_waiting_page_asks_again_until_something_changes(
    visitor: Client, stripe: StripeStandIn
) -> None:
    given = start(visitor)
    waiting = thanks(visitor, given)
    assert says(waiting.response, "Nous demandons à Stripe où en est votre paiement de 10,00 €.")
    part = waiting.one("div", id="etat")
    assert part["data-hx-trigger"] == "every 3s"
    assert waiting.all("a", href=f"/don/merci?session={given.session}"), "works without script"
    poll = part["data-hx-get"] or ""
    unchanged = visitor.get(poll, headers={"hx-request": "true"})
    assert (unchanged.status_code, unchanged.content) == (204, b"")
    stripe.pay(given.session)
    changed = Page(visitor.get(poll, headers={"hx-request": "true"}))
    assert says(changed.response, "Merci. Vos 10,00 € sont arrivés.")
    assert "data-hx-get" not in changed.one("div", id="etat")
    assert not changed.all("html"), "a part, not a page"
    assert changed.response.content.decode().count("<title>Merci – Au Poste</title>") == 1


def test_stripe_away_after_payment_is_no_failure(visitor: Client, stripe: StripeStandIn) -> None:
    given = start(visitor)
    stripe.pay(given.session)
    stripe.fail(path="/v1/checkout/sessions/*", count=4, status=500)
    page = thanks(visitor, given)
    assert page.response.status_code == 200
    assert says(page.response, "Stripe ne répond pas.")
    assert says(page.response, "Ne payez pas une seconde fois.")
    poll = page.one("div", id="etat")["data-hx-get"] or ""
    assert visitor.get(poll, headers={"hx-request": "true"}).status_code == 204
    assert says(visitor.get(poll, headers={"hx-request": "true"}), "sont arrivés")


@pytest.mark.parametrize(
    "query", ["", "?session=", "?session=cs_inconnue", f"?session={'x' * 999}"]
)
def test_unknown_payment_is_a_kind_404(visitor: Client, query: str) -> None:
    response = visitor.get(f"/don/merci{query}")
    assert response.status_code == 404
    assert len(Page(response).all("h1")) == 1
    assert says(response, "Si vous venez de payer, rien n’est perdu")
