"""`?page=`, whatever somebody writes there."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from auposte.pages.policy import leave_unkept

DIGITS_AT_MOST = 9


def asked_number(request: HttpRequest) -> int:
    """The number in `?page=`; 1 when it is none from 1."""
    asked = request.GET.get("page", "")
    return max(int(asked), 1) if _is_number(asked) else 1


def numbered_page(
    request: HttpRequest, rows: "QuerySet[Any] | Sequence[Any]", size: int
) -> "Page[Any]":
    """The page that `?page=` asks for: the first when it is no number from 1, 404 past the end."""
    asked = request.GET.get("page", "")
    paginator = Paginator(rows, size)
    # No end to such addresses: only those of pages that hold something are kept.
    if not paginator.count or (asked and not (_is_number(asked) and asked == str(int(asked)))):
        leave_unkept(request)
    try:
        return paginator.page(asked_number(request))
    except EmptyPage:
        many = paginator.num_pages
        has = f"n’a que {many} pages" if many > 1 else "n’a qu’une page"
        raise Http404(f"La liste {has}.") from None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST
