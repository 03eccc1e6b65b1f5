"""What views say of their pages: whether they may be kept, and which parameters they read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
POLICY, UNKEPT = "pages_policy", "pages_unkept"


@dataclass(frozen=True)
class Policy:
    """Parameters that the view reads, and those with which an address is none of its pages."""

    parameters: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()


def kept(*parameters: str, never_with: tuple[str, ...] = ()) -> Callable[[View[P]], View[P]]:
    """Decorate a view whose pages are the same for everybody and hold no form.

    It sees no other parameters than these: addresses that differ in others are one page, whoever
    asked for it first.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.META.get("QUERY_STRING"):
                reduced = _reduced(request.GET, (*parameters, *never_with))
                request.GET = reduced  # type: ignore[assignment]  # as good as immutable
            return view(request, *args, **kwargs)

        setattr(wrapped, POLICY, Policy(parameters, never_with))
        return cast(View[P], wrapped)

    return decorate


def _reduced(asked: QueryDict, names: tuple[str, ...]) -> QueryDict:
    reduced = QueryDict(mutable=True)
    for name in names:
        if name in asked:
            reduced.setlist(name, asked.getlist(name))
    reduced._mutable = False
    return reduced


def leave_unkept(request: HttpRequest) -> None:
    """Have this page of a kept view rendered each time: there is no end to addresses like it."""
    setattr(request, UNKEPT, True)


def policy_of(path: str) -> Policy | None:
    """That of the view at this path; None where nothing is kept."""
    try:
        return getattr(resolve(path).func, POLICY, None)
    except Resolver404:
        return None


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for what it swaps in, and not for the page around it.

    Kept views ask this and read none of htmx's headers themselves: a part that they give for
    another reason would be kept as the page.
    """
    return (
        request.headers.get("hx-request") == "true"
        and request.headers.get("hx-boosted") != "true"
        and request.headers.get("hx-history-restore-request") != "true"
    )
