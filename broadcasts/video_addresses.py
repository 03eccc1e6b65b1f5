"""Which video an address leads to: YouTube's, Twitch's, and those of our PeerTube instance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from broadcasts.peertube.ids import uuid_of, valid_uuid

YOUTUBE, PEERTUBE, TWITCH = "youtube", "peertube", "twitch"
MOST = 50
# An address in a text, with or without its scheme; Markdown and HTML put signs around it.
ADDRESS = re.compile(r"(?<![\w.@/-])(?:(?:https?:)?//)?[\w.-]+(?::\d{1,5})?/[^\s<>\"'()\[\]{}|]*")
AROUND = ".,;:!?…»*_"
YOUTUBE_HOSTS = {"youtube.com", "music.youtube.com", "gaming.youtube.com", "youtube-nocookie.com"}
YOUTUBE_FOLDERS = {"live", "embed", "shorts", "v", "e", "watch"}
YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}")
# Pages that look like a video's: a playlist's player, and a channel's current live.
YOUTUBE_NO_IDS = {"videoseries", "live_stream"}
TWITCH_ID = re.compile(r"v?([0-9]{6,20})")
PEERTUBE_FOLDERS = (("w",), ("videos", "watch"), ("videos", "embed"))


@dataclass(frozen=True, kw_only=True)
class VideoAddress:
    """`platform` is one of VideoSource.platform; on PeerTube `external_id` is always the uuid."""

    platform: str
    external_id: str


def find_videos(text: str, *, peertube_url: str) -> tuple[VideoAddress, ...]:
    """The videos that a text links to, each once, in order; fifty at most."""
    found: dict[VideoAddress, None] = {}
    for candidate in _addresses(text):
        address = read_address(candidate, peertube_url=peertube_url)
        if address:
            found[address] = None
        if len(found) == MOST:
            break
    return tuple(found)


def read_address(url: str, *, peertube_url: str) -> VideoAddress | None:
    """The video at an address; None for anything else. `peertube_url` is our instance's origin."""
    parts = _split(url)
    if parts is None:
        return None
    instance = _split(peertube_url)
    if instance and parts.netloc.lower() == instance.netloc.lower():
        return _video(PEERTUBE, _peertube_id(parts))
    return _video(YOUTUBE, _youtube_id(parts)) or _video(TWITCH, _twitch_id(parts))


def identifier_in(text: str, *, platform: str) -> str:
    """What to file a video under when somebody typed its address, or its identifier itself.

    PeerTube's may be on any instance here: it is what the person says it is.
    """
    readers = {YOUTUBE: _youtube_id, PEERTUBE: _peertube_id, TWITCH: _twitch_id}
    read = readers.get(platform)
    for candidate in _addresses(text) if read else ():
        parts = _split(candidate)
        found = read(parts) if read and parts else None
        if found:
            return found
    return text.strip()


def _video(platform: str, external_id: str | None) -> VideoAddress | None:
    return VideoAddress(platform=platform, external_id=external_id) if external_id else None


def _addresses(text: str) -> Iterator[str]:
    for match in ADDRESS.finditer(text):
        yield match[0].replace("&amp;", "&").rstrip(AROUND)


def _split(url: str) -> SplitResult | None:
    """An address of the web in its parts; a missing scheme is https."""
    url = url.strip()
    if not url:
        return None
    if "://" not in url.partition("?")[0]:
        url = f"https://{url.removeprefix('//')}"
    try:
        parts = urlsplit(url)
        _ = parts.port  # read lazily
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.").removeprefix("m.")


def _folders(parts: SplitResult) -> list[str]:
    return [folder for folder in parts.path.split("/") if folder]


def _queried(parts: SplitResult, name: str) -> str:
    try:
        return parse_qs(parts.query, max_num_fields=100).get(name, [""])[0]
    except ValueError:
        return ""


def _youtube_id(parts: SplitResult) -> str | None:
    host, folders = _host(parts), _folders(parts)
    if host == "youtu.be":
        candidate = folders[0] if folders else ""
    elif host not in YOUTUBE_HOSTS:
        return None
    elif folders == ["watch"]:
        candidate = _queried(parts, "v")
    else:
        candidate = folders[1] if len(folders) > 1 and folders[0] in YOUTUBE_FOLDERS else ""
    known = YOUTUBE_ID.fullmatch(candidate) and candidate not in YOUTUBE_NO_IDS
    return candidate if known else None


def _peertube_id(parts: SplitResult) -> str | None:
    *where, name = _folders(parts) or [""]
    if tuple(where) not in PEERTUBE_FOLDERS:
        return None
    return valid_uuid(name) or uuid_of(name)


def _twitch_id(parts: SplitResult) -> str | None:
    host, folders = _host(parts), _folders(parts)
    if host == "player.twitch.tv":
        candidate = _queried(parts, "video")
    elif host == "twitch.tv" and len(folders) >= 2 and folders[-2] in {"videos", "v", "video"}:
        candidate = folders[-1]
    else:
        return None
    match = TWITCH_ID.fullmatch(candidate)
    return match[1] if match else None
