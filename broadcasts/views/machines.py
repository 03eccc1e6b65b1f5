"""What search engines and feed readers ask for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_safe

from auposte.pages.policy import kept
from broadcasts.feeds import feed_items, write_feed
from broadcasts.models import Broadcast
from broadcasts.services import browsing

ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /don/
Disallow: /fragments/

Sitemap: {site}/sitemap.xml
"""


@kept()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`."""
    return HttpResponse(ROBOTS.format(site=settings.SITE_URL), content_type="text/plain")


@kept()
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: every public page, with its last change (UTC)."""
    context = {
        "broadcasts": Broadcast.objects.public().newest_first().only("slug", "updated_at"),
        "all_series": browsing.public_series(),
        "seasons": browsing.public_seasons(),
        "tags": browsing.public_tags(),
        "guests": browsing.public_people(),
    }
    return render(request, "sitemap.xml", context, content_type="application/xml")


@kept()
@require_safe
@conditional_page
def feed(request: HttpRequest) -> HttpResponse:
    """`/flux/emissions.xml`: the newest broadcasts; 304 for whoever has this very feed."""
    content_type = "application/rss+xml; charset=utf-8"
    return HttpResponse(write_feed(feed_items()), content_type=content_type)
