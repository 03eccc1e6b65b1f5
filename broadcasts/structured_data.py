"""What search engines read of a page (schema.org, as JSON-LD): a list of things each."""

import functools
from collections.abc import Iterable
from typing import Any, TypeAlias

from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone

from auposte.outside import absolute
from auposte.templatetags.french import iso_duration
from broadcasts import share_cards
from broadcasts.feeds import podcast
from broadcasts.models import Airing, Appearance, Broadcast, Correction, Series, VideoSource
from broadcasts.services.antenna import ON_AIR
from broadcasts.services.differences import readable_lines
from broadcasts.services.reading import Dossier
from broadcasts.templatetags.episodes import plain_text
from guests.models import Guest

Thing: TypeAlias = dict[str, Any]

CONTEXT = "https://schema.org"


def _told(data: Thing) -> Thing:
    """Without what is not known: an empty value is an error to those who read this."""
    return {key: value for key, value in data.items() if value not in ("", [], {}, None)}


def outlet() -> Thing:
    """https://developers.google.com/search/docs/appearance/structured-data/organization"""
    return _outlet(settings.SITE_URL)


@functools.cache
def _outlet(_site: str) -> Thing:
    return {
        "@type": "NewsMediaOrganization",
        "@id": absolute("/#media"),
        "name": "Au Poste",
        "url": absolute("/"),
        "logo": absolute(static("img/icon-512.png")),
    }


def of_home() -> list[Thing]:
    """The site, how to search it, and whose it is."""
    return [
        {
            "@context": CONTEXT,
            "@type": "WebSite",
            "name": "Au Poste",
            "url": absolute("/"),
            "inLanguage": "fr",
            "publisher": {"@id": absolute("/#media")},
            "potentialAction": {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": absolute("/recherche?q={search_term_string}"),
                },
                "query-input": "required name=search_term_string",
            },
        },
        {
            "@context": CONTEXT,
            **outlet(),
            "email": settings.CONTACT_EMAIL,
            "image": absolute(static("img/social.png")),
        },
    ]


def of_series(series: Series) -> list[Thing]:
    """A show, and the way to it."""
    show = {
        "@context": CONTEXT,
        "@type": "CreativeWorkSeries",
        "name": series.title,
        "description": plain_text(series.description),
        "url": absolute(series.get_absolute_url()),
        "inLanguage": "fr",
        "publisher": outlet(),
    }
    return [_told(show), _trail(("Séries", "/series"), (series.title, series.get_absolute_url()))]


def of_guest(guest: Guest) -> list[Thing]:
    """https://developers.google.com/search/docs/appearance/structured-data/profile-page"""
    page = {
        "@context": CONTEXT,
        "@type": "ProfilePage",
        "url": _page_of(guest),
        "dateModified": guest.updated_at.isoformat(),
        "mainEntity": _told(
            {
                "@type": "Person",
                "name": guest.name,
                "jobTitle": guest.title,
                "description": plain_text(guest.bio),
                "image": absolute(guest.portrait.url) if guest.portrait else "",
                "url": _page_of(guest),
                "sameAs": [page.address for page in guest.found_elsewhere],
            }
        ),
    }
    return [page, _trail(("Invité·es", "/invites"), (guest.name, guest.get_absolute_url()))]


def of_episode(dossier: Dossier) -> list[Thing]:
    """The page as an article, the way to it, what is heard, what is still to come."""
    broadcast, series = dossier.broadcast, dossier.broadcast.series
    way = [("Émissions", "/emissions"), (broadcast.title, broadcast.get_absolute_url())]
    if series:
        way.insert(1, (series.title, series.get_absolute_url()))
    return [article(dossier), _trail(*way), *_heard(dossier), *_to_come(dossier)]


def article(dossier: Dossier) -> Thing:
    """The page as an article, with its video when it has one.

    https://developers.google.com/search/docs/appearance/structured-data/article
    """
    broadcast = dossier.broadcast
    assert broadcast.published_at is not None  # noqa: S101  # the page is public
    pictures = _pictures(dossier)
    return _told(
        {
            "@context": CONTEXT,
            "@type": "NewsArticle",
            "headline": broadcast.title,
            "description": broadcast.dek,
            "url": absolute(broadcast.get_absolute_url()),
            "mainEntityOfPage": absolute(broadcast.get_absolute_url()),
            "datePublished": broadcast.published_at.isoformat(),
            "dateModified": broadcast.updated_at.isoformat(),
            "inLanguage": "fr",
            "isAccessibleForFree": True,
            "license": broadcast.licence_terms.url,
            "keywords": [tag.name for tag in dossier.tags],
            "image": pictures,
            "author": _people(dossier.hosts) or [outlet()],
            "about": _people(dossier.guests),
            "publisher": outlet(),
            "isPartOf": _show(broadcast.series) if broadcast.series else {},
            "correction": [
                {
                    "@type": "CorrectionComment",
                    "text": " ".join(readable_lines(correction.text)),
                    "datePublished": correction.dated.isoformat(),
                }
                for correction in dossier.corrections
                if correction.kind == Correction.Kind.CORRECTION
            ],
            "video": _video(dossier, dossier.player, pictures) if dossier.player else {},
        }
    )


def _video(dossier: Dossier, source: VideoSource, pictures: list[str]) -> Thing:
    """https://developers.google.com/search/docs/appearance/structured-data/video"""
    broadcast = dossier.broadcast
    page = absolute(broadcast.get_absolute_url())
    seconds = source.duration_seconds or broadcast.duration_seconds
    return _told(
        {
            "@type": "VideoObject",
            "name": broadcast.title,
            "description": broadcast.dek or broadcast.title,
            "uploadDate": broadcast.date.isoformat() if broadcast.date else "",
            "duration": iso_duration(seconds),
            "embedUrl": f"{page}/integrer",
            "thumbnailUrl": pictures,
            "inLanguage": "fr",
            "publication": _publication(broadcast, source),
            "hasPart": _clips(dossier, source, page, seconds),
            "potentialAction": {
                "@type": "SeekToAction",
                "target": f"{page}?t={{seek_to_second_number}}",
                "startOffset-input": "required name=seek_to_second_number",
            },
        }
    )


def _clips(dossier: Dossier, source: VideoSource, page: str, seconds: int | None) -> list[Thing]:
    """The chapters, where their times hold on this video; each ends where the next begins."""
    offset = next((one.offset for one in dossier.players if one.source == source), None)
    if offset is None:
        return []
    starts = [max(0, chapter.start_seconds + offset) for chapter in dossier.chapters]
    ends: list[int | None] = [*starts[1:], seconds]
    return [
        _told(
            {
                "@type": "Clip",
                "name": chapter.title,
                "startOffset": start,
                "endOffset": end if end and end > start else None,
                "url": f"{page}?t={chapter.start_seconds}",
            }
        )
        for chapter, start, end in zip(dossier.chapters, starts, ends, strict=False)
    ]


def _publication(broadcast: Broadcast, source: VideoSource) -> Thing:
    """When it is, was or will be live: the team's word goes before the platform's."""
    airing: Airing | None = getattr(broadcast, "airing", None)
    began = airing.began_at if airing else None
    start = began or source.started_at or source.scheduled_for or broadcast.scheduled_for
    over = airing.since if airing and airing.state == Airing.State.OVER else None
    end = source.ended_at or over
    coming = source.live_state in {VideoSource.LiveState.LIVE, VideoSource.LiveState.UPCOMING}
    if start is None or not (coming or end or (airing and airing.state in ON_AIR)):
        return {}
    return _told(
        {
            "@type": "BroadcastEvent",
            "name": broadcast.title,
            "isLiveBroadcast": True,
            "startDate": start.isoformat(),
            "endDate": end.isoformat() if end else "",
        }
    )


def _heard(dossier: Dossier) -> list[Thing]:
    """The broadcast as an episode of the podcast, where there is something to listen to."""
    broadcast, audio = dossier.broadcast, dossier.audio
    if audio is None:
        return []
    seconds = audio.duration_seconds or broadcast.duration_seconds
    episode = {
        "@context": CONTEXT,
        "@type": "PodcastEpisode",
        "name": broadcast.title,
        "description": broadcast.dek,
        "url": absolute(broadcast.get_absolute_url()),
        "datePublished": broadcast.published_at.isoformat() if broadcast.published_at else "",
        "duration": iso_duration(seconds),
        "episodeNumber": broadcast.number,
        "inLanguage": "fr",
        "associatedMedia": _told(
            {
                "@type": "AudioObject",
                "contentUrl": audio.address,
                "encodingFormat": audio.mime,
                "contentSize": str(audio.size_bytes),
                "duration": iso_duration(seconds),
            }
        ),
        "partOfSeries": {
            "@type": "PodcastSeries",
            "name": podcast.AUTHOR,
            "url": absolute("/"),
            "webFeed": absolute(podcast.PATH),
        },
    }
    return [_told(episode)]


def _to_come(dossier: Dossier) -> list[Thing]:
    """A live that is announced before there is a video of it."""
    broadcast = dossier.broadcast
    start = broadcast.scheduled_for
    if dossier.player is not None or start is None or start <= timezone.now():
        return []
    event = {
        "@context": CONTEXT,
        "@type": "BroadcastEvent",
        "name": broadcast.title,
        "description": broadcast.dek,
        "url": absolute(broadcast.get_absolute_url()),
        "image": _pictures(dossier),
        "isLiveBroadcast": True,
        "startDate": start.isoformat(),
        "inLanguage": "fr",
        "organizer": outlet(),
    }
    return [_told(event)]


def _pictures(dossier: Dossier) -> list[str]:
    """The broadcast's own picture, and the card that it is shared with, which is always there."""
    broadcast = dossier.broadcast
    card = share_cards.episode_card(broadcast, guests=[row.guest.name for row in dossier.guests])
    own = [absolute(broadcast.image.url)] if broadcast.image else []
    return [*own, absolute(card.path)]


def _people(appearances: Iterable[Appearance]) -> list[Thing]:
    return [
        _told(
            {
                "@type": "Person",
                "name": appearance.guest.name,
                "jobTitle": appearance.shown_function,
                "url": _page_of(appearance.guest),
            }
        )
        for appearance in appearances
    ]


def _show(series: Series) -> Thing:
    return {
        "@type": "CreativeWorkSeries",
        "name": series.title,
        "url": absolute(series.get_absolute_url()),
    }


def _trail(*steps: tuple[str, str]) -> Thing:
    """https://developers.google.com/search/docs/appearance/structured-data/breadcrumb"""
    return {
        "@context": CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate((("Au Poste", "/"), *steps), start=1)
        ],
    }


def _page_of(guest: Guest) -> str:
    return absolute(guest.get_absolute_url())
