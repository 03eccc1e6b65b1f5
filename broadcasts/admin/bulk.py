"""Actions on many broadcasts at once: each asks on a page of its own before it does anything."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from auposte.modeladmin import ModelAdmin
from broadcasts.models import Broadcast, Series, Tag
from broadcasts.services import sorting
from broadcasts.services.publishing import PublicationError, publish, take_away

MOST_AT_ONCE = 500
SHOWN = 30


class TagsForm(forms.Form):
    tags = forms.ModelMultipleChoiceField(
        Tag.objects.order_by("name"),
        label="Mots-clés",
        widget=forms.SelectMultiple(attrs={"size": 12}),
        help_text="Plusieurs avec Ctrl ou Maj.",
    )


class SeriesForm(forms.Form):
    series = forms.ModelChoiceField(
        Series.objects.order_by("position", "title"),
        label="Série",
        required=False,
        empty_label="(hors série)",
    )


class SeasonForm(forms.Form):
    season = forms.IntegerField(
        label="Saison", min_value=1, max_value=999, required=False, help_text="Vide : sans saison."
    )


class PublishForm(forms.Form):
    """Nothing to fill in: the page is there to look once more before readers do."""


class TakeAwayForm(forms.Form):
    reason = forms.CharField(
        label="Raison",
        required=False,
        max_length=300,
        help_text="Pour la rédaction seulement.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class ActsOnMany(ModelAdmin):
    """A list of broadcasts whose chosen rows can be sorted, published or taken away together."""

    @admin.action(description="Ajouter des mots-clés…", permissions=["change"])
    def add_tags(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self._ask(request, queryset, "add_tags", TagsForm, sorting.add_tags)

    @admin.action(description="Enlever des mots-clés…", permissions=["change"])
    def remove_tags(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self._ask(request, queryset, "remove_tags", TagsForm, sorting.remove_tags)

    @admin.action(description="Changer la série…", permissions=["change"])
    def set_series(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self._ask(request, queryset, "set_series", SeriesForm, sorting.set_series)

    @admin.action(description="Changer la saison…", permissions=["change"])
    def set_season(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self._ask(request, queryset, "set_season", SeasonForm, sorting.set_season)

    @admin.action(description="Publier maintenant…", permissions=["change"])
    def publish_all(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        return self._ask(
            request, queryset, "publish_all", PublishForm, self._each(request, publish)
        )

    @admin.action(description="Retirer du site…", permissions=["change"])
    def take_all_away(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        do = self._each(request, take_away)
        return self._ask(request, queryset, "take_all_away", TakeAwayForm, do)

    def _each(self, request: HttpRequest, step: Callable[..., object]) -> Callable[..., int]:
        """One by one: a text that cannot take the step says why, and the others take it."""

        def do(*, broadcast_ids: list[int], user: Any, **answers: Any) -> int:
            count = 0
            for broadcast in Broadcast.objects.filter(pk__in=broadcast_ids).order_by("pk"):
                try:
                    step(broadcast=broadcast, user=user, **answers)
                    count += 1
                except PublicationError as error:
                    messages.warning(request, f"« {broadcast} » : {error}")
            return count

        return do

    def _ask(
        self,
        request: HttpRequest,
        queryset: "QuerySet[Broadcast]",
        action: str,
        form_class: type[forms.Form],
        do: Callable[..., int],
    ) -> HttpResponse | None:
        """The page that asks; once answered, the same action is posted again and done."""
        rows = list(queryset.order_by("-published_at", "-pk")[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            messages.warning(request, f"Au plus {MOST_AT_ONCE} émissions à la fois.")
            return None
        answered = "answered" in request.POST
        form = form_class(request.POST if answered else None)
        if answered and form.is_valid():
            count = do(
                broadcast_ids=[row.pk for row in rows], user=request.user, **form.cleaned_data
            )
            for row in rows:
                self.log_change(request, row, f"Action groupée : {self._title(action)}")
            messages.success(
                request,
                "Une émission est modifiée."
                if count == 1
                else f"{count} émissions sont modifiées.",
            )
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": self._title(action),
            "opts": self.opts,
            "action": action,
            "form": form,
            "rows": rows,
            "shown": rows[:SHOWN],
            "more": max(0, len(rows) - SHOWN),
        }
        return TemplateResponse(request, "admin/broadcasts/bulk.html", context)

    def _title(self, action: str) -> str:
        description: str = getattr(type(self), action).short_description
        return description.removesuffix("…")
