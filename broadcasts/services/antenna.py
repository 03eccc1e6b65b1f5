"""What readers are told of the air: what is live, else what comes next, else what was on last."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now

from auposte.written_once import WrittenOnce
from broadcasts.live import ANNOUNCEMENT_HOLDS
from broadcasts.models import Airing, Broadcast, PublicationStep, VideoSource
from broadcasts.models.broadcast import BroadcastQuerySet

# So long « C’est fini » comes before whatever is announced next.
END_SHOWN = dt.timedelta(hours=2)
ON_AIR = (Airing.State.LIVE, Airing.State.INTERRUPTED)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One place to watch a live, with the address of its chat ("" where it has none)."""

    name: str
    platform: str
    watch_url: str
    embed_url: str
    chat_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Antenna:
    """The broadcast to show, and its state; no broadcast at all on an empty site."""

    state: str
    broadcast: Broadcast | None = None
    key: str = ""

    @property
    def is_followed(self) -> bool:
        """Whether it may change any minute, or at an hour that is known."""
        return self.state in (Airing.State.ANNOUNCED, Airing.State.OVER, *ON_AIR)

    @property
    def is_on_air(self) -> bool:
        return self.state in ON_AIR


OFF = Antenna(state=Airing.State.NONE)


def antenna_of(broadcast: Broadcast) -> Antenna:
    """That of one broadcast, which was read with its `airing`."""
    airing: Airing | None = getattr(broadcast, "airing", None)
    if airing is None:
        return Antenna(state=Airing.State.NONE, broadcast=broadcast)
    return Antenna(state=airing.state, broadcast=broadcast, key=airing.key)


def current_antenna() -> Antenna:
    """What is on the air, has just ended, or comes next; `OFF` when nothing is."""
    first = next(iter(_first()), None)
    return antenna_of(first) if first else OFF


def last_antenna() -> Antenna:
    """The replay of what was on last; `OFF` on a site without any video."""
    shown = VideoSource.objects.playable().filter(broadcast__in=Broadcast.objects.public())
    last = (
        Broadcast.objects.public()
        .filter(pk__in=shown.order_by().values("broadcast"))
        .newest_first()
        .for_cards()
        .first()
    )
    return Antenna(state=Airing.State.REPLAY, broadcast=last) if last else OFF


def announced_broadcasts() -> BroadcastQuerySet:
    """Public broadcasts with an hour that has not passed, or whose live is late; the next first."""
    hour = Q(scheduled_for__gt=Now() - ANNOUNCEMENT_HOLDS)
    on_air = Q(airing__state__in=ON_AIR)
    return (
        Broadcast.objects.public()
        .filter(Q(airing__state=Airing.State.ANNOUNCED) & hour | on_air)
        .order_by(F("scheduled_for").asc(nulls_first=True), "pk")
    )


def withdrawn_announcements() -> QuerySet[PublicationStep]:
    """The steps by which announced broadcasts left the site, whose hour has not passed; the last of
    each. Only their hour may be told.
    """
    return (
        PublicationStep.objects.filter(
            was_public=True, scheduled_for__gt=Now() - ANNOUNCEMENT_HOLDS
        )
        .exclude(broadcast__in=Broadcast.objects.public())
        .select_related("broadcast")
        .only("at", "scheduled_for", "broadcast", "broadcast__created_at")
        .order_by("broadcast_id", "-at", "-pk")
        .distinct("broadcast_id")
    )


def _public() -> BroadcastQuerySet:
    """As `Broadcast.objects.public()`, by the database's clock: the query is written once."""
    public: BroadcastQuerySet = Broadcast.objects.public(Now())
    return public


def _under_way() -> BroadcastQuerySet:
    rank = Case(
        When(airing__state=Airing.State.LIVE, then=Value(0)),
        When(airing__state=Airing.State.INTERRUPTED, then=Value(1)),
        When(airing__state=Airing.State.OVER, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    just_over = Q(airing__state=Airing.State.OVER, airing__since__gt=Now() - END_SHOWN)
    announced = Q(
        airing__state=Airing.State.ANNOUNCED, scheduled_for__gt=Now() - ANNOUNCEMENT_HOLDS
    )
    return (
        _public()
        .filter(Q(airing__state__in=ON_AIR) | just_over | announced)
        .for_cards()
        .with_airing()
        .order_by(rank, F("scheduled_for").asc(nulls_last=True), "-airing__since", "pk")[:1]
    )


_first = WrittenOnce(_under_way)


def streams_of(antenna: Antenna) -> tuple[Stream, ...]:
    """Where it can be watched: PeerTube first, which follows nobody; the channel's Twitch last."""
    if antenna.broadcast is None:
        return ()
    return streams_among(
        antenna, VideoSource.objects.filter(broadcast=antenna.broadcast).playable()
    )


def streams_among(antenna: Antenna, playable: Iterable[VideoSource]) -> tuple[Stream, ...]:
    """As `streams_of`, of the broadcast's playable sources. Not read where nothing is on."""
    if antenna.is_on_air:
        sources = list(playable)
        running = [s for s in sources if s.live_state == VideoSource.LiveState.LIVE]
        sources = running or [s for s in sources if s.role == VideoSource.Role.LIVE]
    elif antenna.state == Airing.State.REPLAY:
        sources = [s for s in playable if s.role == VideoSource.Role.REPLAY]
    else:
        return ()
    rank = {VideoSource.Platform.PEERTUBE: 0, VideoSource.Platform.YOUTUBE: 1}
    sources.sort(key=lambda s: rank.get(VideoSource.Platform(s.platform), 2))
    streams = [_stream(source, chats=antenna.is_on_air) for source in sources]
    known = {stream.platform for stream in streams}
    if antenna.is_on_air and settings.TWITCH_CHANNEL and "twitch" not in known:
        streams.append(_twitch(settings.TWITCH_CHANNEL))
    return tuple(streams)


def _stream(source: VideoSource, *, chats: bool) -> Stream:
    chat = ""
    if chats and source.platform == VideoSource.Platform.YOUTUBE:
        chat = f"https://www.youtube.com/live_chat?is_popout=1&v={source.external_id}"
    elif chats and source.platform == VideoSource.Platform.PEERTUBE:
        # Where an instance has a chat, its page shows it beside the video.
        chat = source.watch_url
    return Stream(
        name=source.get_platform_display(),
        platform=source.platform,
        watch_url=source.watch_url,
        embed_url=source.embed_url,
        chat_url=chat,
    )


def _twitch(channel: str) -> Stream:
    """The channel's own player: `parent` is added by the page (player.js), as Twitch demands."""
    name = quote(channel, safe="")
    return Stream(
        name="Twitch",
        platform="twitch",
        watch_url=f"https://www.twitch.tv/{name}",
        embed_url=f"https://player.twitch.tv/?channel={name}&autoplay=true",
        chat_url=f"https://www.twitch.tv/popout/{name}/chat",
    )
