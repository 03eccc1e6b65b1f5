"""What an editor finds on the desk in the morning."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from broadcasts.models import (
    Airing,
    Broadcast,
    Mark,
    OutgoingLink,
    SyncJob,
    VideoProposal,
    VideoSource,
)
from broadcasts.services.antenna import ON_AIR

SHOWN = 8
SOON = dt.timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that somebody should look at: how many, in words, and the list (`list_name`,
    `query`) where it can be done."""

    text: str
    list_name: str
    query: str = ""


@dataclass(frozen=True, kw_only=True)
class EditorsDesk:
    today: tuple[Broadcast, ...]
    drafts: tuple[Broadcast, ...]
    programmed: tuple[Broadcast, ...]
    draft_count: int
    troubles: tuple[Trouble, ...]


def editors_desk(now: dt.datetime | None = None) -> EditorsDesk:
    """Today's live broadcasts, drafts, what is programmed, what needs attention; times are UTC."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = (midnight + dt.timedelta(days=1, hours=2)).replace(hour=0)
    live = Airing.objects.filter(broadcast=OuterRef("pk"), state__in=ON_AIR)
    rows = Broadcast.objects.select_related("series").defer("body_opening", "body_rest")
    drafts = rows.filter(status=Broadcast.Status.DRAFT)
    today = (
        rows.exclude(status=Broadcast.Status.ARCHIVED)
        .annotate(on_air=Exists(live))
        .filter(Q(on_air=True) | Q(scheduled_for__gte=midnight, scheduled_for__lt=tomorrow))
    )
    programmed = rows.filter(status=Broadcast.Status.PUBLISHED, published_at__gt=now)
    return EditorsDesk(
        today=tuple(today.order_by("-on_air", "scheduled_for")[:SHOWN]),
        drafts=tuple(drafts.order_by("-updated_at")[:SHOWN]),
        programmed=tuple(programmed.order_by("published_at")[:SHOWN]),
        draft_count=drafts.count(),
        troubles=tuple(_troubles()),
    )


def _troubles() -> list[Trouble]:
    public = Broadcast.objects.public()
    gone = VideoSource.objects.filter(
        availability=VideoSource.Availability.UNAVAILABLE, broadcast__in=public
    )
    counted = (
        (
            gone.count(),
            ("vidéo disparue de sa plateforme", "vidéos disparues de leur plateforme"),
            "broadcasts_videosource_changelist",
            "availability__exact=unavailable",
        ),
        (
            public.filter(image="").count(),
            ("émission en ligne sans image", "émissions en ligne sans image"),
            "broadcasts_broadcast_changelist",
            "manque=image",
        ),
        (
            public.exclude(image="").filter(image_alt="").count(),
            ("image sans texte alternatif", "images sans texte alternatif"),
            "broadcasts_broadcast_changelist",
            "manque=alt",
        ),
        (
            VideoProposal.objects.filter(state=VideoProposal.State.WAITING).count(),
            ("vidéo à rattacher", "vidéos à rattacher"),
            "broadcasts_videoproposal_changelist",
            "state__exact=waiting",
        ),
        (
            Mark.objects.filter(
                fate=Mark.Fate.WAITING,
                airing__state__in=[Airing.State.OVER, Airing.State.REPLAY, Airing.State.NONE],
            ).count(),
            ("moment marqué à relire", "moments marqués à relire"),
            "broadcasts_airing_changelist",
            "moments=a-relire",
        ),
        (
            SyncJob.objects.filter(failures__gte=1, is_paused=False).count(),
            ("tâche de synchronisation en échec", "tâches de synchronisation en échec"),
            "broadcasts_syncjob_changelist",
            "",
        ),
        (
            OutgoingLink.objects.broken().filter(broadcasts__in=public).distinct().count(),
            ("lien sortant cassé", "liens sortants cassés"),
            "broadcasts_outgoinglink_changelist",
            "etat=casse",
        ),
    )
    return [
        Trouble(text=f"{count} {words[count > 1]}", list_name=f"admin:{name}", query=query)
        for count, words, name, query in counted
        if count
    ]
