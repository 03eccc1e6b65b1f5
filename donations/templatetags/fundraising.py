"""How pages of other apps show the fundraising without knowing the donations."""

from typing import Any
from urllib.parse import quote

from django import template
from django.urls import reverse

from broadcasts.models import Broadcast
from donations.services import campaigns

register = template.Library()


@register.inclusion_tag("donations/till.html")
def fundraising_till() -> dict[str, Any]:
    """The month's fundraising: one line that opens onto the budget lines."""
    return {"fundraising": campaigns.shown_fundraising()}


@register.simple_tag
def gift_link(broadcast: Broadcast | None = None) -> str:
    """The address for giving, which remembers the episode."""
    address = reverse("donations:give")
    return f"{address}?emission={quote(broadcast.slug)}" if broadcast else address
