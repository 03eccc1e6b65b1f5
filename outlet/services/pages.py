"""The outlet's own pages."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery

from auposte.alongside import Alongside
from auposte.pages import removal
from auposte.written_once import WrittenOnce
from outlet.models import Page

# Where an episode, which is read with them, has the pages of the foot.
IN_FOOT = "foot_rows"
_rows = Alongside(Page, only=("slug", "title"))
_read = WrittenOnce(lambda: Page.objects.in_foot().only("slug", "title"))


def in_foot() -> ArraySubquery:
    """The pages that every page's foot links to, for a query that reads something else anyway."""
    return _rows.read_by(Page.objects.in_foot())


def pages_in_foot(broadcast: Any) -> Sequence[Page]:
    """The same as rows: of the broadcast that the page is about, else in a query of their own."""
    rows = getattr(broadcast, IN_FOOT, None)
    return _read() if rows is None else _rows.instances(rows)


def find(slug: str) -> Page | None:
    """The page at this address, whatever its state."""
    return Page.objects.filter(slug=slug).first()


def is_on_site(pk: int) -> bool:
    """Whether readers can see it now."""
    return Page.objects.filter(pk=pk, status=Page.Status.PUBLISHED).exists()


def hide_from_readers(page: Page) -> None:
    """Within the transaction that takes it off the site: no stored page shows or links to it."""
    removal.take_away(page.get_absolute_url())
