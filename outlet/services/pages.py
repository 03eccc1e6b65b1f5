"""The outlet's own pages."""

from auposte.pages import removal
from outlet.models import Page


def find(slug: str) -> Page | None:
    """The page at this address, whatever its state."""
    return Page.objects.filter(slug=slug).first()


def is_on_site(pk: int) -> bool:
    """Whether readers can see it now."""
    return Page.objects.filter(pk=pk, status=Page.Status.PUBLISHED).exists()


def hide_from_readers(page: Page) -> None:
    """Within the transaction that takes it off the site: no stored page shows or links to it."""
    removal.take_away(page.get_absolute_url())
