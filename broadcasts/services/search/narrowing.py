"""Narrowing what was found as the list of episodes is narrowed, with the same counted facets."""

from dataclasses import replace

from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.services import facets
from broadcasts.services.facets import Found, Narrowing
from broadcasts.services.search.asking import Compiled
from broadcasts.services.search.finding import Findings, find


def find_narrowed(
    compiled: Compiled,
    *,
    visible: BroadcastQuerySet,
    narrowing: Narrowing,
    is_narrowed: bool,
    by_date: bool = False,
) -> tuple[Findings, Found]:
    """What answers and is not narrowed away, the best first, or the newest with `by_date`; and the
    facets of what answers, with their counts.

    Two queries, or three.
    """
    found = find(compiled, visible=visible)
    if not found.broadcasts:
        return found, Found()
    shelves = facets.find(
        replace(narrowing, among=found.broadcasts),
        limit=len(found.broadcasts) if is_narrowed or by_date else 0,
    )
    if is_narrowed and not shelves.ids:
        return Findings(), shelves
    if is_narrowed:
        found = find(compiled, visible=visible.filter(pk__in=shelves.ids))
    if by_date:
        answering = set(found.broadcasts)
        found = replace(found, broadcasts=tuple(pk for pk in shelves.ids if pk in answering))
    return found, shelves
