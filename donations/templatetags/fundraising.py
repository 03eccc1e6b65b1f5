"""How pages of other apps show the fundraising without knowing the donations."""

import functools
from urllib.parse import urlencode

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from broadcasts.models import Broadcast
from donations.progress import Fundraising
from donations.services import accounts, attribution, campaigns

register = template.Library()


@register.simple_tag
def fundraising_till(broadcast: Broadcast | None = None, opened: bool = False) -> str:
    """The month's fundraising: one line that opens onto the budget lines, or is `opened` already.

    On the page of a broadcast, the special collection that it shows stands there while it runs.
    """
    return _till(_shown_on(broadcast), opened)


@functools.lru_cache(maxsize=64)
def _till(fundraising: Fundraising, opened: bool) -> SafeString:
    """Every page has it, and it moves with the money alone."""
    context = {"fundraising": fundraising, "opened": opened}
    return render_to_string("donations/till.html", context)


@register.simple_tag
def gift_link(broadcast: Broadcast | None = None) -> str:
    """The address for giving, which remembers the episode, and the collection that it shows."""
    address = _give_address()
    if broadcast is None:
        return address
    asked = {"emission": broadcast.slug}
    collection = _shown_on(broadcast).collection_id
    if collection is not None:
        asked["collecte"] = str(collection)
    return f"{address}?{urlencode(asked)}"


@functools.cache
def _give_address() -> str:
    return reverse("donations:give")


def _shown_on(broadcast: Broadcast | None) -> Fundraising:
    """The till and each link of a page ask for the same: it is read once for a broadcast."""
    if broadcast is None:
        return campaigns.shown_fundraising()
    shown: Fundraising | None = getattr(broadcast, "_fundraising", None)
    if shown is None:
        shown = campaigns.shown_fundraising(broadcast=broadcast)
        broadcast._fundraising = shown  # type: ignore[attr-defined]  # ours, for this page alone
    return shown


@register.simple_tag
def gifts_of(broadcast: Broadcast) -> int:
    """How many gifts the page of this broadcast may say that it brought; 0 when too few people.

    Without a query, for a broadcast that was read for its page.
    """
    return getattr(broadcast, attribution.TOLD, None) or 0


@register.simple_tag
def account_addresses() -> list[str]:
    """The addresses of all published accounts but the first page, for the sitemap."""
    return [accounts.address_of(campaign) for campaign in accounts.published_campaigns()]
