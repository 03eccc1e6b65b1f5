"""Whose video is it? By a link that names the broadcast; by title and date, only as a guess."""

import datetime as dt
import re
from difflib import SequenceMatcher
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from auposte.slugs import french_slug
from broadcasts.models import Broadcast, VideoSource
from broadcasts.platforms import PlatformVideo
from broadcasts.video_addresses import find_videos

# Cuts of one broadcast differ by minutes; an extract that links to the whole differs by far more.
SHORTEST_SHARE = 0.8
DATE_MARGIN = dt.timedelta(days=3)
LIKE_ENOUGH = 0.72
EPISODE_NUMBER = re.compile(r"\bS(\d{1,2})\s?E(\d{1,3})\b", re.IGNORECASE)
# « … - S10E27 - Mardi 28 octobre 2025 »: what follows the number is the date in words.
NUMBER_AND_REST = re.compile(r"\s*[-–—|#]?\s*\bS\d{1,2}\s?E\d{1,3}\b.*$", re.IGNORECASE)
# What PeerTube adds to the name of a live's replay, in American: « … - 10/28/2025, 7:03:12 PM ».
REPLAY_STAMP = re.compile(r"\s*-\s*\d{1,2}/\d{1,2}/\d{4}, [\d:]+\s?[AP]M\s*$")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")


def episode_number(title: str) -> tuple[int, int] | None:
    """Season and number from a title: `… - S10E27 - …` → (10, 27)."""
    found = EPISODE_NUMBER.search(title)
    return (int(found[1]), int(found[2])) if found and int(found[1]) else None


def bare_title(title: str) -> str:
    """The title without the number and the date after it; itself when nothing else is left."""
    return NUMBER_AND_REST.sub("", REPLAY_STAMP.sub("", title)).strip() or title.strip()


def moment_of(video: PlatformVideo) -> dt.datetime | None:
    """When the broadcast happened, as far as its video tells (UTC)."""
    return video.started_at or video.scheduled_for or video.published_at


def linked_broadcast(video: PlatformVideo) -> Broadcast | None:
    """The one broadcast that the video's description names, where it can only be that.

    None when several are named, when the lengths say that one is an extract of the other, or
    when the broadcast has a video on that platform already: then the link is only a link.
    """
    named = set(_by_video_links(video)) | set(_by_page_links(video))
    if len(named) != 1:
        return None
    broadcast = Broadcast.objects.get(pk=named.pop())
    if _has_room(broadcast, video) and _lengths_agree(broadcast, video):
        return broadcast
    return None


def _by_video_links(video: PlatformVideo) -> "QuerySet[VideoSource, int]":
    wanted = Q(pk__in=[])
    for address in find_videos(video.description, peertube_url=settings.PEERTUBE_URL):
        wanted |= Q(platform=address.platform) & (
            Q(external_id=address.external_id) | Q(peertube_short_uuid=address.external_id)
        )
    others = VideoSource.objects.filter(wanted).exclude(platform=video.platform)
    return others.values_list("broadcast", flat=True)


def _by_page_links(video: PlatformVideo) -> "QuerySet[Broadcast, int]":
    """Links to our own page, or to where the page stood on the old site."""
    ours = urlsplit(settings.SITE_URL).netloc
    slugs: set[str] = set()
    links: set[str] = set()
    for found in WEB_ADDRESS.findall(video.description):
        address = urlsplit(found.rstrip(".,;:!?»"))
        path = unquote(address.path).rstrip("/")
        if address.netloc == ours and path.startswith("/emissions/"):
            slugs.add(path.removeprefix("/emissions/"))
        links.update(
            f"{scheme}://{address.netloc}{address.path.rstrip('/')}{slash}"
            for scheme in ("http", "https")
            for slash in ("", "/")
        )
    named = Q(slug__in=slugs) | Q(wp_legacy_link__in=links)
    return Broadcast.objects.filter(named).values_list("pk", flat=True)


def _has_room(broadcast: Broadcast, video: PlatformVideo) -> bool:
    """Whether the broadcast waits for a video of that platform; a live waits for its replay."""
    taken = broadcast.sources.filter(platform=video.platform).exclude(
        availability=VideoSource.Availability.UNAVAILABLE
    )
    return not taken.exists()


def _lengths_agree(broadcast: Broadcast, video: PlatformVideo) -> bool:
    known = [
        length
        for length in (broadcast.duration_seconds, video.duration_seconds)
        if length is not None
    ]
    return len(known) < 2 or min(known) >= SHORTEST_SHARE * max(known)


def likely_broadcast(video: PlatformVideo) -> Broadcast | None:
    """The broadcast of about that day whose title reads most like the video's, if any does.

    Only those that still want a video there: none on that platform, or a live that is over, whose
    replay comes under an identifier of its own.
    """
    moment = moment_of(video)
    if moment is None:
        return None
    around = (moment - DATE_MARGIN, moment + DATE_MARGIN)
    settled = VideoSource.objects.filter(
        broadcast=OuterRef("pk"),
        platform=video.platform,
        availability=VideoSource.Availability.AVAILABLE,
    ).exclude(role=VideoSource.Role.LIVE)
    near = Broadcast.objects.filter(
        Q(published_at__range=around) | Q(aired_at__range=around) | Q(scheduled_for__range=around),
        ~Exists(settled),
    ).only("title", "season", "number")
    scored = [(_likeness(broadcast, video), broadcast) for broadcast in near]
    score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best if score >= LIKE_ENOUGH else None


def _likeness(broadcast: Broadcast, video: PlatformVideo) -> float:
    """From 0 to 1; the same season and number say it all."""
    if broadcast.number and (broadcast.season, broadcast.number) == episode_number(video.title):
        return 1.0
    ours, theirs = (french_slug(bare_title(title)) for title in (broadcast.title, video.title))
    if not ours or not theirs:
        return 0.0
    return SequenceMatcher(None, ours, theirs).ratio()
