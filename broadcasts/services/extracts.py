"""An extract and its whole episode: each leads to the other while both are public."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject, Now

from broadcasts.models import Broadcast


@dataclass(frozen=True, kw_only=True)
class Linked:
    """The other one; `start_seconds` is where the extract begins in the whole, if that is known."""

    title: str
    address: str
    duration_seconds: int | None
    start_seconds: int | None


def whole_as_json() -> ArraySubquery:
    """For a query of broadcasts: the public one that each is an extract of, as facts, or none."""
    return ArraySubquery(_public(pk=OuterRef("extract_of")))


def extracts_as_json() -> ArraySubquery:
    """For a query of broadcasts: their public extracts, in the order of their beginnings."""
    found = _public(extract_of=OuterRef("pk"))
    return ArraySubquery(found.order_by(F("extract_start_seconds").asc(nulls_last=True), "pk"))


def whole_of(broadcast: Broadcast) -> Linked | None:
    """What a broadcast that was read with `whole_as_json` is an extract of."""
    for facts in broadcast.whole_as_json:  # type: ignore[attr-defined]  # annotated
        return _linked(facts, broadcast.extract_start_seconds)
    return None


def extracts_of(broadcast: Broadcast) -> tuple[Linked, ...]:
    """The extracts of a broadcast that was read with `extracts_as_json`."""
    there = broadcast.extracts_as_json  # type: ignore[attr-defined]  # annotated
    return tuple(_linked(facts, facts["start"]) for facts in there)


def _public(**which: Any) -> Any:
    # The database's own clock: the query is written once.
    return (
        Broadcast.objects.public(Now())
        .filter(**which)
        .values(
            json=JSONObject(
                title="title",
                slug="slug",
                duration="duration_seconds",
                start="extract_start_seconds",
            )
        )
    )


def _linked(facts: dict[str, Any], start: int | None) -> Linked:
    return Linked(
        title=facts["title"],
        address=Broadcast(slug=facts["slug"]).get_absolute_url(),
        duration_seconds=facts["duration"],
        start_seconds=start,
    )
