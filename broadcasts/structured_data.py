"""What search engines and previews read of an episode (schema.org, JSON-LD)."""

from typing import Any

from django.conf import settings

from auposte.templatetags.french import iso_duration
from broadcasts.models import Broadcast, Correction, VideoSource
from broadcasts.services.differences import readable_lines
from broadcasts.services.reading import Dossier
from guests.models import Guest


def absolute(path: str) -> str:
    """An address of this site, never taken from the Host header."""
    return f"{settings.SITE_URL}{path}"


def article(dossier: Dossier) -> dict[str, Any]:
    """The page as a schema.org Article, with its video when it has one.

    https://developers.google.com/search/docs/appearance/structured-data/article
    """
    broadcast = dossier.broadcast
    assert broadcast.published_at is not None  # noqa: S101  # the page is public
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": broadcast.title,
        "description": broadcast.dek,
        "url": absolute(broadcast.get_absolute_url()),
        "datePublished": broadcast.published_at.isoformat(),
        "dateModified": broadcast.updated_at.isoformat(),
        "inLanguage": "fr",
        "isAccessibleForFree": True,
        "license": broadcast.licence_terms.url,
        "keywords": [tag.name for tag in dossier.tags],
        "image": absolute(broadcast.image.url) if broadcast.image else "",
        "author": [
            {"@type": "Person", "name": host.guest.name, "url": _page_of(host.guest)}
            for host in dossier.hosts
        ],
        "about": [
            {
                "@type": "Person",
                "name": appearance.guest.name,
                "jobTitle": appearance.shown_function,
                "url": _page_of(appearance.guest),
            }
            for appearance in dossier.guests
        ],
        "publisher": {"@type": "NewsMediaOrganization", "name": "Au Poste", "url": absolute("/")},
        "correction": [
            {
                "@type": "CorrectionComment",
                "text": " ".join(readable_lines(correction.text)),
                "datePublished": correction.dated.isoformat(),
            }
            for correction in dossier.corrections
            if correction.kind == Correction.Kind.CORRECTION
        ],
        "video": _video(broadcast, dossier.player) if dossier.player else {},
    }
    return {key: value for key, value in data.items() if value not in ("", [], {})}


def _video(broadcast: Broadcast, source: VideoSource) -> dict[str, Any]:
    """https://developers.google.com/search/docs/appearance/structured-data/video"""
    date = broadcast.date
    data = {
        "@type": "VideoObject",
        "name": broadcast.title,
        "description": broadcast.dek or broadcast.title,
        "uploadDate": date.isoformat() if date else "",
        "duration": iso_duration(source.duration_seconds or broadcast.duration_seconds),
        "embedUrl": source.embed_url.partition("?")[0],
        "thumbnailUrl": absolute(broadcast.image.url) if broadcast.image else "",
    }
    return {key: value for key, value in data.items() if value}


def _page_of(guest: Guest) -> str:
    return absolute(guest.get_absolute_url())
