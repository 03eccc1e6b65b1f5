"""What the frame of every page shows of ours: mottos, and whether something is live."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, QuerySet
from django.db.models.functions import Now

from auposte.written_once import WrittenOnce
from broadcasts.models import Airing, Broadcast, Motto


@dataclass(frozen=True, kw_only=True)
class Frame:
    mottos: list[str]
    is_live: bool


def active_mottos() -> ArraySubquery:
    """Their texts, for a query that reads something else anyway."""
    return ArraySubquery(Motto.objects.filter(is_active=True).values("text"))


def something_is_live() -> Exists:
    """Whether a public broadcast is live, for such a query."""
    return Exists(_live())


def frame_along(row: Any) -> Frame | None:
    """The frame, where `row` was read with both of these, as `mottos` and `something_is_live`."""
    mottos: list[str] | None = getattr(row, "mottos", None)
    return None if mottos is None else Frame(mottos=mottos, is_live=row.something_is_live)


def read_frame() -> Frame:
    """The frame in a query of its own; two on a site that has no motto."""
    mottos = _read()
    is_live = mottos[0].is_live if mottos else _live().exists()  # type: ignore[attr-defined]
    return Frame(mottos=[motto.text for motto in mottos], is_live=is_live)


def _live() -> QuerySet[Airing]:
    return Airing.objects.filter(
        state=Airing.State.LIVE,
        broadcast__status=Broadcast.Status.PUBLISHED,
        broadcast__published_at__lte=Now(),
    )


_read = WrittenOnce(
    lambda: Motto.objects.filter(is_active=True).only("text").annotate(is_live=something_is_live())
)
