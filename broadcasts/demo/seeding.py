"""The demonstration's broadcasts, written to the database.

Loading again adds what is not there. Rows that exist are never touched: an editor may have
changed them. So people, series and keywords are only looked up when a missing episode needs them.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from auposte.slugs import french_slug
from broadcasts.demo.catalogue import Directory, Episode, Person, read_directory, read_episodes
from broadcasts.demo.pictures.portraits import draw_portrait
from broadcasts.demo.pictures.posters import describe, draw_poster
from broadcasts.demo.pictures.store import Drawing, store_all
from broadcasts.demo.words import silence, spoken
from broadcasts.models import (
    Appearance,
    Audio,
    Broadcast,
    Chapter,
    Correction,
    Motto,
    Redirect,
    Series,
    Tag,
    Transcript,
    VideoSource,
)
from broadcasts.services.airing import follow_airings
from broadcasts.services.passages import rebuild_stale
from broadcasts.services.search.spelling import learn_words
from broadcasts.services.transcripts import replace_cues
from guests.models import Guest

HOST = "david-dufresne"
CREDIT = "Dessin de démonstration"
# The platforms cut differently: what PeerTube's copy has more, in seconds.
PEERTUBE_EXTRA = 95

Say = Callable[[str], None]


def seed_broadcasts(*, now: dt.datetime, with_images: bool, say: Say) -> int:
    """Add the episodes that are missing; returns how many. Dates count from `now` (aware)."""
    directory = read_directory()
    if not Motto.objects.exists():
        Motto.objects.bulk_create(
            Motto(text=text, position=rank) for rank, text in enumerate(directory.mottoes)
        )
    missing = _missing(read_episodes(now))
    people = _people_of(missing, directory)
    pictures = _draw(missing, people, say) if with_images and missing else {}
    for person in people:
        _add_person(person, pictures.get(f"person {person.slug}", ""))
    added = 0
    for episode in missing:
        try:
            _add_episode(episode, directory, pictures.get(f"episode {episode.key}", ""))
            added += 1
        except IntegrityError:
            say(f"  « {episode.title} » : adresse ou numéro déjà pris, laissée de côté")
    move_sequence()
    follow_airings()
    return added


def ready_the_search() -> None:
    """Once everything is there: what is said is cut into passages, and the words are learnt."""
    rebuild_stale(seconds=60)
    learn_words()


def move_sequence() -> None:
    """The database gives no number to a new broadcast that an explicit one has taken (1037).

    Only ever forward: a number once given, whose row is gone, is not given again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT setval(name::regclass, GREATEST(
                (SELECT max(id) FROM broadcasts_broadcast), pg_sequence_last_value(name::regclass)
            ))
            FROM pg_get_serial_sequence('broadcasts_broadcast', 'id') AS name
            """
        )


def _missing(episodes: list[Episode]) -> list[Episode]:
    guids = set(
        Broadcast.objects.filter(feed_guid__startswith="demo-").values_list("feed_guid", flat=True)
    )
    legacy = set(
        Broadcast.objects.filter(wp_legacy_id__isnull=False).values_list("wp_legacy_id", flat=True)
    )
    return [
        episode
        for episode in episodes
        if episode.feed_guid not in guids and episode.legacy_id not in legacy
    ]


def _people_of(episodes: Iterable[Episode], directory: Directory) -> list[Person]:
    """Those of the directory whom the episodes need and the database does not know."""
    needed = {slug for episode in episodes for slug, _ in episode.guests}
    needed |= {HOST for episode in episodes if episode.host}
    known = set(Guest.objects.filter(slug__in=needed).values_list("slug", flat=True))
    return [person for person in directory.people if person.slug in needed - known]


def _draw(episodes: list[Episode], people: list[Person], say: Say) -> dict[str, str]:
    drawings: dict[str, Drawing] = {}
    for episode in episodes:
        if episode.motif:
            drawings[f"episode {episode.key}"] = Drawing(
                row=Broadcast(),
                field="image",
                draw=functools.partial(
                    draw_poster,
                    motif=episode.motif,
                    scheme=episode.scheme,
                    key=episode.key,
                    number=f"{episode.pk or episode.number or episode.season:02d}",
                ),
            )
    for person in people:
        if person.portrait:
            drawings[f"person {person.slug}"] = Drawing(
                row=Guest(),
                field="portrait",
                draw=functools.partial(draw_portrait, person.portrait),
            )
    return store_all(drawings, say=say)


def _add_person(person: Person, portrait: str) -> None:
    Guest.objects.get_or_create(
        slug=person.slug,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "title": person.title,
            "bio": person.bio,
            "elsewhere": person.elsewhere,
            "portrait": portrait,
            "portrait_alt": "Portrait dessiné, sans visage." if portrait else "",
            "portrait_credit": CREDIT if portrait else "",
        },
    )


@transaction.atomic
def _add_episode(episode: Episode, directory: Directory, image: str) -> None:
    """One episode with all that hangs on it: it is there whole, or not at all."""
    broadcast = Broadcast.objects.create(
        **({"pk": episode.pk} if episode.pk else {}),
        title=episode.title,
        slug=episode.slug,
        dek=episode.dek,
        body_opening=episode.opening,
        body_rest=episode.rest,
        series=_series(episode.series, directory),
        season=episode.season,
        number=episode.number,
        extract_of=_whole(episode.extract_of),
        extract_start_seconds=episode.extract_start,
        status=episode.status,
        published_at=episode.moment,
        scheduled_for=episode.scheduled,
        aired_at=episode.moment if episode.aired else None,
        duration_seconds=episode.duration,
        image=image,
        image_alt=describe(episode.motif) if image else "",
        image_credit=CREDIT if image else "",
        wp_legacy_id=episode.legacy_id,
        wp_legacy_link=episode.legacy_link,
        feed_guid=episode.feed_guid,
    )
    if episode.pk:
        move_sequence()
    broadcast.tags.set(_tag(name) for name in episode.tags)
    _add_appearances(broadcast, episode)
    VideoSource.objects.bulk_create(_sources(broadcast, episode))
    _add_words(broadcast, episode)
    if episode.sound:
        sound = ContentFile(silence(), "silence.mp3")
        Audio.objects.create(
            broadcast=broadcast, file=sound, mime="audio/mpeg", size_bytes=sound.size,
            duration_seconds=60,
        )  # fmt: skip
    Chapter.objects.bulk_create(
        Chapter(broadcast=broadcast, start_seconds=start, title=title)
        for start, title in episode.chapters
    )
    Correction.objects.bulk_create(
        Correction(
            broadcast=broadcast,
            kind=Correction.Kind.REPLY if told.author else Correction.Kind.CORRECTION,
            dated=told.day,
            author=told.author,
            text=told.text,
            position=position,
        )
        for position, told in enumerate(episode.rectifications)
    )
    Redirect.objects.bulk_create(
        (Redirect(path=path, broadcast=broadcast) for path in episode.legacy_paths),
        ignore_conflicts=True,
    )


def _add_words(broadcast: Broadcast, episode: Episode) -> None:
    if not episode.words:
        return
    reviewed = episode.words == "reviewed"
    transcript = Transcript.objects.create(
        broadcast=broadcast,
        origin=Transcript.Origin.UPLOAD if reviewed else Transcript.Origin.MACHINE,
        is_reviewed=reviewed,
    )
    replace_cues(transcript=transcript, cues=spoken(episode))


def _series(title: str, directory: Directory) -> Series | None:
    if not title:
        return None
    position, show = next(
        (position, show) for position, show in enumerate(directory.series) if show.title == title
    )
    series, _ = Series.objects.get_or_create(
        slug=french_slug(title),
        defaults={"title": title, "description": show.description, "position": position},
    )
    return series


def _whole(key: str) -> Broadcast | None:
    return Broadcast.objects.filter(feed_guid=f"demo-{key}").first() if key else None


def _tag(name: str) -> Tag:
    tag, _ = Tag.objects.get_or_create(slug=french_slug(name), defaults={"name": name})
    return tag


def _add_appearances(broadcast: Broadcast, episode: Episode) -> None:
    cast = [(slug, function, Appearance.Role.GUEST) for slug, function in episode.guests]
    if episode.host:
        cast.append((HOST, "", Appearance.Role.HOST))
    people = {
        guest.slug: guest for guest in Guest.objects.filter(slug__in=[row[0] for row in cast])
    }
    Appearance.objects.bulk_create(
        Appearance(
            broadcast=broadcast,
            guest=people[slug],
            role=role,
            function=function,
            position=position,
        )
        for position, (slug, function, role) in enumerate(cast)
        if slug in people  # unless an editor gave them another address since
    )


def _sources(broadcast: Broadcast, episode: Episode) -> Iterable[VideoSource]:
    if episode.youtube:
        source = VideoSource(
            broadcast=broadcast,
            platform=VideoSource.Platform.YOUTUBE,
            external_id=episode.youtube,
            duration_seconds=episode.duration,
        )
        if episode.upcoming:
            source.role = VideoSource.Role.LIVE
            source.live_state = VideoSource.LiveState.UPCOMING
        if episode.unavailable:
            source.availability = VideoSource.Availability.UNAVAILABLE
            source.consecutive_misses = 3
        yield source
    if episode.peertube:
        yield VideoSource(
            broadcast=broadcast,
            platform=VideoSource.Platform.PEERTUBE,
            external_id=episode.peertube,
            duration_seconds=episode.duration and episode.duration + PEERTUBE_EXTRA,
            aspect_ratio=Decimal("1.7778"),
        )
