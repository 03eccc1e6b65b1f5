"""Searching the archive. What somebody searches for is kept nowhere: no page is stored."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from broadcasts.drawers import drawers
from broadcasts.filters import Choice, Pairs, read_filters
from broadcasts.models import Broadcast
from broadcasts.services.facets import Found, Order
from broadcasts.services.search import finding
from broadcasts.services.search.answering import results_of
from broadcasts.services.search.asking import Compiled, Question, compile_question, read_question
from broadcasts.services.search.finding import Findings, TooMuchWorkError, patiently
from broadcasts.services.search.narrowing import find_narrowed
from broadcasts.services.search.spelling import mend
from broadcasts.services.search.suggesting import suggest
from broadcasts.views.paging import numbered_page

RESULTS_A_PAGE = 10
# With so few results another spelling may be meant.
FEW = 3
BY_DATE = Order.NEWEST.slug


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/recherche?q=&emission=&tri=&page=`: broadcasts and the moments when it was said.

    `emission` (a slug) shows one broadcast's passages; the list's own parameters narrow. The best
    come first, with `tri=recentes` the newest. Without `q`, a page that explains.
    """
    question = read_question(request.GET.get("q", ""))
    context: dict[str, object] = {"question": question}
    if not question:
        return render(request, "broadcasts/search.html", context)
    try:
        with patiently():
            context |= _answer(request, question)
    except TooMuchWorkError:
        return render(request, "broadcasts/search.html", context | {"too_much": True}, status=422)
    return render(request, "broadcasts/search.html", context)


def _answer(request: HttpRequest, question: Question) -> dict[str, object]:
    compiled = compile_question(question)
    if compiled.is_empty:
        return {"only_stop_words": True}
    visible = Broadcast.objects.public()
    only = request.GET.get("emission", "")[:200]
    if only:
        visible = visible.filter(slug=only)
    filters = read_filters(request.GET)
    by_date = request.GET.get("tri") == BY_DATE
    # What every address of this page says; the list's own orders are no orders of a search.
    filters = replace(filters, order=Order.NEWEST)
    ours = (("q", question.text), *((("tri", BY_DATE),) if by_date else ()))
    look = partial(
        find_narrowed, visible=visible, narrowing=filters.narrowing, is_narrowed=bool(filters)
    )
    found, shelves = look(compiled, by_date=by_date)
    page: Page[int] = numbered_page(request, found.broadcasts, RESULTS_A_PAGE)
    most = finding.MOMENTS_OF_ONE if only else finding.MOMENTS_SHOWN
    # Of what was narrowed, little is what was asked for.
    enough = 1 if only or filters else FEW
    return {
        "found": found,
        "page": page,
        "only": only,
        "results": results_of(compiled, numbers=list(page), most_moments=most),
        "instead": _instead(question, found, look) if len(found.broadcasts) < enough else "",
        "filters": filters,
        "chosen": [_here(choice, ours) for choice in filters.chosen],
        "cleared": _address(ours, ()),
        "asked": (*ours, *filters.pairs),
        "orders": _orders(question, filters.pairs, by_date=by_date),
        "drawers": [
            replace(drawer, choices=[_here(choice, ours) for choice in drawer.choices])
            for drawer in ([] if only else drawers(filters, shelves))
        ],
    }


def _here(choice: Choice, ours: Pairs) -> Choice:
    """A choice of the list of episodes, as one of this search."""
    narrowed = parse_qsl(urlsplit(choice.address).query)
    return replace(choice, address=_address(ours, narrowed))


def _orders(question: Question, narrowed: Pairs, *, by_date: bool) -> list[Choice]:
    asked = ("q", question.text)
    return [
        Choice(
            label="pertinence",
            address=_address((asked,), narrowed),
            is_chosen=not by_date,
            name="tri-pertinence",
        ),
        Choice(
            label="date",
            address=_address((asked, ("tri", BY_DATE)), narrowed),
            is_chosen=by_date,
            name=f"tri-{BY_DATE}",
        ),
    ]


def _address(ours: Pairs, narrowed: Iterable[tuple[str, str]]) -> str:
    return f"{reverse('broadcasts:search')}?{urlencode((*ours, *narrowed))}"


def _instead(
    question: Question, found: Findings, look: Callable[[Compiled], tuple[Findings, Found]]
) -> str:
    """Another spelling that finds more where one looks; "" where there is none."""
    other = mend(question)
    compiled = compile_question(read_question(other)) if other else None
    if compiled is None or compiled.is_empty:
        return ""
    better, _ = look(compiled)
    return other if len(better.broadcasts) > len(found.broadcasts) else ""


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """`/recherche/suggestions?q=`: pages to go to, for the search field's list (`propose.js`)."""
    context = {"suggestions": suggest(request.GET.get("q", ""))}
    return render(request, "broadcasts/suggestions.html", context)
