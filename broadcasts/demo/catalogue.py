"""The demonstration's contents, read from the TOML files beside this module."""

import datetime as dt
import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from auposte.money import NBSP, NNBSP
from auposte.slugs import french_slug

HERE = Path(__file__).parent
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, kw_only=True)
class Person:
    slug: str
    last_name: str
    first_name: str = ""
    title: str = ""
    bio: str = ""
    elsewhere: str = ""
    portrait: str = ""  # the key of a drawing; none for real people
    real: bool = False


@dataclass(frozen=True, kw_only=True)
class Show:
    title: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Who and what the episodes name."""

    mottoes: tuple[str, ...]
    series: tuple[Show, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, kw_only=True)
class Rectification:
    """A correction, or with an `author` a right of reply; `day` is in Paris."""

    day: dt.date
    text: str
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One broadcast of the demonstration.

    `moment` (aware) is None for a draft, `scheduled` the hour on air of what is to come;
    `extract_of` is the key of the whole episode, which must be older; `guests` are pairs of a
    person's slug and the function they had that day; durations and chapters are in seconds;
    `motif` and `scheme` name a picture.
    """

    key: str
    title: str
    slug: str
    dek: str
    opening: str
    rest: str
    moment: dt.datetime | None
    scheduled: dt.datetime | None
    status: str
    aired: bool
    season: int
    number: int | None
    series: str
    tags: tuple[str, ...]
    guests: tuple[tuple[str, str], ...]
    host: bool
    duration: int | None
    chapters: tuple[tuple[int, str], ...]
    rectifications: tuple[Rectification, ...]
    youtube: str
    peertube: str
    words: str  # "reviewed" or "automatic" for a transcript; "" for none
    sound: bool
    upcoming: bool
    extract_of: str
    extract_start: int | None
    unavailable: bool
    motif: str
    scheme: str
    pk: int | None
    legacy_id: int | None
    legacy_link: str
    legacy_paths: tuple[str, ...]

    @property
    def feed_guid(self) -> str | None:
        """What it is known by when the demonstration is loaded again, whatever its slug became."""
        return None if self.pk else f"demo-{self.key}"


def read_directory() -> Directory:
    """People, series and mottoes."""
    data = tomllib.loads((HERE / "directory.toml").read_text())
    return Directory(
        mottoes=tuple(typeset(motto) for motto in data["mottoes"]),
        series=tuple(
            Show(title=show["title"], description=typeset(show["description"]))
            for show in data["series"]
        ),
        people=tuple(
            Person(**{**person, "bio": typeset(person.get("bio", ""))}) for person in data["people"]
        ),
    )


def read_episodes(now: dt.datetime) -> list[Episode]:
    """All episodes, oldest first; dates given in days count from `now` (aware)."""
    today = now.astimezone(PARIS).date()
    episodes = [_episode(path, today) for path in sorted((HERE / "episodes").glob("*.toml"))]
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    return sorted(episodes, key=lambda episode: (episode.moment or last, episode.key))


def _episode(path: Path, today: dt.date) -> Episode:
    data: dict[str, Any] = tomllib.loads(path.read_text())
    motif, scheme = data.get("picture", ("", ""))
    return Episode(
        key=path.stem,
        title=data["title"],
        slug=data.get("slug") or french_slug(data["title"]),
        dek=typeset(data["dek"]),
        opening=typeset(data["opening"]).strip(),
        rest=typeset(data["rest"]).strip(),
        moment=_moment(data, today),
        scheduled=_scheduled(data, today),
        status=data.get("status", "published"),
        aired=data.get("aired", "youtube" in data) and not data.get("upcoming"),
        season=data["season"],
        number=data.get("number"),
        series=data.get("series", ""),
        tags=tuple(data["tags"]),
        guests=tuple((guest["who"], guest.get("function", "")) for guest in data["guests"]),
        host=data.get("host", False),
        duration=seconds(data["duration"]) if "duration" in data else None,
        chapters=tuple(
            (seconds(start), typeset(title)) for start, title in data.get("chapters", ())
        ),
        rectifications=tuple(
            Rectification(
                day=today + dt.timedelta(days=told["days"]),
                text=typeset(told["text"]),
                author=told.get("author", ""),
            )
            for told in data.get("rectifications", ())
        ),
        youtube=data.get("youtube", ""),
        peertube=data.get("peertube", ""),
        words=data.get("words", ""),
        sound=data.get("sound", False),
        upcoming=data.get("upcoming", False),
        extract_of=data.get("extract_of", ""),
        extract_start=seconds(data["extract_start"]) if "extract_start" in data else None,
        unavailable=data.get("unavailable", False),
        motif=motif,
        scheme=scheme,
        pk=data.get("id"),
        legacy_id=data.get("legacy_id"),
        legacy_link=data.get("legacy_link", ""),
        legacy_paths=tuple(data.get("legacy_paths", ())),
    )


def _moment(data: dict[str, Any], today: dt.date) -> dt.datetime | None:
    if "days" in data:
        day = today + dt.timedelta(days=data["days"])
        return dt.datetime.combine(day, data["time"], tzinfo=PARIS)
    return data["date"].replace(tzinfo=PARIS) if "date" in data else None


def _scheduled(data: dict[str, Any], today: dt.date) -> dt.datetime | None:
    """Of what is announced (`on_air_in` days), or programmed for the hour that it goes out."""
    if "on_air_in" in data:
        day = today + dt.timedelta(days=data["on_air_in"])
        return dt.datetime.combine(day, data["on_air_at"], tzinfo=PARIS)
    return _moment(data, today) if data.get("upcoming") else None


def seconds(clock: str) -> int:
    """`4:12` → 252, `1:52:40` → 6760."""
    return functools.reduce(lambda total, part: total * 60 + int(part), clock.split(":"), 0)


def typeset(text: str) -> str:
    """Put no-break spaces where French print has them, in plain text or HTML."""
    text = re.sub(r" ([!?;])", rf"{NNBSP}\1", text)
    text = re.sub(r" ([:%€»])", rf"{NBSP}\1", text)
    text = re.sub(r"« ", f"«{NBSP}", text)
    # Hours and counts stay with what they count.
    return re.sub(r"\b(\d+) (h|%|€|min)\b", rf"\1{NBSP}\2", text)
