"""Many more episodes, for load work (`seed_demo --episodes N`). The same N gives the same ones."""

import datetime as dt
import random
import tomllib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from auposte.slugs import french_slug
from broadcasts.demo.catalogue import HERE, PARIS, typeset
from broadcasts.demo.pictures.press import dice
from broadcasts.models import Appearance, Broadcast, Chapter, Series, Tag, VideoSource
from guests.models import Guest

BATCH = 250
# Their videos are made up, also for the demonstration's YouTube: nobody asks for them.
NEVER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
GUID = "demo-load-{:06d}"
PEERTUBE_NAMESPACE = uuid.UUID("6d0a5e0e-6c0e-4c55-9a9d-0f6f1b7a1d37")
SEASONS = (
    (10, dt.date(2025, 9, 1)), (9, dt.date(2024, 9, 1)), (8, dt.date(2023, 9, 1)),
    (7, dt.date(2022, 9, 1)), (6, dt.date(2021, 9, 1)), (5, dt.date(2021, 1, 1)),
    (4, dt.date(2020, 9, 1)),
)  # fmt: skip
FIRST_DAY, DAYS = dt.date(2020, 9, 1), 1880
# Multiples of the golden ratio spread evenly over the years, whatever their number.
GOLDEN = 0.6180339887498949


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What load episodes draw from: rows of the database, and words."""

    series: list[Series]
    tags: list[Tag]
    guests: list[Guest]
    pictures: list[tuple[str, str]]  # stored name, alternative text: files are shared
    words: dict[str, list[str]]


def add_episodes(count: int, *, say: Callable[[str], None]) -> int:
    """Make the load episodes 1 to `count` that are not there yet; returns how many were made."""
    wanted = {GUID.format(rank): rank for rank in range(1, count + 1)}
    there = Broadcast.objects.filter(feed_guid__in=wanted).values_list("feed_guid", flat=True)
    missing = sorted(set(wanted.values()) - {wanted[guid] for guid in there if guid})
    if not missing:
        return 0
    pool = _fill_pool()
    for start in range(0, len(missing), BATCH):
        _make(missing[start : start + BATCH], pool)
        say(f"  {min(start + BATCH, len(missing))} sur {len(missing)} émissions de charge")
    return len(missing)


def _fill_pool() -> Pool:
    words = tomllib.loads((HERE / "crowd.toml").read_text())
    people = list(_people(words))
    Guest.objects.bulk_create(people, ignore_conflicts=True)
    return Pool(
        series=list(Series.objects.order_by("pk")),
        tags=list(Tag.objects.order_by("pk")),
        guests=list(Guest.objects.filter(slug__in=[person.slug for person in people])),
        pictures=list(
            Broadcast.objects.filter(feed_guid__startswith="demo-")
            .exclude(feed_guid__startswith=GUID[:10])
            .exclude(image="")
            .order_by("pk")
            .values_list("image", "image_alt")
        ),
        words={**words, "sentences": [typeset(sentence) for sentence in words["sentences"]]},
    )


def _people(words: dict[str, list[str]]) -> Iterable[Guest]:
    chance = dice("people")
    for beginning in words["name_beginnings"]:
        for ending in words["name_endings"]:
            first, last = chance.choice(words["first_names"]), beginning + ending
            yield Guest(
                first_name=first,
                last_name=last,
                slug=french_slug(f"{first} {last}"),
                title=chance.choice(words["functions"]),
            )


@transaction.atomic
def _make(ranks: list[int], pool: Pool) -> None:
    broadcasts = Broadcast.objects.bulk_create(_broadcast(rank, pool) for rank in ranks)
    parts: dict[type[Any], list[Any]] = {
        Broadcast.tags.through: [], Appearance: [], VideoSource: [], Chapter: [],
    }  # fmt: skip
    for rank, broadcast in zip(ranks, broadcasts, strict=True):
        for part in _parts(rank, broadcast, pool):
            parts[type(part)].append(part)
    for model, rows in parts.items():
        model._default_manager.bulk_create(rows, batch_size=2000)


def _broadcast(rank: int, pool: Pool) -> Broadcast:
    chance, words = dice(f"episode {rank}"), pool.words
    day = FIRST_DAY + dt.timedelta(days=int(DAYS * (rank * GOLDEN % 1)))
    moment = dt.datetime.combine(day, dt.time(19), tzinfo=PARIS)
    title = f"{chance.choice(words['topics'])} : {chance.choice(words['angles'])}"
    image, alt = chance.choice(pool.pictures) if pool.pictures else ("", "")
    return Broadcast(
        title=title,
        slug=f"{french_slug(title)}-{rank}",
        dek=" ".join(chance.sample(words["sentences"], 2)),
        body_opening=_paragraphs(chance, words, 2),
        body_rest="".join(
            f"<h2>{typeset(heading)}</h2>{_paragraphs(chance, words, chance.randrange(2, 4))}"
            for heading in chance.sample(words["headings"], 3)
        ),
        series=chance.choice([*pool.series, None]),
        season=next(season for season, start in SEASONS if day >= start),
        status=Broadcast.Status.PUBLISHED,
        published_at=moment,
        aired_at=moment,
        duration_seconds=chance.randrange(35 * 60, 165 * 60),
        image=image,
        image_alt=alt,
        feed_guid=GUID.format(rank),
    )


def _paragraphs(chance: random.Random, words: dict[str, list[str]], count: int) -> str:
    return "".join(
        f"<p>{' '.join(chance.sample(words['sentences'], chance.randrange(3, 7)))}</p>"
        for _ in range(count)
    )


def _parts(rank: int, broadcast: Broadcast, pool: Pool) -> Iterable[Any]:
    """Everything that hangs on a broadcast, unsaved."""
    chance, duration = dice(f"parts {rank}"), broadcast.duration_seconds or 0
    for tag in chance.sample(pool.tags, min(len(pool.tags), chance.randrange(1, 5))):
        yield Broadcast.tags.through(broadcast=broadcast, tag=tag)
    guests = chance.sample(pool.guests, min(len(pool.guests), chance.choice([1, 1, 1, 2, 3])))
    for position, guest in enumerate(guests):
        yield Appearance(broadcast=broadcast, guest=guest, position=position)
    yield VideoSource(
        broadcast=broadcast,
        platform=VideoSource.Platform.YOUTUBE,
        external_id=f"demo{1_000_000 + rank:07d}",
        duration_seconds=duration,
        read_due_at=NEVER,
    )
    if chance.random() < 0.6:
        yield VideoSource(
            broadcast=broadcast,
            platform=VideoSource.Platform.PEERTUBE,
            external_id=str(uuid.uuid5(PEERTUBE_NAMESPACE, GUID.format(rank))),
            duration_seconds=duration + chance.randrange(300),
            read_due_at=NEVER,
        )
    titles = chance.sample(pool.words["chapters"], chance.randrange(4, 10))
    starts = [0, *sorted(chance.sample(range(60, duration), len(titles) - 1))]
    for start, title in zip(starts, titles, strict=True):
        yield Chapter(broadcast=broadcast, start_seconds=start, title=title)
