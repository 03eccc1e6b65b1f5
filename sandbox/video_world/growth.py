"""How a world begins: the broadcasts of six years, the same ones for the same seed and day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from sandbox.video_world import words
from sandbox.video_world.videos import Platform, Video, peertube_uuid, short_uuid, youtube_id

YEARS = 6
GREETING = "Émission en accès libre, financée par les dons : {site}/don"
EXTRACT = 0.1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Broadcast:
    """What the copies of one broadcast have in common; seconds, aware UTC times."""

    key: str
    title: str
    summary: str
    moment: dt.datetime
    duration: int
    page: str = ""
    whole: str = ""
    chapters: tuple[tuple[int, str], ...] = ()


def grow(*, seed: int, size: int, now: dt.datetime, taken: set[tuple[int, int]]) -> Iterator[Video]:
    """Make `size` broadcasts, oldest first: all on YouTube, most of them on PeerTube too.

    `taken` holds the (season, number) pairs that others have.
    """
    numbers: dict[int, int] = {}
    subjects: list[str] = []
    previous = ""
    for rank in range(size):
        chance = random.Random(f"{seed}/{rank}")
        moment = _moment(rank, size, now, chance)
        kind = chance.random()
        if previous and kind < EXTRACT:
            broadcast = _extract(seed, rank, moment, subjects[-1], previous, chance)
        else:
            season = words.season_of(moment, now)
            number = numbers.get(season, 0) + 1
            while (season, number) in taken:
                number += 1
            numbers[season] = number
            subject = _subject(chance, subjects)
            subjects.append(subject)
            title = _title(subject, kind, season, number, moment)
            broadcast = _show(seed, rank, moment, title, subject, chance)
            previous = youtube_id(seed, rank)
        yield from copies(broadcast, seed=seed, rank=rank, chance=chance)


def _moment(rank: int, size: int, now: dt.datetime, chance: random.Random) -> dt.datetime:
    """Spread evenly over six years until yesterday; never two at the same time."""
    span = YEARS * 365 - 1
    day = now.astimezone(words.PARIS).date() - dt.timedelta(days=span - rank * span / size + 1)
    hour, minute = chance.choice(((19, 0), (19, 0), (19, 30), (21, 0), (12, 30)))
    local = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=words.PARIS)
    return local.astimezone(dt.UTC) + dt.timedelta(seconds=rank % 600)


def _subject(chance: random.Random, subjects: list[str]) -> str:
    """Mostly a new one; some come back word for word, as weekly forms do."""
    draw = chance.random()
    if draw < 0.06:
        return chance.choice(words.REGULAR)
    if draw < 0.08 and subjects:
        return f"{subjects[-1].removesuffix(' (2/2)')} (2/2)"
    return words.subject(chance)


def _title(subject: str, kind: float, season: int, number: int, moment: dt.datetime) -> str:
    if kind < 0.75:
        return words.full_title(subject, season, number, moment)
    if kind < 0.85:
        return f"{subject} | Au Poste"
    if kind < 0.92:
        return f"[DIRECT] {subject} - {words.long_date(moment)}"
    return subject


def _show(
    seed: int, rank: int, moment: dt.datetime, title: str, subject: str, chance: random.Random
) -> Broadcast:
    duration = chance.randrange(55 * 60, 150 * 60)
    return Broadcast(
        key=f"show-{seed}-{rank}",
        title=title,
        summary=f"{subject}. {' '.join(chance.sample(words.SENTENCES, 3))}",
        moment=moment,
        duration=duration,
        page=words.slug(subject),
        chapters=words.chapters(chance, duration) if chance.random() < 0.5 else (),
    )


def _extract(
    seed: int, rank: int, moment: dt.datetime, subject: str, whole: str, chance: random.Random
) -> Broadcast:
    sentence = chance.choice(words.SENTENCES).rstrip(".")
    return Broadcast(
        key=f"extract-{seed}-{rank}",
        title=f"EXTRAIT – « {sentence} »",
        summary=f"Un extrait de « {subject} ».",
        moment=moment,
        duration=chance.randrange(70, 600),
        whole=whole,
    )


def copies(
    broadcast: Broadcast,
    *,
    seed: int,
    rank: int,
    chance: random.Random,
    youtube: str | None = None,
    peertube: str | None = None,
    extra: int | None = None,
) -> Iterator[Video]:
    """Yield the copies of a broadcast: ids as given ("": none), or drawn.

    `extra` is how many seconds PeerTube's copy has more.
    """
    extract = bool(broadcast.whole)
    if youtube is None:
        youtube = youtube_id(seed, rank)
    if peertube is None:
        there = chance.random() < (0.2 if extract else 0.92)
        peertube = peertube_uuid(seed, rank) if there else ""
    if extra is None:
        extra = chance.randrange(-5, 180)
    views = int(chance.paretovariate(1.2) * 900)
    upright = extract and chance.random() < 0.5
    common: dict[str, Any] = {
        "broadcast": broadcast.key,
        "chapters": broadcast.chapters,
        "width": 1080 if upright else 1920,
        "height": 1920 if upright else 1080,
        "picture": rank,
    }
    if youtube:
        yield Video(
            platform="youtube",
            id=youtube,
            number=0,
            title=broadcast.title,
            description=describe(broadcast, "youtube", other=peertube, chance=chance),
            published_at=broadcast.moment + dt.timedelta(minutes=chance.randrange(2, 240)),
            changed_at=broadcast.moment,
            duration=broadcast.duration,
            # Some channels hide what they would rather not show.
            views=None if chance.random() < 0.01 else views,
            likes=views // 25,
            comments=None if chance.random() < 0.03 else views // 180,
            started_at=None if extract else broadcast.moment,
            ended_at=None
            if extract
            else broadcast.moment + dt.timedelta(seconds=broadcast.duration),
            scheduled_for=None if extract else broadcast.moment,
            **common,
        )
    if peertube:
        published = broadcast.moment + dt.timedelta(hours=chance.randrange(3, 60))
        yield Video(
            platform="peertube",
            id=peertube,
            number=rank + 1,
            title=_retyped(broadcast.title, chance),
            description=describe(broadcast, "peertube", other=youtube, chance=chance),
            published_at=published,
            changed_at=published,
            duration=broadcast.duration + (0 if extract else extra),
            views=views // 14,
            likes=views // 200,
            comments=views // 900,
            captions=("fr",) if chance.random() < 0.6 else (),
            **common,
        )


def _retyped(title: str, chance: random.Random) -> str:
    """The title as it was typed the second time."""
    draw = chance.random()
    if draw < 0.1:
        return title.replace("’", "'")
    return title.partition(" - S")[0] if draw < 0.2 else title


def describe(broadcast: Broadcast, platform: Platform, *, other: str, chance: random.Random) -> str:
    """Most lead to the other platform's copy, some to the site's page, some nowhere."""
    parts = [broadcast.summary]
    draw = chance.random()
    if broadcast.whole:
        parts.append(f"L’émission entière : https://www.youtube.com/watch?v={broadcast.whole}")
    elif other and draw < 0.75:
        parts.append(_link(platform, other, chance))
    elif broadcast.page and draw < 0.87:
        parts.append(f"Tout sur cette émission : {{site}}/emissions/{broadcast.page}")
    if broadcast.chapters and platform == "youtube":
        parts.append("\n".join(f"{words.clock(at)} {title}" for at, title in broadcast.chapters))
    return "\n\n".join([*parts, GREETING])


def _link(platform: Platform, other: str, chance: random.Random) -> str:
    if platform == "peertube":
        form = chance.choice(("https://www.youtube.com/watch?v={}", "https://youtu.be/{}"))
        return f"Aussi sur YouTube : {form.format(other)}"
    form = chance.choice(("/w/{short}", "/w/{short}", "/videos/watch/{full}"))
    path = form.format(short=short_uuid(other), full=other)
    return f"Sans pub ni pistage, sur PeerTube : {{peertube}}{path}"
