"""`/admin/direct`: the live from a telephone, while the show runs; and its marks, afterwards."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from auposte.money import NBSP
from auposte.staff_desks import open_desk
from broadcasts.live import AiringState
from broadcasts.live_forms import RELEASE, WORDS, DraftFormSet, MarkForm, OverrideForm
from broadcasts.models import Broadcast
from broadcasts.services import airing, marks
from broadcasts.services.live_desk import LiveDesk, live_desk

TEMPLATE = "admin/direct.html"
LARGEST_KEY = 2**31
NOT_ON_AIR = f"Rien n’est en direct{NBSP}: il n’y a pas de moment à marquer."
GONE = "Ce moment n’est plus à annuler."


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """For those who mark moments; the state is for those who may change it."""
    return open_desk(request, _desk)


def _desk(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("broadcasts.add_mark"):
        raise PermissionDenied
    if request.method == "POST":
        return _act(request)
    return _page(request)


def _key(typed: str | None) -> int | None:
    """A row's number as a form carries it; None for what is none."""
    if typed and typed.isascii() and typed.isdigit() and len(typed) < 11:
        return int(typed) if int(typed) < LARGEST_KEY else None
    return None


def _act(request: HttpRequest) -> HttpResponse:
    broadcast_id = _key(request.POST.get("emission"))
    chosen = live_desk(broadcast_id=broadcast_id).broadcast if broadcast_id else None
    if chosen is None:
        return _page(request, trouble=NOT_ON_AIR)
    user: Any = request.user
    if "say" in request.POST:
        return _say(request, chosen, user)
    if "undo" in request.POST:
        mark_id = _key(request.POST["undo"])
        done = bool(mark_id) and marks.undo_mark(mark_id=mark_id or 0, broadcast_id=chosen.pk)
        return _after(request, chosen, trouble="" if done else GONE)
    form = MarkForm(request.POST)
    label = form.cleaned_data["label"] if form.is_valid() else ""
    try:
        marks.mark_moment(broadcast_id=chosen.pk, user=user, label=label)
    except marks.NotOnAirError:
        return _after(request, chosen, trouble=NOT_ON_AIR)
    return _after(request, chosen)


def _say(request: HttpRequest, chosen: Broadcast, user: User) -> HttpResponse:
    if not user.has_perm("broadcasts.change_airing"):
        raise PermissionDenied
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _after(request, chosen, trouble=_first_error(form))
    said = form.cleaned_data["say"]
    if said == RELEASE:
        airing.release(broadcast_id=chosen.pk, user=user)
    else:
        airing.override(
            broadcast_id=chosen.pk,
            state=AiringState(said),
            user=user,
            reason=form.cleaned_data["reason"],
            lasts=form.lasts(),
        )
    return _after(request, chosen)


def _first_error(form: OverrideForm) -> str:
    return str(next(iter(form.errors.values()))[0])


def _after(request: HttpRequest, chosen: Broadcast, *, trouble: str = "") -> HttpResponse:
    """For htmx the page's part as it is now; for a plain form the page itself, by its address."""
    if request.headers.get("HX-Request") or trouble:
        return _page(request, broadcast_id=chosen.pk, trouble=trouble)
    query = urlencode({"emission": chosen.pk})
    response = HttpResponseRedirect(f"{reverse('broadcasts:live-desk')}?{query}")
    response.status_code = 303
    return response


def _page(
    request: HttpRequest, *, broadcast_id: int | None = None, trouble: str = ""
) -> HttpResponse:
    shown = live_desk(broadcast_id=broadcast_id or _key(request.GET.get("emission")))
    asks_again = "version" in request.GET
    if asks_again and request.GET["version"] == shown.version:
        # Nothing new: what is under somebody's thumb does not move.
        return HttpResponse(status=204)
    context = _context(request, shown) | {"trouble": trouble}
    if request.headers.get("HX-Request"):
        part = "desk" if asks_again else "direct"
        return render(request, f"{TEMPLATE}#{part}", context)
    context |= {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": "Le direct",
    }
    return render(request, TEMPLATE, context)


def _context(request: HttpRequest, shown: LiveDesk) -> dict[str, Any]:
    user: Any = request.user
    return {
        "desk": shown,
        "form": OverrideForm(),
        "mark_form": MarkForm(),
        "words": [(state.value, words) for state, words in WORDS.items()],
        "may_say": user.has_perm("broadcasts.change_airing"),
        "may_keep": user.has_perm("broadcasts.change_broadcast"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def chapters(request: HttpRequest, pk: int) -> HttpResponse:
    """« En faire des chapitres »: an editor keeps, drops or leaves each mark."""
    response: HttpResponse = admin.site.admin_view(never_cache(_chapters))(request, pk)
    return response


def _chapters(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    if not user.has_perm("broadcasts.change_broadcast"):
        raise PermissionDenied
    broadcast = Broadcast.objects.filter(pk=pk).first() if pk < LARGEST_KEY else None
    if broadcast is None:
        raise Http404("Aucune émission de ce numéro.")
    drafts = marks.draft_chapters(broadcast)
    initial = [
        {
            "mark": draft.mark.pk,
            "start": draft.start_seconds,
            "title": draft.mark.label,
            "fate": "keep" if draft.mark.label else "later",
        }
        for draft in drafts
    ]
    formset = DraftFormSet(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and formset.is_valid():
        kept = marks.decide_marks(
            broadcast=broadcast,
            decisions=[
                marks.Decision(
                    mark_id=data["mark"],
                    start_seconds=data["start"],
                    title=data["title"] if data["fate"] == "keep" else None,
                )
                for data in formset.cleaned_data
                if data and data["fate"] != "later"
            ],
            user=user,
        )
        messages.success(request, _told(kept))
        return HttpResponseRedirect(reverse("admin:broadcasts_broadcast_change", args=[pk]))
    context = {
        **admin.site.each_context(request),
        "title": "Les moments marqués",
        "broadcast": broadcast,
        "formset": formset,
        "drafts": drafts,
    }
    return render(request, "admin/broadcasts/marks.html", context)


def _told(kept: int) -> str:
    if kept == 0:
        return "Aucun chapitre ajouté."
    return "Un chapitre ajouté." if kept == 1 else f"{kept} chapitres ajoutés."
