"""Every address that a reader, a program or a stranger may ask for, about one broadcast.

Routes are read from the resolver, so that a new kind of address is missing here until somebody has
said how to ask for it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.urls import get_resolver
from django.utils import timezone

from broadcasts.models import Audio, Broadcast, Correction, Quote, Redirect, TagAlias
from broadcasts.services.passages import rebuild_passages
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    ChapterFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
    TranscriptFactory,
    VideoSourceFactory,
)

SEASON, YEAR, LEGACY = 87, 1987, 870_087
COMMON = "dossier"
OLD_PATH = "/adresse-d-avant"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A broadcast with all that one can have, and the words that nothing else here has."""

    broadcast: Broadcast
    quote: Quote
    words: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """What stands in the addresses that are its own."""
        return (*self.words, f"/citations/{self.quote.pk}")


def secret() -> Secret:
    """A draft. Of its people and keywords one is a public text's too; the rest is its own."""
    near = BroadcastFactory(title=f"Un {COMMON} public", slug="public", season=9)
    shared, known = TagFactory(name="Partagé", slug="partage"), GuestFactory(last_name="Connue")
    near.tags.add(shared)
    AppearanceFactory(broadcast=near, guest=known)
    own_tag = TagFactory(name="Brouxal", slug="brouxal", description="Dravigne")
    TagAlias.objects.create(tag=own_tag, name="Ambrelou", slug="ambrelou")
    broadcast = BroadcastFactory(
        draft=True, illustrated=True, title=f"Criptode, un {COMMON}", slug="criptode",
        dek=f"Flanquemol est un {COMMON}.", season=SEASON, wp_legacy_id=LEGACY,
        body_opening=f"<p>Gribouzte, {COMMON}.</p>", body_rest="<p>Hulotrine.</p>",
        image_alt="Jabrosine", image_credit="Kaldirou",
        series=SeriesFactory(title="Larmidon", slug="larmidon", description="<p>Moufletin.</p>"),
        tagged=[own_tag, shared],
        published_at=dt.datetime(YEAR, 5, 5, 12, tzinfo=dt.UTC),
        scheduled_for=timezone.now() + dt.timedelta(hours=5),
    )  # fmt: skip
    people = (
        GuestFactory(
            first_name="Narquoise", last_name="Ombredane", slug="ombredane", title="Pivrole"
        ),
        known,
    )  # fmt: skip
    for person in people:
        AppearanceFactory(broadcast=broadcast, guest=person, function="Quenardin")
    source = VideoSourceFactory(broadcast=broadcast, external_id="Rastaquoue1", title="Titre")
    ChapterFactory(broadcast=broadcast, start_seconds=0, title="Sardouine")
    TranscriptFactory(
        broadcast=broadcast, is_reviewed=True, source=source,
        said=[f"Tambouzine, disait le {COMMON}."], said__voice="Urticole",
    )  # fmt: skip
    Audio.objects.create(
        broadcast=broadcast, url="https://video.example/verluisant.m4a", mime="audio/mp4",
        size_bytes=1000, duration_seconds=60,
    )  # fmt: skip
    Correction.objects.create(broadcast=broadcast, text="<p>Wagnochet.</p>")
    Redirect.objects.create(path=OLD_PATH, broadcast=broadcast)
    near.extract_of, near.extract_start_seconds = broadcast, 60
    near.save()
    rebuild_passages(broadcast.pk)
    said = Quote.objects.create(
        broadcast=broadcast, start_ms=0, end_ms=9_000, speaker="Urticole", text="Xylobrande.",
        digest="0" * 64,
    )  # fmt: skip
    return Secret(
        broadcast=broadcast,
        quote=said,
        words=(
            "brouxal", "dravigne", "criptode", "flanquemol", "gribouzte", "hulotrine", "jabrosine",
            "kaldirou", "larmidon", "moufletin", "narquoise", "ombredane", "pivrole", "quenardin",
            "rastaquoue1", "sardouine", "tambouzine", "urticole", "verluisant", "wagnochet",
            "xylobrande", f"annee={YEAR}", f"saison={SEASON}", f"saisons/{SEASON}",
            f"saison {SEASON}",
        ),
    )  # fmt: skip


def routes() -> set[str]:
    """The patterns of all addresses outside the admin."""

    def walk(resolver: Any, before: str = "") -> Iterator[str]:
        for one in resolver.url_patterns:
            route = f"{before}{one.pattern}"
            if route.startswith("admin"):
                continue
            if hasattr(one, "url_patterns"):
                yield from walk(one, route)
            else:
                yield route

    return set(walk(get_resolver()))


Asked = Callable[[Secret], list[str]]
NOBODY = uuid.UUID(int=0)
HERE: Asked = lambda secret: [""]  # noqa: E731  # the route itself, as it stands


def about(*endings: str) -> Asked:
    return lambda secret: [ending.replace("SLUG", secret.broadcast.slug) for ending in endings]


def searches(secret: Secret) -> list[str]:
    """Its words, what one may type by mistake for them, and what others have too."""
    words = [word for word in secret.words if word.isalpha()]
    asked = [COMMON, f"{COMMON}&tags=Brouxal", f"{COMMON}&emission={secret.broadcast.slug}"]
    return [
        f"?q={word}" for word in (*asked, *words[::3], *(f"{word[:-1]}zz" for word in words[::5]))
    ]


def oembeds(secret: Secret) -> list[str]:
    page = settings.SITE_URL + secret.broadcast.get_absolute_url()
    return [
        f"?url={quote(address)}&format={form}"
        for form in ("json", "xml")
        for address in (page, f"{page}/integrer", settings.SITE_URL + OLD_PATH)
    ]


SHELVES = (("series", "larmidon"), ("tags", "brouxal"), ("tags", "ambrelou"), ("tags", "partage"),
           ("invites", "ombredane"))  # fmt: skip

# How to ask for each route: what follows it, or whole addresses in place of patterns.
WAYS: dict[str, Asked] = {
    "": about("", f"?p={LEGACY}"),
    "emissions": about(
        "", "?page=2", "?tri=titre", "?tags=Brouxal", "?tags=brouxal&tags=Partag%C3%A9",
        "?tags=Ambrelou", "?serie=larmidon", "?invite=ombredane", "?invite=Ombredane+Narquoise",
        f"?saison={SEASON}", f"?tags=Saison+{SEASON}", f"?annee={YEAR}", "?duree=1-a-2-h",
        "?transcription=oui",
    ),
    "emissions/<slug:slug>": about("/emissions/public", "/emissions/SLUG", "/criptode/", OLD_PATH,
                                   "/emissions/CRIPTODE/", "/cat/brouxal/"),
    "emissions/<slug:slug>/agenda.ics": about("/emissions/SLUG/agenda.ics"),
    "fragments/direct/<slug:slug>": about("/fragments/direct/SLUG"),
    "emissions/<slug:slug>/transcription": about("/emissions/SLUG/transcription"),
    "emissions/<slug:slug>/transcription.vtt": about("/emissions/SLUG/transcription.vtt"),
    "emissions/<slug:slug>/transcription.txt": about("/emissions/SLUG/transcription.txt"),
    "emissions/<slug:slug>/citer": about("/emissions/SLUG/citer", "/emissions/SLUG/citer?de=0&a=0"),
    "emissions/<slug:slug>/chapitres.json": about("/emissions/SLUG/chapitres.json"),
    "emissions/<slug:slug>/integrer": about("/emissions/SLUG/integrer"),
    "citations/<number:number>": lambda secret: [f"/citations/{secret.quote.pk}"],
    "citations/<number:number>.png": lambda secret: [f"/citations/{secret.quote.pk}.png"],
    "apercu/<str:token>": about("/apercu/SLUG", "/apercu/1"),
    "series/<slug:slug>": about("/series/larmidon", "/series/larmidon?page=1"),
    "saisons/<int:number>": about(f"/saisons/{SEASON}"),
    "tags/<slug:slug>": about("/tags/brouxal", "/tags/ambrelou", "/tags/partage"),
    "invites/<slug:slug>": about("/invites/ombredane"),
    "recherche": searches,
    "recherche/suggestions": lambda secret: [
        f"?q={word[:5]}" for word in secret.words[::3] if word.isalpha()
    ],
    "flux/<slug:kind>/<slug:slug>.xml": lambda secret: [
        f"/flux/{kind}/{slug}.xml" for kind, slug in SHELVES
    ],
    "flux/<slug:kind>/<slug:slug>.atom": lambda secret: [
        f"/flux/{kind}/{slug}.atom" for kind, slug in SHELVES
    ],
    "partage/<slug:kind>/<slug:slug>.<slug:digest>.jpg": about(
        "/partage/emissions/SLUG.0.jpg", "/partage/series/larmidon.0.jpg",
        "/partage/invites/ombredane.0.jpg",
    ),
    "partage/emissions/<slug:slug>.<slug:digest>.carre.jpg": about(
        "/partage/emissions/SLUG.0.carre.jpg"
    ),
    "oembed": oembeds,
    "sitemaps/emissions-<number:number>.xml": about(
        "/sitemaps/emissions-1.xml", "/sitemaps/emissions-2.xml"
    ),
    "don": about("", "?emission=SLUG"),
    "don/merci": about("", "?session=cs_test_1"),
    "transparence/<month:month>": about("/transparence/2024-01"),
    "transparence/<month:month>.csv": about("/transparence/2024-01.csv"),
    "transparence/<month:month>.json": about("/transparence/2024-01.json"),
    "transparence/collectes/<number:pk>": about("/transparence/collectes/1"),
    "transparence/collectes/<number:pk>.csv": about("/transparence/collectes/1.csv"),
    "transparence/collectes/<number:pk>.json": about("/transparence/collectes/1.json"),
    "don/gerer/<str:secret>": about("/don/gerer/SLUG"),
    **{
        route: about(f"/{route}".replace(f"<uuid:{name}>", str(NOBODY)))
        for route, name in {
            "don/gerer/noms/<uuid:gift_id>": "gift_id",
            "don/gerer/recus/<uuid:receipt_id>.pdf": "receipt_id",
            "don/gerer/mensuel/<uuid:pk>/arreter": "pk",
            "don/gerer/mensuel/<uuid:pk>/montant": "pk",
            "don/gerer/mensuel/<uuid:pk>/stripe": "pk",
            "lettre/<uuid:key>": "key",
            "lettre/<uuid:key>/quitter": "key",
        }.items()
    },
    # Names of files are drawn by lot, and told by pages only.
    "media/<path:path>": about("/media/emissions/SLUG.jpg", "/media/", "/media/../manage.py"),
    "pages/<slug:slug>": about("/pages/SLUG"),
    **dict.fromkeys(
        (
            "direct", "agenda", "agenda.ics", "fragments/direct", "series", "saisons", "tags",
            "invites", "flux", "flux/emissions.xml", "flux/emissions.atom", "podcast.xml",
            "robots.txt", ".well-known/security.txt", "sitemap.xml", "sitemaps/actualites.xml",
            "sitemaps/pages.xml", "sitemaps/series.xml", "sitemaps/saisons.xml",
            "sitemaps/invites.xml", "sitemaps/tags.xml", "sitemaps/transcriptions.xml",
            "sante/vivant", "sante/pret", "lettre", "contact",
            "mentions-legales", "confidentialite", "accessibilite", "don/bulletin",
            "don/gerer", "don/gerer/quitter", "don/gerer/mes-donnees", "don/gerer/noms",
            "don/gerer/adresse", "don/gerer/effacer", "don/gerer/efface", "fragments/collecte",
            "overlay/collecte", "overlay/collecte/etat", "transparence", "transparence.csv",
            "transparence.json", "stripe/webhook",
        ),
        HERE,
    ),
}  # fmt: skip


def addresses(secret: Secret) -> list[str]:
    """All of them, in the table's order."""
    return [
        way if way.startswith("/") else f"/{route}{way}"
        for route, ways in WAYS.items()
        for way in ways(secret)
    ]
