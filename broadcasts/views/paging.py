"""`?page=`, whatever somebody writes there."""

from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from auposte.pages.policy import leave_unkept

DIGITS_AT_MOST = 9


def numbered_page(request: HttpRequest, rows: "QuerySet[Any]", size: int) -> "Page[Any]":
    """The page that `?page=` asks for: the first when it is no number from 1, 404 past the end."""
    asked = request.GET.get("page", "")
    readable = asked.isascii() and asked.isdecimal() and len(asked) <= DIGITS_AT_MOST
    paginator = Paginator(rows, size)
    # No end to such addresses: only those of pages that hold something are kept.
    if not paginator.count or (asked and not (readable and asked == str(int(asked)))):
        leave_unkept(request)
    try:
        return paginator.page(max(int(asked), 1) if readable else 1)
    except EmptyPage:
        raise Http404(f"La liste n’a que {paginator.num_pages} pages.") from None
