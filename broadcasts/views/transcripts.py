"""What was said: to read, to take along."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept, wants_part
from broadcasts.services.reading import transcript_of
from broadcasts.services.transcripts import Words, as_text, as_webvtt, read_words
from broadcasts.views.access import GoneError, gone, readable_broadcast


def readable_words(slug: str) -> Words:
    """The words of a public broadcast. GoneError when archived; Http404 also without any words."""
    broadcast = readable_broadcast(slug)
    found = transcript_of(broadcast)
    if found is None:
        raise Http404("Aucune transcription pour cette émission.")
    return read_words(broadcast=broadcast, transcript=found)


@kept()
@require_safe
def transcript(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/transcription`: the page, or for htmx the words alone.

    Moments are links to `/emissions/<slug>?t=<seconds>`. That address is one page, kept once:
    its script reads `t`, and without JavaScript one arrives at the beginning.
    """
    try:
        words = readable_words(slug)
    except GoneError:
        return gone(request)
    template = "_words.html" if wants_part(request) else "transcript.html"
    context = {"words": words, "broadcast": words.broadcast}
    return render(request, f"broadcasts/{template}", context)


@kept()
@require_safe
def webvtt(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/transcription.vtt`: subtitles."""
    try:
        words = readable_words(slug)
    except GoneError:
        return gone(request)
    return _file(as_webvtt(words), kind="text/vtt", name=f"{slug}.vtt")


@kept()
@require_safe
def plain_text(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/transcription.txt`: paragraphs with their times."""
    try:
        words = readable_words(slug)
    except GoneError:
        return gone(request)
    broadcast = words.broadcast
    text = as_text(
        words,
        address=f"{settings.SITE_URL}{broadcast.get_absolute_url()}",
        aired=timezone.localtime(broadcast.date).date() if broadcast.date else None,
    )
    return _file(text, kind="text/plain", name=f"{slug}.txt")


def _file(text: str, *, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type=f"{kind}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            # The page is what search engines should show.
            "X-Robots-Tag": "noindex",
        },
    )
