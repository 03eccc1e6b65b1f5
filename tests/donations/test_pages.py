"""What the giving form says, in each state that a giver can find it in."""

import time
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from auposte.http import STAMP_SALT
from broadcasts.models import Broadcast
from donations.models import Gift, GivingSettings
from sandbox.stripe import StripeStandIn
from tests.donations.factories import entitled_entity, month_with_lines
from tests.donations.pages import Page, says, text_of
from tests.donations.steps import send_form, start

pytestmark = pytest.mark.django_db

NOTHING_TAKEN = "Rien n’a été prélevé."


@pytest.fixture
def episode() -> Broadcast:
    return Broadcast.objects.create(
        title="Qui possède les kiosques ?",
        slug="qui-possede-les-kiosques",
        status=Broadcast.Status.PUBLISHED,
        published_at=timezone.now(),
    )


# --- The form ------------------------------------------------------------------------------------


def test_form_is_one_plain_form_without_cookie(visitor: Client) -> None:
    response = visitor.get("/don")
    page = Page(response)
    assert response.status_code == 200
    assert len(page.all("h1")) == 1
    assert (page.one("form")["method"], page.one("form")["action"]) == ("post", "/don")
    assert page.one("input", name="amount")["type"] == "text"
    assert page.one("input", name="amount")["value"] == "10"
    assert "checked" not in page.one("input", name="cover_fee")
    assert "checked" not in page.one("input", name="show_name")
    assert "disabled" not in page.one("input", name="public_name")
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize(
    ("presets", "minimum", "shown", "first"),
    [
        ([700, 2000, 9000], 100, ["7", "20", "90"], "20"),
        ([700, 2000, 9000], 5000, ["90"], "50"),
        ([300], 100, ["3"], "3"),
    ],
)
def test_it_proposes_the_amounts_of_the_settings(
    presets: list[int],
    minimum: int,
    shown: list[str],
    first: str,
    visitor: Client,
    settings: Settings,
) -> None:
    settings.GIFT_PRESETS_CENTS, settings.GIFT_MINIMUM_CENTS = presets, minimum
    page = Page(visitor.get("/don"))
    assert [chip["data-amount"] for chip in page.all("a", class_="chip")] == shown
    assert page.one("input", name="amount")["value"] == first


def test_trap_is_out_of_the_way_of_people(visitor: Client) -> None:
    page = Page(visitor.get("/don"))
    trap = page.one("input", name="website")
    assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
    assert page.one("p", class_="trap")["aria-hidden"] == "true"


def test_form_says_everything_before_payment(visitor: Client) -> None:
    month_with_lines()
    response = visitor.get("/don")
    for sentence in (
        "J’ajoute 0,41 € pour les frais bancaires",
        "la jauge n’avance que de votre don",
        "Sans cette case, votre don reste anonyme.",
        "Attestation de don (sans valeur fiscale) : ce don n’ouvre pas droit à une réduction",
        "Votre numéro de carte ne passe jamais par nous.",
        "la ligne portera « AU POSTE* DON »",
        "Une fois. Rien ne sera prélevé de nouveau.",
        "ordre de priorité",
        "aucun don n’est réservé à un poste",
        "Objectif du mois 30 000,00 €",
    ):
        assert says(response, sentence), sentence
    assert not says(response, "66 %")


def test_entitled_entity_brings_a_tax_receipt(visitor: Client) -> None:
    entitled_entity()
    response = visitor.get("/don")
    assert says(response, "Reçu fiscal établi par Les Amis de la presse : 66 % du don")
    assert not says(response, "sans valeur fiscale")


def test_form_may_lead_to_the_payment_page_and_nowhere_else(
    visitor: Client, settings: Settings
) -> None:
    policy = visitor.get("/don")["Content-Security-Policy"]
    (actions,) = [part for part in policy.split("; ") if part.startswith("form-action")]
    assert sorted(actions.split()[1:]) == sorted(["'self'", settings.STRIPE_API_BASE])


def test_form_from_an_episode_remembers_it(visitor: Client, episode: Broadcast) -> None:
    response = visitor.get(f"/don?emission={episode.slug}")
    page = Page(response)
    assert page.one("input", name="emission")["value"] == episode.slug
    assert says(response, "Depuis l’émission « Qui possède les kiosques ? »")
    assert [link["href"] for link in page.all("a", class_="chip")] == [
        f"/don?montant={euros}&emission={episode.slug}" for euros in (5, 10, 20, 50)
    ]


@pytest.mark.parametrize("slug", ["inconnue", "x" * 5000, "brouillon"])
def test_form_ignores_an_episode_that_is_not_public(visitor: Client, slug: str) -> None:
    Broadcast.objects.create(title="Pas encore", slug="brouillon")
    response = visitor.get(f"/don?emission={slug}")
    assert response.status_code == 200
    assert not Page(response).all("input", name="emission")
    assert not says(response, "Pas encore")


@pytest.mark.parametrize(("asked", "shown"), [("20", "20"), ("12,5", "12,50"), ("rien", "10")])
def test_proposed_amounts_work_without_script(visitor: Client, asked: str, shown: str) -> None:
    page = Page(visitor.get(f"/don?montant={asked}"))
    assert page.one("input", name="amount")["value"] == shown
    chosen = [
        link["data-amount"] for link in page.all("a", class_="chip") if "aria-current" in link
    ]
    assert chosen == ([shown] if shown in {"10", "20"} else [])


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("12,50", "J’ajoute 0,45 € pour les frais bancaires"),
        ("12.50", "J’ajoute 0,45 € pour les frais bancaires"),
        ("douze", "J’ajoute les frais bancaires"),
        ("999999999", "J’ajoute les frais bancaires"),
        ("", "J’ajoute les frais bancaires"),
    ],
)
def test_fee_follows_the_typed_amount(visitor: Client, typed: str, label: str) -> None:
    response = visitor.get(
        "/don", {"amount": typed}, headers={"hx-request": "true", "hx-target": "frais"}
    )
    assert says(response, label)
    assert not Page(response).found, "only the label's text is swapped"


def test_refused_form_keeps_what_was_written(visitor: Client, episode: Broadcast) -> None:
    response = send_form(
        visitor,
        amount="douze",
        email="lectrice@",
        cover_fee="on",
        show_name="on",
        message="Tenez bon <b>",
        emission=episode.slug,
    )
    page = Page(response)
    assert response.status_code == 422
    assert page.one("input", name="amount")["value"] == "douze"
    assert page.one("input", name="email")["value"] == "lectrice@"
    assert "checked" in page.one("input", name="cover_fee")
    assert "checked" in page.one("input", name="show_name")
    assert page.one("input", name="emission")["value"] == episode.slug
    assert says(response, "Tenez bon <b>")
    assert not Gift.objects.exists()


def test_refused_form_ties_each_error_to_its_field(visitor: Client) -> None:
    response = send_form(visitor, amount="douze", email="", show_name="on")
    page = Page(response)
    assert says(response, "Écrivez le montant en chiffres, par exemple 12,50.")
    assert says(response, "Indiquez votre adresse électronique.")
    assert says(response, "Indiquez le nom à afficher, ou restez anonyme.")
    assert page.one("div", id="a-corriger")["role"] == "alert"
    links = {link["href"] for link in page.all("a") if (link["href"] or "").startswith("#id_")}
    assert links == {"#id_amount", "#id_email", "#id_public_name"}
    for name in ("amount", "email", "public_name"):
        control = page.one("input", name=name)
        assert control["aria-invalid"] == "true"
        described = (control["aria-describedby"] or "").split()
        assert f"id_{name}_error" in described
        assert set(described) <= set(page.ids)
    assert "aria-invalid" not in page.one("textarea", name="message")


def test_page_that_has_aged_gives_a_new_stamp(visitor: Client) -> None:
    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            return signing.b62_encode(int(time.time()) - 25 * 3600)

    old = Earlier(salt=STAMP_SALT).sign("form")
    refused = send_form(visitor, stamp=old)
    assert refused.status_code == 422
    assert says(refused, "Cette page a vieilli.")
    fresh = Page(refused).one("input", name="stamp")["value"]
    assert fresh != old
    # With Stripe away this time, but past the form.
    assert send_form(visitor, stamp=fresh or "").status_code == 503


def test_correction_keeps_its_stamp_so_that_it_is_not_too_fast(
    visitor: Client, settings: Settings
) -> None:
    settings.GIFT_FORM_MINIMUM_SECONDS = 3
    stamp = Page(visitor.get("/don")).one("input", name="stamp")["value"] or ""
    refused = send_form(visitor, stamp=stamp)
    assert refused.status_code == 422
    assert says(refused, "C’était trop rapide pour nous\u00a0: comptez jusqu’à trois")
    assert Page(refused).one("input", name="stamp")["value"] == stamp


def test_stripe_away_leaves_the_form_filled(visitor: Client) -> None:
    response = send_form(visitor, amount="12,50", message="Tenez bon")
    assert response.status_code == 503
    assert says(response, "Le service de paiement ne répond pas. Réessayez dans un instant.")
    assert says(response, NOTHING_TAKEN)
    assert Page(response).one("input", name="amount")["value"] == "12,50"
    assert says(response, "Tenez bon")


def test_too_many_tries_are_told_so(visitor: Client, settings: Settings) -> None:
    settings.GIFT_SESSIONS_PER_TEN_MINUTES = 1
    send_form(visitor)
    response = send_form(visitor)
    assert response.status_code == 429
    assert says(response, "Trop d’essais depuis cette adresse. Revenez dans dix minutes.")


@pytest.mark.parametrize("message", ["Travaux au guichet.", ""])
def test_closed_till_shows_other_ways(visitor: Client, episode: Broadcast, message: str) -> None:
    GivingSettings.objects.create(pk=1, is_open=False, closed_message=message)
    response = visitor.get(f"/don?emission={episode.slug}")
    page = Page(response)
    assert says(response, message or "Les dons par carte sont suspendus un moment.")
    assert not page.all("form")
    assert page.all("a", href="mailto:bonjour@auposte.example")
    assert page.all("a", href=f"/emissions/{episode.slug}")
    assert send_form(visitor).status_code == 503
    assert not Gift.objects.exists()


# --- Leaving the payment page --------------------------------------------------------------------


def test_cancelled_payment_brings_the_form_back_as_it_was(
    visitor: Client, stripe: StripeStandIn, episode: Broadcast
) -> None:
    given = start(visitor, amount="25", cover_fee="on", emission=episode.slug)
    way_back = urlsplit(stripe.get(given.session)["cancel_url"])
    response = visitor.get(f"{way_back.path}?{way_back.query}")
    page = Page(response)
    assert says(response, NOTHING_TAKEN)
    assert page.one("input", name="amount")["value"] == "25"
    assert "checked" in page.one("input", name="cover_fee")
    assert page.one("input", name="emission")["value"] == episode.slug
    assert "value" not in page.one("input", name="email"), "an address stays with its giver"
    Broadcast.objects.update(status=Broadcast.Status.ARCHIVED)
    assert not says(visitor.get(f"/don?annule={given.gift.pk}"), "kiosques")


def test_old_way_back_does_not_deny_a_gift_that_arrived(
    visitor: Client, stripe: StripeStandIn
) -> None:
    given = start(visitor)
    stripe.pay(given.session)
    visitor.get(f"/don/merci?session={given.session}")
    assert not says(visitor.get(f"/don?annule={given.gift.pk}"), NOTHING_TAKEN)


@pytest.mark.parametrize("gift", ["", "rien", "00000000-0000-0000-0000-000000000000"])
def test_way_back_of_no_gift_is_the_plain_form(visitor: Client, gift: str) -> None:
    response = visitor.get(f"/don?annule={gift}")
    assert response.status_code == 200
    assert not says(response, NOTHING_TAKEN)


@pytest.mark.parametrize("address", ["/don", "/don/merci"])
def test_pages_carry_no_inline_style_or_handler(visitor: Client, address: str) -> None:
    month_with_lines()
    page = Page(visitor.get(address))
    assert not page.all("style")
    for tag, attributes in page.found:
        assert not [
            name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))
        ]
        assert tag != "script" or attributes.get("src")


# --- Without a card ------------------------------------------------------------------------------


def test_the_slip_says_all_that_a_cheque_or_a_transfer_needs(
    visitor: Client, settings: Settings
) -> None:
    settings.GIVING_CHEQUE_ORDER = "Association Au Poste"
    settings.GIVING_POSTAL_ADDRESS = ["Au Poste", "BP 12", "75020 Paris"]
    settings.GIVING_IBAN, settings.GIVING_BIC = "FR7630006000011234567890189", "AGRIFRPP"
    assert Page(visitor.get("/don")).one("a", href="/don/bulletin")
    response = visitor.get("/don/bulletin")
    for sentence in (
        "À l’ordre de Association Au Poste.",
        "AGRIFRPP",
        "chèque ci-joint",
        "une attestation de don (sans valeur fiscale)",
        "ni cédés, ni loués",
    ):
        assert says(response, sentence), sentence
    plain = text_of(response.content.decode())
    assert "Au Poste BP 12 75020 Paris" in plain
    assert "FR76 3000 6000 0112 3456 7890 189" in plain
    assert not response.cookies


def test_the_slip_leaves_out_what_is_not_set(visitor: Client, settings: Settings) -> None:
    response = visitor.get("/don/bulletin")
    assert response.status_code == 200
    for absent in ("Par virement", "À l’ordre de", "À remplir"):
        assert not says(response, absent), absent
    assert settings.CONTACT_EMAIL in response.content.decode()
    settings.GIVING_CHEQUE_ORDER = "Au Poste"
    response = visitor.get("/don/bulletin")
    assert says(response, "À l’ordre de Au Poste.")
    assert not says(response, "Par virement")
