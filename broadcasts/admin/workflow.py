"""Draft, programmed, public, taken away: the buttons of the form, and who pressed them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auposte.money import NBSP
from auposte.staff import name_of
from auposte.templatetags.french import french_moment
from broadcasts.admin.conflicts import GuardedForm, RefusesStaleForms
from broadcasts.models import Broadcast, PublicationStep
from broadcasts.services import publishing
from broadcasts.services.publishing import PublicationError, refusal, state_of

Action = PublicationStep.Action

STEPS: dict[str, Action] = {
    "_publish": Action.PUBLISHED,
    "_programme": Action.PROGRAMMED,
    "_draft": Action.DRAFTED,
    "_put_back": Action.PUT_BACK,
}
STATES = {
    "draft": "Brouillon",
    "programmed": "Programmée",
    "public": "En ligne",
    "archived": "Retirée",
}
STEPS_SHOWN = 8
HELP = (
    f"Heure de Paris. À venir, elle sert à programmer{NBSP}; passée, « Publier maintenant » la "
    f"garde{NBSP}; vide, il met l’heure qu’il est."
)


class WorkflowForm(GuardedForm):
    """The text's form: its buttons move it along, and the date never does so by surprise."""

    step: Action | None = None
    step_at: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "published_at" in self.fields:
            self.fields["published_at"].label = "Date de publication"
            self.fields["published_at"].help_text = HELP

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "published_at" not in cleaned or self.conflict:
            return cleaned
        self.step = next((step for name, step in STEPS.items() if name in self.data), None)
        self.step_at = cleaned["published_at"]
        if self.step is not None:
            self._check_step(self.step)
        elif state_of(self.instance) != "draft":
            self._check_date()
        if self.step is not None:
            # The service writes it, with who and when.
            cleaned["published_at"] = self.instance.published_at
        return cleaned

    def _check_step(self, step: Action) -> None:
        why_not = refusal(self.instance, step)
        if why_not:
            raise forms.ValidationError(why_not)
        if step != Action.PROGRAMMED:
            return
        if self.step_at is None:
            self.add_error("published_at", "Pour programmer, écrivez le jour et l’heure.")
        elif self.step_at <= timezone.now():
            self.add_error(
                "published_at",
                f"Cette date est passée{NBSP}: écrivez-en une à venir, ou publiez maintenant.",
            )

    def _check_date(self) -> None:
        """What readers see, or will, keeps a date; another date for a programmed text is a step."""
        if self.step_at is None:
            self.add_error(
                "published_at", f"Sans date, remettez-la en brouillon{NBSP}: le bouton est en bas."
            )
        elif self.step_at == self.instance.published_at:
            return
        elif state_of(self.instance) == "programmed":
            self.step = Action.PROGRAMMED
            self._check_step(self.step)
        elif self.step_at > timezone.now():
            self.add_error(
                "published_at",
                "Cette date à venir la retirerait du site. Pour cela, remettez-la d’abord en "
                "brouillon, puis programmez-la.",
            )


class WorkflowAdmin(RefusesStaleForms):
    """Moves a broadcast through its life; « Retirer » has a page of its own, which always works."""

    def get_urls(self) -> list[URLPattern]:
        take_away = self.admin_site.admin_view(self.take_away_view)
        return [
            path("<int:pk>/retirer/", take_away, name="broadcasts_broadcast_take_away"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context |= {"state": stored_state(obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.step is None:
            return
        asked: dict[str, Any] = {"broadcast": form.instance, "user": request.user}
        match form.step:
            case Action.PUBLISHED:
                publishing.publish(**asked, at=form.step_at)
            case Action.PROGRAMMED:
                publishing.programme(**asked, at=form.step_at)
            case Action.DRAFTED:
                publishing.back_to_draft(**asked)
            case Action.PUT_BACK:
                publishing.put_back(**asked)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._after_step(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._after_step(request, obj) or super().response_change(request, obj)

    def _after_step(self, request: HttpRequest, broadcast: Broadcast) -> HttpResponse | None:
        """Back to the form, which says where the text is now."""
        if not STEPS.keys() & request.POST.keys():
            return None
        messages.success(request, _told(broadcast))
        return redirect("admin:broadcasts_broadcast_change", broadcast.pk)

    def take_away_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for a reason, and needs none; nothing else of the form can stand in its way."""
        broadcast = self.get_object(request, str(pk))
        if broadcast is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined,no-any-return]
                request, self.opts, str(pk)
            )
        if not self.has_change_permission(request, broadcast):
            raise PermissionDenied
        back = redirect("admin:broadcasts_broadcast_change", broadcast.pk)
        if request.method == "POST":
            reason = request.POST.get("reason", "").replace("\x00", "").strip()
            try:
                publishing.take_away(broadcast=broadcast, user=request.user, reason=reason)  # type: ignore[arg-type]  # staff
            except PublicationError as error:
                messages.error(request, str(error))
                return back
            self.log_change(request, broadcast, "Retirée du site.")
            messages.success(request, _told(broadcast))
            return back
        context = {
            **self.admin_site.each_context(request),
            "title": "Retirer cette émission",
            "opts": self.opts,
            "original": broadcast,
            "refusal": refusal(broadcast, Action.TAKEN_AWAY),
        }
        return TemplateResponse(request, "admin/broadcasts/broadcast/take_away.html", context)

    @admin.display(description="publication")
    def publication(self, broadcast: Broadcast) -> str | SafeString:
        """The state, and the last steps that led to it."""
        state = STATES[stored_state(broadcast)]
        if broadcast._state.adding:
            return state
        steps = list(broadcast.steps.select_related("user")[: STEPS_SHOWN + 1])
        lines = format_html_join(
            "", "<li>{}</li>", [(step_in_words(s),) for s in steps[:STEPS_SHOWN]]
        )
        more = "…" if len(steps) > STEPS_SHOWN else ""
        return format_html('<strong>{}</strong><ul class="steps">{}</ul>{}', state, lines, more)


def stored_state(broadcast: Broadcast | None) -> str:
    """Where it stands in the database, whatever a form that is refused has put into the object."""
    if broadcast is None or broadcast._state.adding:
        return "draft"
    return state_of(Broadcast.objects.only("status", "published_at").get(pk=broadcast.pk))


def step_in_words(step: PublicationStep) -> str:
    """« Programmée par Camille le 24 novembre à 9 h 05, pour le 26 novembre à 19 h 00 »."""
    words = f"{step.get_action_display()} par {name_of(step.user)} le {french_moment(step.at)}"
    if step.action == Action.PROGRAMMED and step.published_at:
        words += f", pour le {french_moment(step.published_at)}"
    return f"{words} ({step.reason})" if step.reason else words


def _told(broadcast: Broadcast) -> SafeString | str:
    match state_of(broadcast):
        case "public":
            moment = french_moment(broadcast.published_at)  # type: ignore[arg-type]  # public: it has one
            return format_html(
                'En ligne, datée du {}{}: <a href="{}">voir la page</a>.',
                moment, NBSP, broadcast.get_absolute_url(),
            )  # fmt: skip
        case "programmed":
            moment = french_moment(broadcast.published_at)  # type: ignore[arg-type]  # it has one
            return f"Programmée{NBSP}: elle sera en ligne le {moment}, heure de Paris."
        case "archived":
            return f"Retirée{NBSP}: sa page répond qu’elle l’a été, aucune liste ne la montre plus."
        case _:
            return f"Brouillon{NBSP}: personne ne la voit sur le site."
