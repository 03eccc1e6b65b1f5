"""Narrowing what was found as the list of episodes is narrowed, with the same counted facets."""

from dataclasses import replace

from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.services import facets
from broadcasts.services.facets import Found, Narrowing
from broadcasts.services.search.asking import Compiled
from broadcasts.services.search.finding import Findings, find


def find_narrowed(
    compiled: Compiled, *, visible: BroadcastQuerySet, narrowing: Narrowing, is_narrowed: bool
) -> tuple[Findings, Found]:
    """What answers and is not narrowed away; and the facets of what answers, with their counts.

    Two queries, or three.
    """
    found = find(compiled, visible=visible)
    if not found.hits:
        return found, Found()
    numbers = tuple(hit.broadcast for hit in found.hits)
    shelves = facets.find(replace(narrowing, among=numbers), limit=len(numbers))
    if not is_narrowed:
        return found, shelves
    if found.more_passages:
        # Those counted were the first of all: count anew among what is left.
        return find(compiled, visible=visible.filter(pk__in=shelves.ids)), shelves
    left = set(shelves.ids)
    hits = tuple(hit for hit in found.hits if hit.broadcast in left)
    return replace(found, hits=hits, passages=sum(hit.passages for hit in hits)), shelves
