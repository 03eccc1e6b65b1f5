"""Videos that resemble a broadcast's: an editor says which is whose."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin
from auposte.templatetags.french import duration
from broadcasts.models import VideoProposal, VideoSource
from broadcasts.services.videos.filing import AlreadyFiledError
from broadcasts.services.videos.proposals import (
    AlreadyDecidedError,
    attach_proposal,
    draft_proposal,
    ignore_proposal,
)

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

WAIT, ATTACH, DRAFT, IGNORE = "wait", "attach", "draft", "ignore"


class VideoProposalForm(ModelForm):
    decision = forms.ChoiceField(
        label="Décision",
        widget=forms.RadioSelect,
        initial=WAIT,
        choices=[
            (WAIT, "Décider plus tard"),
            (ATTACH, "Rattacher à l’émission proposée"),
            (DRAFT, "En faire un brouillon à part"),
            (IGNORE, "Écarter : ne plus la proposer"),
        ],
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == ATTACH and not cleaned.get("candidate"):
            self.add_error("candidate", "Choisissez l’émission à laquelle la rattacher.")
        return cleaned


@admin.register(VideoProposal)
class VideoProposalAdmin(ModelAdmin):
    form = VideoProposalForm
    list_display = ("title", "platform", "published_at", "length", "candidate", "state")
    list_filter = ("state", "platform")
    list_select_related = ("candidate",)
    search_fields = ("title", "external_id", "candidate__title")
    autocomplete_fields = ("candidate",)
    actions = ("attach", "draft", "ignore")
    readonly_fields = (
        "title", "video", "published_at", "length", "description", "state", "decided_at",
        "decided_by",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("title", "video", "published_at", "length", "description")}),
        ("À qui est-elle ?", {"fields": ("candidate", "decision")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: VideoProposal | None = None) -> Any:
        if obj is not None and self.has_change_permission(request, obj):
            return self.fieldsets
        facts = ("candidate", "state", "decided_at", "decided_by")
        return (self.fieldsets[0], ("Décision", {"fields": facts}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: VideoProposal | None = None) -> bool:
        """What has been decided stays to be read."""
        decided = obj is not None and obj.state != VideoProposal.State.WAITING
        return not decided and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        decision = form.cleaned_data.get("decision", WAIT)
        if decision == WAIT:
            VideoProposal.objects.filter(pk=obj.pk).update(candidate=obj.candidate)
            return
        self._decide(request, obj, decision)

    def _decide(self, request: HttpRequest, proposal: VideoProposal, decision: str) -> bool:
        user_id = request.user.pk
        try:
            if decision == ATTACH:
                assert proposal.candidate is not None  # noqa: S101  # the form has checked
                attach_proposal(proposal=proposal, broadcast=proposal.candidate, user_id=user_id)
            elif decision == DRAFT:
                draft_proposal(proposal=proposal, user_id=user_id)
            else:
                ignore_proposal(proposal=proposal, user_id=user_id)
        except AlreadyDecidedError:
            messages.warning(request, f"« {proposal} » : quelqu’un vient d’en décider.")
            return False
        except AlreadyFiledError:
            messages.warning(request, f"« {proposal} » : cette vidéo a déjà son émission.")
            return False
        return True

    def _decide_all(
        self, request: HttpRequest, proposals: "QuerySet[VideoProposal]", decision: str
    ) -> None:
        done = 0
        for proposal in proposals.select_related("candidate"):
            if decision == ATTACH and proposal.candidate is None:
                messages.warning(request, f"« {proposal} » : aucune émission n’est proposée.")
                continue
            done += self._decide(request, proposal, decision)
        if done:
            one = "Une vidéo est classée." if done == 1 else f"{done} vidéos sont classées."
            messages.success(request, one)

    @admin.action(description="Rattacher à l’émission proposée", permissions=["change"])
    def attach(self, request: HttpRequest, queryset: "QuerySet[VideoProposal]") -> None:
        self._decide_all(request, queryset, ATTACH)

    @admin.action(description="En faire des brouillons", permissions=["change"])
    def draft(self, request: HttpRequest, queryset: "QuerySet[VideoProposal]") -> None:
        self._decide_all(request, queryset, DRAFT)

    @admin.action(description="Écarter", permissions=["change"])
    def ignore(self, request: HttpRequest, queryset: "QuerySet[VideoProposal]") -> None:
        self._decide_all(request, queryset, IGNORE)

    @admin.display(description="durée", ordering="duration_seconds")
    def length(self, proposal: VideoProposal) -> str:
        return duration(proposal.duration_seconds)

    @admin.display(description="vidéo")
    def video(self, proposal: VideoProposal) -> SafeString:
        source = VideoSource(platform=proposal.platform, external_id=proposal.external_id)
        return format_html(
            '<a href="{}" rel="noopener">Voir chez {}</a>',
            source.watch_url, proposal.get_platform_display(),
        )  # fmt: skip
