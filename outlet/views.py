"""The outlet's own pages, the newsletter's door, and the form for writing to the newsroom."""

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from auposte.http import client_address, public_form
from auposte.pages.policy import kept
from auposte.queue import enqueue
from auposte.throttle import too_many
from outlet import tasks
from outlet.forms import ContactForm, SubscribeForm
from outlet.models import CONTACT, Page
from outlet.services import contact as messages
from outlet.services import newsletter, pages

HOUR = 3600
LETTERS_BY_IP, MESSAGES_BY_IP, MESSAGES_IN_ALL = 20, 10, 200
# More than ever subscribe in an evening; fewer than would make the outlet a sender of spam.
LETTERS_IN_ALL = 2_000
TOO_MANY = "Trop d’envois en peu de temps. Attendez une heure et recommencez."


@kept()
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A text of the outlet's own. 404 before it is published, 410 once taken away."""
    found = pages.find(slug)
    if found is None or found.status == Page.Status.DRAFT:
        raise Http404("Aucune page à cette adresse.")
    if found.get_absolute_url() != request.path:
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    if found.status == Page.Status.ARCHIVED:
        return render(request, "outlet/gone.html", status=410)
    return render(request, "outlet/page.html", {"page": found})


# --- The newsletter ------------------------------------------------------------------------------


@public_form
def subscribe(request: HttpRequest) -> HttpResponse:
    """`/lettre`: an address is typed, a letter leaves. The same answer whoever's it is."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "outlet/subscribe.html", {"form": form})
    if not form.is_valid():
        return render(request, "outlet/subscribe.html", {"form": form}, status=422)
    address = client_address(request)
    if too_many(scope="lettre-ip", key=address, limit=LETTERS_BY_IP, seconds=HOUR) or too_many(
        scope="lettre", key="", limit=LETTERS_IN_ALL, seconds=HOUR
    ):
        context = {"form": form, "trouble": TOO_MANY}
        return render(request, "outlet/subscribe.html", context, status=429)
    letter_id = newsletter.ask(form.cleaned_data["email"])
    if letter_id is not None:
        enqueue(tasks.send_letter, letter_id)
    return render(request, "outlet/asked.html", {"days": newsletter.UNCONFIRMED_KEPT.days})


@public_form
def subscription(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """`/lettre/<key>`: a button. Mail scanners open links; only the button confirms."""
    if request.method == "POST":
        newsletter.confirm(key)
    subscriber = newsletter.find(key)
    # Not 404: those are looked up among old addresses, and a key is none.
    status = 200 if subscriber else 410
    context = {"subscriber": subscriber}
    return render(request, "outlet/subscription.html", context, status=status)


# Mail readers post here by themselves, from wherever they are: the key is all that they show.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """`/lettre/<key>/quitter`: GET shows a button, POST forgets at once (RFC 8058)."""
    if request.method == "POST":
        newsletter.leave(key)
    context = {"subscriber": newsletter.find(key)}
    return render(request, "outlet/leave.html", context)


# --- Contact -------------------------------------------------------------------------------------


@public_form
def contact(request: HttpRequest) -> HttpResponse:
    """`/contact`: what the newsroom says about being written to, and a form."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _contact_page(request, form)
    if not form.is_valid():
        return _contact_page(request, form, status=422)
    address = client_address(request)
    if too_many(scope="contact-ip", key=address, limit=MESSAGES_BY_IP, seconds=HOUR) or too_many(
        scope="contact", key="", limit=MESSAGES_IN_ALL, seconds=HOUR
    ):
        return _contact_page(request, form, trouble=TOO_MANY, status=429)
    letter_id = messages.take(
        name=form.cleaned_data["name"],
        email=form.cleaned_data["email"],
        text=form.cleaned_data["text"],
    )
    enqueue(tasks.send_letter, letter_id)
    return render(request, "outlet/sent.html")


def _contact_page(
    request: HttpRequest, form: ContactForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    told = pages.find(CONTACT)
    context = {
        "form": form,
        "page": told if told is not None and told.is_public else None,
        "contact": settings.CONTACT_EMAIL,
        "trouble": trouble,
    }
    return render(request, "outlet/contact.html", context, status=status)
