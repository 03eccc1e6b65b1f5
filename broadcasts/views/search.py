"""Searching the archive. What somebody searches for is kept nowhere: no page is stored."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from broadcasts.drawers import drawers
from broadcasts.filters import Choice, read_filters
from broadcasts.models import Broadcast
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


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/recherche?q=&emission=&page=`: broadcasts and the moments when it was said.

    `emission` (a slug) shows one broadcast's passages; the list's own parameters narrow. Without
    `q`, a page that explains.
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
    found, shelves = find_narrowed(
        compiled, visible=visible, narrowing=filters.narrowing, is_narrowed=bool(filters)
    )
    page: Page[int] = numbered_page(request, found.broadcasts, RESULTS_A_PAGE)
    most = finding.MOMENTS_OF_ONE if only else finding.MOMENTS_SHOWN
    return {
        "found": found,
        "page": page,
        "only": only,
        "results": results_of(compiled, numbers=list(page), most_moments=most),
        "instead": "" if only or filters else _instead(question, found),
        "filters": filters,
        "chosen": [_here(choice, question) for choice in filters.chosen],
        "cleared": _here_address(filters.cleared, question),
        "drawers": [
            replace(drawer, choices=[_here(choice, question) for choice in drawer.choices])
            for drawer in ([] if only else drawers(filters, shelves))
        ],
    }


def _here(choice: Choice, question: Question) -> Choice:
    """A choice of the list of episodes, as one of this search."""
    return replace(choice, address=_here_address(choice.address, question))


def _here_address(address: str, question: Question) -> str:
    others = parse_qsl(urlsplit(address).query)
    return f"{reverse('broadcasts:search')}?{urlencode([('q', question.text), *others])}"


def _instead(question: Question, found: Findings) -> str:
    """Another spelling that finds something public; "" where there is none, or no need."""
    if len(found.broadcasts) >= FEW:
        return ""
    other = mend(question)
    if not other:
        return ""
    compiled: Compiled = compile_question(read_question(other))
    better = not compiled.is_empty and finding.find(compiled, visible=Broadcast.objects.public())
    return other if better and len(better.broadcasts) > len(found.broadcasts) else ""


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """`/recherche/suggestions?q=`: pages to go to, for the search field's list (`propose.js`)."""
    context = {"suggestions": suggest(request.GET.get("q", ""))}
    return render(request, "broadcasts/suggestions.html", context)
