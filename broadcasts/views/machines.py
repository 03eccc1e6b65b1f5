"""What programs ask a site about itself, and about an episode."""

import datetime as dt

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from auposte.outside import absolute
from auposte.pages.policy import kept
from broadcasts.feeds.podcast import write_podcast
from broadcasts.services.listening import podcast_episodes, sound_chapters
from broadcasts.views.access import GoneError, gone, readable_broadcast

ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /don/
Disallow: /fragments/
"""
SECURITY_DAYS = 180


@kept()
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt` (RFC 9309); programs that ROBOTS_REFUSED names are asked to stay away."""
    refused = "".join(f"User-agent: {name}\n" for name in settings.ROBOTS_REFUSED)
    groups = [ROBOTS, f"{refused}Disallow: /\n"] if refused else [ROBOTS]
    text = "\n".join([*groups, f"Sitemap: {absolute('/sitemap.xml')}\n"])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@kept()
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """`/.well-known/security.txt` (RFC 9116): where to tell of a hole in the site."""
    ends = timezone.now().astimezone(dt.UTC).date() + dt.timedelta(days=SECURITY_DAYS)
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS),
        f"Expires: {ends.isoformat()}T00:00:00Z",
        "Preferred-Languages: fr, en",
        f"Canonical: {absolute('/.well-known/security.txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@kept()
@require_safe
def podcast(request: HttpRequest) -> HttpResponse:
    """`/podcast.xml`: all that can be listened to."""
    content_type = "application/rss+xml; charset=utf-8"
    return HttpResponse(write_podcast(podcast_episodes()), content_type=content_type)


@kept()
@require_safe
def chapters(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/chapitres.json`: the sound's chapters; 404 where it has none.

    https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/chapters/jsonChapters.md
    """
    try:
        broadcast = readable_broadcast(slug)
    except GoneError:
        return gone(request)
    rows = sound_chapters(broadcast)
    if not rows:
        raise Http404("Aucun chapitre à cette adresse.")
    facts = {
        "version": "1.2.0",
        "title": broadcast.title,
        "podcastName": "Au Poste",
        "chapters": [{"startTime": seconds, "title": title} for seconds, title in rows],
    }
    return JsonResponse(facts, content_type="application/json+chapters")
