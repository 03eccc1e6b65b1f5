"""The controls of a world under `/_/` of both stand-ins. Times: ISO 8601 with a zone, or "+60" (s).

An `id` is a YouTube id or a PeerTube uuid, whichever stand-in is asked.

GET  health · requests [path] · violations · waiting · video id · copies id ·
     videos platform [count]
POST add [title, description, duration, published_at, platforms=youtube,peertube]
     change id [title, description, duration, published_at, views, likes, comments (empty: hidden),
     privacy=public|unlisted|private, width, height, picture, state] ·
     delete id · private id · restore id · captions id [languages=fr,en, text]
     live/schedule title at [platforms, permanent=true, description] · live/start id [at] ·
     live/end id [at] · live/replay id [duration, at]
     shapes [chapters=object|list, thumbnails=paths|list, captions=fileUrl|captionPath,
     aspect_ratio, comments, private_status=403|401]
     hold [path, method, count, stage=after|before] · release · forget
     fail [kind=error|truncated|disconnect|timeout|slow|cut, status, reason, count, path, method,
     applied, seconds, retry_after]
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

from sandbox.http.controls import (
    FAIL,
    HOLD,
    Control,
    Kinds,
    Params,
    choice,
    flag,
    moment,
    named,
    number,
    options,
)
from sandbox.http.standin import Json
from sandbox.video_world.videos import PLATFORMS, Video, to_json
from sandbox.video_world.world import World


class Player(Protocol):
    """A stand-in that shows a world."""

    world: World

    def requests(self, path: str = "*") -> list[Json]: ...
    def violations(self) -> list[Json]: ...
    def waiting(self) -> list[dict[str, str]]: ...
    def hold(self, **options: Any) -> None: ...
    def release(self) -> None: ...
    def fail(self, **options: Any) -> None: ...
    def forget(self) -> None: ...


def _hidden(text: str) -> int | None:
    return int(text) if text else None


def _platforms(text: str) -> list[str]:
    asked = [word for word in text.split(",") if word]
    if not asked or not set(asked) <= set(PLATFORMS):
        raise ValueError(f"platforms: some of {', '.join(PLATFORMS)}")
    return asked


def _privacy(text: str) -> str:
    if text not in ("public", "unlisted", "private"):
        raise ValueError("privacy is one of public, unlisted, private")
    return text


FIELDS: Kinds = {
    "title": str,
    "description": str,
    "duration": int,
    "published_at": moment,
    "scheduled_for": moment,
    "views": _hidden,
    "likes": _hidden,
    "comments": _hidden,
    "privacy": _privacy,
    "width": int,
    "height": int,
    "picture": int,
    "state": _hidden,
}


def _shown(player: Player, video: Video) -> Json:
    return to_json(video) | {"description": player.world.description(video)}


def _copies(player: Player, videos: dict[Any, Video]) -> Json:
    return {platform: _shown(player, video) for platform, video in videos.items()}


def _without(params: Params, *names: str) -> Params:
    return {name: value for name, value in params.items() if name not in names}


def _change(player: Player, params: Params) -> Json:
    fields = options(_without(params, "id"), **FIELDS)
    return _shown(player, player.world.change(named(params, "id"), **fields))


def _schedule(player: Player, params: Params) -> Json:
    given = options(
        _without(params, "title", "at"),
        platforms=_platforms,
        permanent=flag,
        description=str,
    )
    at = moment(named(params, "at"))
    return _copies(player, player.world.schedule_live(named(params, "title"), at, **given))


def _captions(player: Player, params: Params) -> Json:
    languages = [word for word in params.get("languages", "").split(",") if word]
    text = params.get("text")
    return _shown(player, player.world.set_captions(named(params, "id"), *languages, text=text))


def _at(params: Params) -> Any:
    return moment(params["at"]) if "at" in params else None


def _shapes(player: Player, params: Params) -> Json:
    shapes = player.world.shapes
    given = options(
        params,
        chapters=str,
        thumbnails=str,
        captions=str,
        aspect_ratio=flag,
        comments=flag,
        private_status=int,
    )
    player.world.shapes = dataclasses.replace(shapes, **given)
    return dataclasses.asdict(player.world.shapes)


def _listed(player: Player, params: Params) -> list[Json]:
    platform = choice(params, "platform", *PLATFORMS)
    count = number(params, "count")
    return [_shown(player, video) for video in player.world.videos(platform)[:count]]


READS: dict[str, Control[Player]] = {
    "copies": lambda player, params: _copies(player, player.world.copies(named(params, "id"))),
    "health": lambda _player, _: {"status": "ok"},
    "requests": lambda player, params: player.requests(params.get("path", "*")),
    "video": lambda player, params: _shown(player, player.world.get(named(params, "id"))),
    "videos": _listed,
    "violations": lambda player, _: player.violations(),
    "waiting": lambda player, _: player.waiting(),
}

ACTS: dict[str, Control[Player]] = {
    "add": lambda player, params: _copies(
        player, player.world.add(**options(params, platforms=_platforms, **FIELDS))
    ),
    "captions": _captions,
    "change": _change,
    "delete": lambda player, params: _shown(player, player.world.delete(named(params, "id"))),
    "fail": lambda player, params: player.fail(**options(params, **FAIL)),
    "forget": lambda player, _: player.forget(),
    "hold": lambda player, params: player.hold(**options(params, **HOLD)),
    "live/end": lambda player, params: _shown(
        player, player.world.end_live(named(params, "id"), at=_at(params))
    ),
    "live/replay": lambda player, params: _shown(
        player,
        player.world.bring_replay(
            named(params, "id"), duration=number(params, "duration"), at=_at(params)
        ),
    ),
    "live/schedule": _schedule,
    "live/start": lambda player, params: _shown(
        player, player.world.start_live(named(params, "id"), at=_at(params))
    ),
    "private": lambda player, params: _shown(
        player, player.world.make_private(named(params, "id"))
    ),
    "release": lambda player, _: player.release(),
    "restore": lambda player, params: _shown(player, player.world.restore(named(params, "id"))),
    "shapes": _shapes,
}
