"""Every kind of page that the public can come upon, and the way to it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from broadcasts.models import Broadcast
from broadcasts.services.previews import preview_path
from donations.models import BudgetLine, Campaign, GivingSettings
from donations.services import shield
from guests.models import Guest
from outlet.models import Subscriber
from sandbox.stripe import StripeStandIn
from sandbox.stripe.checkout import IBAN_FAILS, IBAN_SUCCEEDS
from tests.donations.steps import start
from tests.e2e import steps
from tests.e2e.demo import HARD_CASE
from tests.e2e.reader import Reader

EPISODE = "ia-le-progres-version-mad-max"
# With a reviewed transcript and a sound.
SPOKEN = "/emissions/qui-garde-les-gardiens"


@dataclass(frozen=True)
class Gifts:
    """Gifts in every state: the addresses that their givers come back to."""

    thanks: dict[str, str]
    cancelled: str


def give_in_every_way(stripe: StripeStandIn) -> Gifts:
    """One gift for each state that the thanks can tell of."""
    giver = Client()
    started = {
        state: start(giver, emission=EPISODE, cover_fee="on", message="Continuez.")
        for state in ("paid", "processing", "pending", "failed", "expired", "unreachable")
    }
    session = {state: given.session for state, given in started.items()}
    stripe.pay(session["paid"])
    stripe.pay(session["processing"], IBAN_SUCCEEDS)
    stripe.pay(session["failed"], IBAN_FAILS)
    stripe.settle(session["failed"], "failed")
    stripe.expire(session["expired"])
    stripe.fail(path=f"/v1/checkout/sessions/{session['unreachable']}*", method="GET")
    return Gifts(
        thanks={state: f"/don/merci?session={key}" for state, key in session.items()},
        cancelled=f"/don?annule={started['pending'].gift.pk}",
    )


Way = Callable[[Reader, Gifts], Page]


def at(path: str, *, status: int = 200) -> Way:
    return lambda reader, _: reader.open(path, status=status)


def thanks(state: str) -> Way:
    return lambda reader, gifts: reader.open(gifts.thanks[state])


def open_till(reader: Reader, _: Gifts) -> Page:
    page = reader.open(f"/emissions/{EPISODE}")
    steps.till(page).click()
    return page


def everything_open(reader: Reader, _: Gifts) -> Page:
    """The transcript in the episode's page, and the list of keys."""
    page = reader.open(SPOKEN)
    page.locator("summary", has_text="Transcription").click()
    page.locator("[data-words] .find").wait_for()
    page.locator("summary", has_text="Raccourcis clavier").click()
    return page


def quoted(reader: Reader, _: Gifts) -> Page:
    page = reader.open(f"{SPOKEN}/citer?de=1&a=2")
    page.get_by_role("button", name="Faire la citation").click()
    page.wait_for_url("**/citations/*")
    page.wait_for_load_state()
    return page


def text_without_image(reader: Reader, _: Gifts) -> Page:
    text = Broadcast.objects.public().filter(sources=None, image="").first()
    return reader.open(text.get_absolute_url())


def text_with_image(reader: Reader, _: Gifts) -> Page:
    text = Broadcast.objects.public().filter(sources=None).exclude(image="").first()
    return reader.open(text.get_absolute_url())


def drawn_guest(reader: Reader, _: Gifts) -> Page:
    guest = Guest.objects.exclude(portrait="").exclude(bio="").in_order().first()
    return reader.open(guest.get_absolute_url())


def one_month(reader: Reader, _: Gifts) -> Page:
    return reader.open(f"/transparence/{timezone.localdate():%Y-%m}")


def form_with_mistakes(reader: Reader, _: Gifts) -> Page:
    page = reader.open(f"/don?emission={EPISODE}")
    page.get_by_label("J’affiche mon nom").check()
    steps.fill_in(page, amount="dix", email="lectrice@")
    page.locator("#a-corriger").wait_for()
    page.wait_for_load_state()  # its styles, too
    return page


def message_with_mistakes(reader: Reader, _: Gifts) -> Page:
    page = reader.open("/contact")
    page.get_by_label("Adresse électronique").fill("lectrice@")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("alert").wait_for()
    page.wait_for_load_state()
    return page


def letter_asked_for(reader: Reader, _: Gifts) -> Page:
    page = reader.open("/lettre")
    page.get_by_label("Adresse électronique").fill("lectrice@example.org")
    page.get_by_role("button", name="Recevoir la lettre").click()
    page.get_by_role("heading", name="Regardez vos courriels").wait_for()
    page.wait_for_load_state()
    return page


def subscription(path: str) -> Way:
    """What the link in a letter opens, of the demonstration's unconfirmed subscriber."""

    def go(reader: Reader, _: Gifts) -> Page:
        subscriber = Subscriber.objects.unconfirmed().earliest("pk")
        return reader.open(path.format(subscriber.key))

    return go


def closed_till(reader: Reader, _: Gifts) -> Page:
    GivingSettings.objects.update_or_create(pk=1, defaults={"is_open": False})
    try:
        return reader.open(f"/don?emission={EPISODE}")
    finally:
        GivingSettings.objects.all().delete()


def post_from_elsewhere(reader: Reader, _: Gifts) -> Page:
    """A form on another site that posts to ours."""
    page = reader.context.new_page()
    page.set_content(
        f"<form method=post action='{settings.SITE_URL}/don'><button>Piège</button></form>"
    )
    with page.expect_response("**/don") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
    page.wait_for_url("**/don")
    return page


def too_many_wrong_forms(reader: Reader, _: Gifts) -> Page:
    """While the shield is up: after more forms with mistakes than people send."""
    soon = timezone.now() + dt.timedelta(hours=1)
    GivingSettings.objects.update_or_create(pk=1, defaults={"shield_until": soon})
    for _form in range(shield.WRONG_FORMS):
        shield.too_many_wrong_forms(shield.limits())
    try:
        page = reader.open("/don")
        steps.fill_in(page, amount="dix")
        page.get_by_role("heading", name="Un peu plus lentement").wait_for()
        page.wait_for_load_state()
    finally:
        GivingSettings.objects.all().delete()
        cache.clear()
    return page


def special(path: str) -> Way:
    """A page of a special collection, which takes gifts on this one day."""

    def go(reader: Reader, _: Gifts) -> Page:
        today = timezone.localdate()
        collection = Campaign.objects.create(
            title="Le procès", kind=Campaign.Kind.SPECIAL, starts_on=today, ends_on=today
        )
        BudgetLine.objects.create(
            campaign=collection, position=1, label="Avocate", amount_cents=800_000
        )
        try:
            return reader.open(path.format(collection.pk))
        finally:
            collection.delete()

    return go


def draft_preview(reader: Reader, _: Gifts) -> Page:
    draft = Broadcast.objects.filter(status=Broadcast.Status.DRAFT).earliest("pk")
    return reader.open(preview_path(broadcast=draft, days=1))


def server_error(reader: Reader, _: Gifts) -> Page:
    with table_away("broadcasts_series"):
        return reader.open("/series", status=500)


@contextlib.contextmanager
def table_away(table: str) -> Iterator[None]:
    """The database as a botched migration leaves it."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


WAYS: dict[str, Way] = {
    "accueil": at("/"),
    "emissions": at("/emissions"),
    "emissions-page-2": at("/emissions?page=2"),
    "emissions-filtrees": at("/emissions?tags=Saison+09&serie=causerie"),
    "emissions-filtre-inconnu": at("/emissions?tags=Zzz"),
    "emissions-aucune": at("/emissions?saison=4&annee=2025"),
    "episode": at(f"/emissions/{EPISODE}"),
    "episode-collecte-ouverte": open_till,
    "episode-chapitres": at("/emissions/bassines-la-bataille-de-l-eau"),
    "episode-sans-image": at(f"/emissions/{HARD_CASE}"),
    "episode-ouvert": everything_open,
    "episode-deux-lecteurs": at("/emissions/une-camera-pour-chaque-lampadaire"),
    "transcription": at(f"{SPOKEN}/transcription"),
    "citer": at(f"{SPOKEN}/citer?de=1&a=2"),
    "citation": quoted,
    "texte": text_with_image,
    "texte-sans-image": text_without_image,
    "emissions-deux-mots-cles": at("/emissions?tags=Extrait&tags=Logement&tri=titre"),
    "extrait": at("/emissions/extrait-une-ville-ca-se-discute"),
    "saisons": at("/saisons"),
    "saison": at("/saisons/9"),
    "mots-cles": at("/tags"),
    "mot-cle": at("/tags/maintien-de-l-ordre"),
    "direct": at("/direct"),
    "agenda": at("/agenda"),
    "flux": at("/flux"),
    "recherche": at("/recherche?q=police"),
    "recherche-autrement": at("/recherche?q=polisse"),
    "recherche-trop-longue": at(f"/recherche?q={'mot+' * 60}"),
    "lecteur-ailleurs": at(f"/emissions/{EPISODE}/integrer"),
    "series": at("/series"),
    "serie": at("/series/causerie"),
    "invites": at("/invites"),
    "invite": at("/invites/lou-welgryn"),
    "invite-portrait": drawn_guest,
    "transparence": at("/transparence"),
    "transparence-un-mois": one_month,
    "don": at("/don"),
    "don-depuis-un-episode": at(f"/don?emission={EPISODE}&montant=12,50"),
    "don-a-corriger": form_with_mistakes,
    "don-annule": lambda reader, gifts: reader.open(gifts.cancelled),
    "don-ferme": closed_till,
    "don-collecte": special("/don?collecte={}"),
    "transparence-collecte": special("/transparence/collectes/{}"),
    "don-bulletin": at("/don/bulletin"),
    "gerer": at("/don/gerer"),
    "gerer-lien-inconnu": at("/don/gerer/coupe", status=410),
    "lettre": at("/lettre"),
    "lettre-a-confirmer": subscription("/lettre/{}"),
    "lettre-a-quitter": subscription("/lettre/{}/quitter"),
    "lettre-demandee": letter_asked_for,
    "contact": at("/contact"),
    "contact-a-corriger": message_with_mistakes,
    "accessibilite": at("/accessibilite"),
    "confidentialite": at("/confidentialite"),
    "mentions-legales": at("/mentions-legales"),
    "apercu": draft_preview,
    "apercu-ferme": at(f"/apercu/1-1-{'0' * 40}", status=404),
    "merci": thanks("paid"),
    "merci-en-cours": thanks("processing"),
    "merci-en-attente": thanks("pending"),
    "merci-refuse": thanks("failed"),
    "merci-expire": thanks("expired"),
    "merci-injoignable": thanks("unreachable"),
    "merci-inconnu": at("/don/merci?session=cs_test_inconnue", status=404),
    "403": post_from_elsewhere,
    "405": at("/stripe/webhook", status=405),
    "429": too_many_wrong_forms,
    "404": at("/emissions/jamais-vue", status=404),
    "410": at("/emissions/soiree-de-soutien-les-comptes-en-direct", status=410),
    "500": server_error,
}
