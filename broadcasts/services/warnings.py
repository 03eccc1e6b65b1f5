"""What a broadcast still lacks, in words. None of it keeps anybody from saving or publishing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from broadcasts.models import Appearance, Broadcast, VideoSource
from broadcasts.services.videos.lookup import read_now

# What networks and search engines show of a title before they cut it.
TITLE_LENGTH = 110


@dataclass(frozen=True, kw_only=True)
class EditorWarning:
    """One lack, as it follows « À voir : », and the id of the form's element that mends it."""

    text: str
    anchor: str


def warnings_for(broadcast: Broadcast) -> list[EditorWarning]:
    """In the order of the form. Two queries."""
    return [EditorWarning(text=text, anchor=anchor) for text, anchor in _lacks(broadcast)]


def unknown_videos(sources: Iterable[VideoSource]) -> list[EditorWarning]:
    """Those that their platform says it does not have; the others are read, and written down."""
    return [
        EditorWarning(
            text=f"cette vidéo n’existe pas chez {source.get_platform_display()} : "
            f"{source.external_id}",
            anchor="sources-group",
        )
        for source in sources
        if not read_now(source)
    ]


def _lacks(broadcast: Broadcast) -> Iterator[tuple[str, str]]:
    if len(broadcast.title) > TITLE_LENGTH:
        yield (
            f"titre de {len(broadcast.title)} caractères, coupé ailleurs après {TITLE_LENGTH}",
            "id_title",
        )
    if not broadcast.dek.strip():
        yield "pas de chapô", "id_dek"
    sources = list(broadcast.sources.all())
    if broadcast.series_id is None:
        yield "pas de série", "id_series"
    if broadcast.season is None and sources:
        yield "pas de saison", "id_season"
    if not broadcast.image:
        yield "pas d’image", "id_image"
    elif not broadcast.image_alt.strip():
        yield "pas de texte alternatif", "id_image_alt"
    appearances = list(broadcast.appearances.select_related("guest"))
    if sources and not appearances:
        yield "personne n’est nommé", "appearances-group"
    yield from _functions(appearances)
    yield from _gone(sources)


def _functions(appearances: list[Appearance]) -> Iterator[tuple[str, str]]:
    for row, appearance in enumerate(appearances):
        if appearance.role == Appearance.Role.GUEST and not appearance.shown_function:
            yield f"{appearance.guest.name} sans fonction", f"id_appearances-{row}-function"


def _gone(sources: list[VideoSource]) -> Iterator[tuple[str, str]]:
    for row, source in enumerate(sources):
        if source.availability == VideoSource.Availability.UNAVAILABLE:
            platform = source.get_platform_display()
            yield f"vidéo disparue de {platform}", f"id_sources-{row}-external_id"
