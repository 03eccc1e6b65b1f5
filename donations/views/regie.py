"""`/admin/regie`: what goes on air, from a telephone, while the show runs."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from auposte.staff_desks import open_desk
from donations.models import Gift
from donations.regie_forms import FIELDS, DecisionForm, DoneForm
from donations.services import moderation, on_air
from donations.services.moderation import Decision

TEMPLATE = "admin/regie.html"
OVERTAKEN = "Ces mots ont changé entre-temps : relisez-les."


@require_http_methods(["GET", "HEAD", "POST"])
def regie(request: HttpRequest) -> HttpResponse:
    """The staff's page for those who may change a gift's words."""
    return open_desk(request, _regie)


def _regie(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("donations.change_gift"):
        raise PermissionDenied
    if request.method == "POST":
        return _act(request)
    done = DoneForm(request.GET)
    return _page(request, done=_last(done) if done.is_valid() else None)


def _act(request: HttpRequest) -> HttpResponse:
    if "hide" in request.POST:
        on_air.hide(hidden=request.POST["hide"] == "1")
        return _after(request, done=None)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _after(request, done=None, trouble=OVERTAKEN)
    data = form.cleaned_data
    done = moderation.decide(
        gift_id=data["gift"], field=data["field"], state=data["state"], digest=data["digest"]
    )
    if done is None:
        return _after(request, done=None, trouble=OVERTAKEN)
    LogEntry.objects.log_actions(
        request.user.pk or 0,
        Gift.objects.filter(pk=done.gift_id),
        CHANGE,
        f"{_named(done)} à l’antenne : {done.words.state.label.lower()}.",
        single_object=True,
    )
    return _after(request, done=done)


def _after(request: HttpRequest, *, done: Decision | None, trouble: str = "") -> HttpResponse:
    """For htmx the page's part as it is now; for a plain form the page itself, by its address."""
    if request.headers.get("HX-Request") or trouble:
        return _page(request, done=done, trouble=trouble)
    query = ""
    if done is not None:
        facts = {"fait": str(done.gift_id), "mot": done.words.field, "avant": done.before.value}
        query = f"?{urlencode(facts)}"
    response = HttpResponseRedirect(f"{reverse('donations:regie')}{query}")
    response.status_code = 303
    return response


def _last(done: DoneForm) -> Decision | None:
    gift = Gift.objects.filter(pk=done.cleaned_data["fait"]).first()
    words = moderation.words_of(gift, done.cleaned_data["mot"]) if gift else None
    if gift is None or words is None or words.state == done.cleaned_data["avant"]:
        return None
    return Decision(gift_id=gift.pk, before=done.cleaned_data["avant"], words=words)


def _named(done: Decision) -> str:
    return dict(FIELDS)[done.words.field]


def _page(request: HttpRequest, *, done: Decision | None, trouble: str = "") -> HttpResponse:
    desk = moderation.moderation_desk()
    asks_again = "version" in request.GET
    if asks_again and request.GET["version"] == desk.version:
        # Nothing new: what is under somebody's thumb does not move.
        return HttpResponse(status=204)
    context: dict[str, Any] = {"desk": desk, "done": done, "trouble": trouble}
    if request.headers.get("HX-Request"):
        part = "desk" if asks_again else "regie"
        return render(request, f"{TEMPLATE}#{part}", context)
    path = reverse("donations:overlay")
    context |= {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": "La régie",
        "overlay_address": f"{settings.SITE_URL}{path}?cle={on_air.overlay_key()}",
    }
    return render(request, TEMPLATE, context)
