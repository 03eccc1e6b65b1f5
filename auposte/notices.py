"""What the newsroom should know when it opens the admin; each app adds its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest


@dataclass(frozen=True)
class Notice:
    """A sentence in French, and the page where something can be done about it."""

    text: str
    url: str
    level: Literal["info", "warning"] = "info"


NoticeSource = Callable[[HttpRequest], Notice | None]
_sources: list[NoticeSource] = []


def notice_source(source: NoticeSource) -> NoticeSource:
    """Decorate a function that has something to tell, or None, to the person of a request."""
    _sources.append(source)
    return source


def notices_for(request: HttpRequest) -> list[Notice]:
    """What there is to tell now, in the order of registration."""
    return [notice for notice in (source(request) for source in _sources) if notice]
