"""Quotes: choosing the lines, the page of a quote, its picture."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.http import client_address, public_form
from auposte.pages.policy import kept
from auposte.throttle import too_many
from broadcasts.forms import QuoteForm
from broadcasts.models import Broadcast, Quote
from broadcasts.quote_cards import draw_quote
from broadcasts.services.quoting import QuoteError, keep_quote
from broadcasts.views.access import GoneError, gone
from broadcasts.views.transcripts import readable_words

QUOTES_AT_ONCE, WINDOW_SECONDS = 20, 600
TOO_MANY = "Vous avez déjà fait beaucoup de citations : attendez quelques minutes."


@public_form
def choose_quote(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/citer?de=&a=`: the lines between two positions, to be made a quote.

    Words come from our own transcript, never from what is sent. 404 unless it is reviewed.
    """
    try:
        words = readable_words(slug)
    except GoneError:
        return gone(request)
    if not words.transcript.is_reviewed:
        raise Http404("Cette transcription n’est pas relue.")
    status = 200
    if request.method == "POST":
        form = QuoteForm(request.POST, words=words)
        if form.is_valid():
            visitor = client_address(request)
            if too_many(scope="quotes", key=visitor, limit=QUOTES_AT_ONCE, seconds=WINDOW_SECONDS):
                form.add_error(None, TOO_MANY)
                status = 429
            else:
                try:
                    quote = keep_quote(words=words, lines=form.cleaned_data["lines"])
                    return HttpResponseRedirect(quote.get_absolute_url())
                except QuoteError as error:
                    form.add_error(None, str(error))
        status = status if status == 429 else 422
    else:
        form = QuoteForm.between(words, first=request.GET.get("de"), last=request.GET.get("a"))
    context = {"form": form, "broadcast": words.broadcast}
    return render(request, "broadcasts/quote_form.html", context, status=status)


def readable_quote(number: int) -> Quote:
    """GoneError when it, or its broadcast, was taken away; Http404 when it is not public."""
    quote = Quote.objects.select_related("broadcast__series").filter(pk=number).first()
    if quote is not None and (
        quote.hidden_at or quote.broadcast.status == Broadcast.Status.ARCHIVED
    ):
        raise GoneError
    if quote is None or not quote.broadcast.is_public:
        raise Http404("Aucune citation à cette adresse.")
    return quote


@kept()
@require_safe
def quote(request: HttpRequest, number: int) -> HttpResponse:
    """`/citations/<number>`: the words, who says them, and where."""
    try:
        found = readable_quote(number)
    except GoneError:
        return gone(request)
    context = {"quote": found, "broadcast": found.broadcast}
    return render(request, "broadcasts/quote.html", context)


@kept()
@require_safe
def quote_picture(request: HttpRequest, number: int) -> HttpResponse:
    """`/citations/<number>.png`: the quote as a picture of 1200 × 630, for when it is shared."""
    try:
        found = readable_quote(number)
    except GoneError:
        return gone(request)
    picture = draw_quote(found)
    return HttpResponse(
        picture, content_type="image/png", headers={"X-Content-Type-Options": "nosniff"}
    )
