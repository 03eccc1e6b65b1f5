"""Old addresses. The platform writes most of them; an editor adds the one that a letter quotes."""

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin, site_link
from broadcasts.models import Broadcast, Redirect, Series
from guests.models import Guest

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

LIVING = {"/emissions/": Broadcast, "/invites/": Guest, "/series/": Series}


class RedirectForm(ModelForm):
    def clean_path(self) -> str:
        """What a person pastes (`https://auposte.fr/mon-article/`), as we keep it."""
        typed = str(self.cleaned_data["path"]).strip()
        path = unquote(urlsplit(typed).path if "://" in typed else typed).rstrip("/")
        for prefix, model in LIVING.items():
            slug = path.removeprefix(prefix)
            if slug != path and model._default_manager.filter(slug=slug).exists():
                raise forms.ValidationError(
                    "Une page vit à cette adresse : elle ne peut pas mener ailleurs."
                )
        return path


class TargetFilter(admin.SimpleListFilter):
    title = "cible"
    parameter_name = "cible"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("broadcast", "Une émission"),
            ("guest", "Une personne"),
            ("series", "Une série"),
            ("path", "Une autre adresse"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Redirect]"
    ) -> "QuerySet[Redirect]":
        match self.value():
            case "broadcast" | "guest" | "series" as kind:
                return queryset.filter(**{f"{kind}__isnull": False})
            case "path":
                return queryset.filter(~Q(target_path=""))
        return queryset


@admin.register(Redirect)
class RedirectAdmin(ModelAdmin):
    form = RedirectForm
    list_display = ("path", "leads_to", "created_at", "on_site")
    list_filter = (TargetFilter, "created_at")
    list_select_related = ("broadcast", "guest", "series")
    search_fields = (
        "path", "target_path", "broadcast__title", "guest__last_name", "series__title",
    )  # fmt: skip
    autocomplete_fields = ("broadcast", "guest", "series")
    fieldsets = (
        (
            None,
            {
                "fields": ("path", "broadcast", "guest", "series", "target_path"),
                "description": "L’ancienne adresse mène à une émission, ou à une personne, "
                "ou à une série, ou à une autre adresse du site : une seule de ces cibles.",
            },
        ),
    )

    @admin.display(description="mène à")
    def leads_to(self, redirect: Redirect) -> str:
        return redirect.target

    @admin.display(description="sur le site")
    def on_site(self, redirect: Redirect) -> SafeString:
        return site_link(redirect.target)
