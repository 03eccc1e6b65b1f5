"""A page of cards out of all that answers: what every list of broadcasts is made of."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page
from django.http import HttpRequest

from broadcasts.filters import Filters
from broadcasts.models import Broadcast
from broadcasts.services.cards import read_cards
from broadcasts.services.facets import Found, Narrowing, Order, find
from broadcasts.timeline import timeline
from broadcasts.views.paging import asked_number, numbered_page

EPISODES_A_PAGE = 24
# Of those who are heard most on a shelf, and of its keywords.
NEAREST = 8


class _Cards(Sequence[Broadcast]):
    """For a paginator, which slices out no other page than the one whose ids were found."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def __len__(self) -> int:
        return self._found.total

    def __getitem__(self, _: Any) -> Any:
        return read_cards(self._found.ids)


def found_page(
    request: HttpRequest, narrowing: Narrowing, *, order: Order = Order.NEWEST
) -> "tuple[Found, Page[Broadcast]]":
    """What answers, and the page of it that `?page=` asks for; Http404 past the end."""
    found = find(
        narrowing,
        order=order,
        offset=(asked_number(request) - 1) * EPISODES_A_PAGE,
        limit=EPISODES_A_PAGE,
    )
    return found, numbered_page(request, _Cards(found), EPISODES_A_PAGE)


def shelf(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """For the page of a series, a season, a keyword, somebody: what is on it, and its years."""
    found, page = found_page(request, filters.narrowing)
    return {
        "found": found,
        "page": page,
        "years": timeline(filters, found),
        "guests": found.of("invite")[:NEAREST],
        "tags": found.of("tags")[:NEAREST],
        "list_address": filters.address(),
    }
