"""From PeerTube's JSON to our shapes, in each of the shapes that its versions have had.

https://docs.joinpeertube.org/api-rest-reference.html
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urljoin, urlsplit

from broadcasts.loose_json import as_count, as_moment, as_ratio, as_seconds, as_text, dig
from broadcasts.peertube.ids import LARGEST_NUMBER, valid_short_uuid, valid_uuid
from broadcasts.platforms import (
    LiveState,
    Platform,
    PlatformAudio,
    PlatformCaption,
    PlatformChapter,
    PlatformVideo,
)

Json = dict[str, Any]

LONGEST_ADDRESS = 1000
# PeerTube's own are MP4, whatever was uploaded.
AUDIO_TYPES = {"mp3": "audio/mpeg", "ogg": "audio/ogg", "opus": "audio/ogg", "webm": "audio/webm"}


class State(IntEnum):
    """The states that change what we do."""

    PUBLISHED = 1
    TO_TRANSCODE = 2
    TO_IMPORT = 3
    WAITING_FOR_LIVE = 4
    LIVE_ENDED = 5
    TRANSCODING_FAILED = 7
    TO_IMPORT_FAILED = 12
    TO_EDIT_AS_NEW_VIDEO = 13


class Privacy(IntEnum):
    PRIVATE = 3
    INTERNAL = 4
    PASSWORD_PROTECTED = 5


# In the others a file can be played, though it may be moving from one store to another.
NOT_THERE_YET = {
    State.TO_IMPORT,
    State.TRANSCODING_FAILED,
    State.TO_IMPORT_FAILED,
    State.TO_EDIT_AS_NEW_VIDEO,
}


@dataclass(frozen=True, kw_only=True)
class VideosPage:
    """Videos of a channel, newest first; fewer than were asked for when some are not to be seen.

    Their descriptions may be cut short, and a live's state is a guess: read each one to be sure.
    `total` is how many the channel has.
    """

    videos: tuple[PlatformVideo, ...]
    total: int


def read_videos_page(raw: Any, *, base_url: str) -> VideosPage:
    found = [item for item in _listed(raw, "data") if absence_of(item) is None]
    videos = tuple(read_video_payload(item, base_url=base_url) for item in found)
    return VideosPage(videos=videos, total=as_count(dig(raw, "total")) or 0)


def absence_of(raw: Any) -> str | None:
    """Why a video cannot be shown, in words; None when it can."""
    if as_count(dig(raw, "privacy.id")) in set(Privacy):
        return "Cette vidéo PeerTube n’est pas publique."
    if dig(raw, "blacklisted") is True:
        return "Cette vidéo PeerTube est bloquée sur son instance."
    state = as_count(dig(raw, "state.id"))
    waiting = state == State.TO_TRANSCODE and dig(raw, "waitTranscoding") is True
    if state in NOT_THERE_YET or waiting:
        return "Cette vidéo PeerTube n’est pas encore prête."
    return None


def read_video_payload(raw: Any, *, base_url: str, etag: str = "") -> PlatformVideo:
    """A video of a list or by itself. ValueError when it has no proper uuid."""
    uuid = valid_uuid(as_text(dig(raw, "uuid")))
    if uuid is None:
        raise ValueError("uuid")
    schedule = _scheduled_for(raw)
    return PlatformVideo(
        platform=Platform.PEERTUBE,
        external_id=uuid,
        title=as_text(dig(raw, "name")),
        description=as_text(dig(raw, "description") or dig(raw, "truncatedDescription")),
        published_at=as_moment(dig(raw, "publishedAt")),
        changed_at=as_moment(dig(raw, "updatedAt")),
        duration_seconds=as_seconds(dig(raw, "duration")),
        aspect_ratio=as_ratio(dig(raw, "aspectRatio")),
        views_count=as_count(dig(raw, "views")),
        comments_count=as_count(dig(raw, "comments")),
        live_state=_live_state(raw, schedule),
        scheduled_for=schedule,
        thumbnail_url=_thumbnail(raw, base_url),
        etag=etag,
        peertube_id=as_count(dig(raw, "id"), most=LARGEST_NUMBER),
        peertube_short_uuid=valid_short_uuid(as_text(dig(raw, "shortUUID"))) or "",
        audio=_audio(raw, base_url),
    )


def read_chapters(raw: Any) -> tuple[PlatformChapter, ...]:
    """In order, without those that have no name or no time."""
    found: dict[int, PlatformChapter] = {}
    for item in _listed(raw, "chapters"):
        start, title = as_count(dig(item, "timecode")), as_text(dig(item, "title")).strip()
        if start is not None and title:
            found.setdefault(start, PlatformChapter(start_seconds=start, title=title))
    return tuple(chapter for _, chapter in sorted(found.items()))


def read_captions(raw: Any, *, base_url: str) -> tuple[PlatformCaption, ...]:
    found = []
    for item in _listed(raw, "data"):
        language = as_text(dig(item, "language.id") or dig(item, "language"))
        url = _first_address(base_url, (dig(item, "fileUrl"), dig(item, "captionPath")))
        if language and url:
            automatic = dig(item, "automaticallyGenerated") is True
            found.append(PlatformCaption(language=language, url=url, automatic=automatic))
    return tuple(found)


def _audio(raw: Any, base_url: str) -> PlatformAudio | None:
    """The file without a picture, which only a video read by itself tells of."""
    refused = dig(raw, "downloadEnabled") is False
    playlists = dig(raw, "streamingPlaylists")
    holders = [raw, *(playlists if isinstance(playlists, list) else ())]
    for holder in holders:
        files = dig(holder, "files")
        for file in files if isinstance(files, list) else ():
            soundless = dig(file, "hasAudio") is False
            picture = dig(file, "hasVideo") is True or as_count(dig(file, "resolution.id")) != 0
            size = as_count(dig(file, "size"))
            url = _first_address(base_url, (dig(file, "fileUrl"),))
            if url and size and len(url) <= LONGEST_ADDRESS and not (picture or soundless):
                ending = urlsplit(url).path.rpartition(".")[2].lower()
                mime = AUDIO_TYPES.get(ending, "audio/mp4")
                kept = "" if refused else _first_address(base_url, (dig(file, "fileDownloadUrl"),))
                download_url = kept if len(kept) <= LONGEST_ADDRESS else ""
                return PlatformAudio(url=url, download_url=download_url, mime=mime, size_bytes=size)
    return None


def _listed(raw: Any, key: str) -> list[Any]:
    """A list that comes bare or under a key. TypeError for anything else."""
    found = raw if isinstance(raw, list) else dig(raw, key)
    if not isinstance(found, list):
        raise TypeError(key)
    return found


def _scheduled_for(raw: Any) -> dt.datetime | None:
    schedules = dig(raw, "liveSchedules")
    moments = [
        as_moment(dig(entry, "startAt"))
        for entry in (schedules if isinstance(schedules, list) else ())
    ]
    return min((moment for moment in moments if moment), default=None)


def _live_state(raw: Any, scheduled_for: dt.datetime | None) -> LiveState:
    state = as_count(dig(raw, "state.id"))
    if state == State.LIVE_ENDED:
        return LiveState.ENDED
    if dig(raw, "isLive") is not True:
        return LiveState.NONE
    if state == State.WAITING_FOR_LIVE:
        return LiveState.UPCOMING
    # Lists leave the state out; they show the lives that are on, and some versions those to come.
    ahead = scheduled_for is not None and scheduled_for > dt.datetime.now(dt.UTC)
    return LiveState.UPCOMING if state is None and ahead else LiveState.LIVE


def _thumbnail(raw: Any, base_url: str) -> str:
    """The widest picture: from version 8.1 on in a list, before that the "preview"."""
    pictures = dig(raw, "thumbnails")
    listed = [
        entry
        for entry in (pictures if isinstance(pictures, list) else ())
        if isinstance(entry, dict)
    ]
    listed.sort(key=lambda entry: as_count(entry.get("width")) or 0, reverse=True)
    names = ("previewUrl", "previewPath", "thumbnailUrl", "thumbnailPath")
    return _first_address(
        base_url, [*(entry.get("fileUrl") for entry in listed), *(dig(raw, n) for n in names)]
    )


def _first_address(base_url: str, candidates: Iterable[Any]) -> str:
    for candidate in candidates:
        text = as_text(candidate).strip()
        address = urljoin(f"{base_url}/", text) if text else ""
        if address.startswith(("https://", "http://")):
            return address
    return ""
