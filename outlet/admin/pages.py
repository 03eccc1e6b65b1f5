"""The outlet's own pages: text, state, versions."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from auposte.slugs import french_slug
from broadcasts.admin.history import KeepsVersions
from outlet.models import Page
from outlet.services import pages

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Page]
else:
    ModelForm = forms.ModelForm


class PageForm(ModelForm):
    """An address is chosen once."""

    slug = forms.CharField(
        label="Adresse",
        max_length=80,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Un mot, comme « charte » : la page sera à /pages/charte. Elle ne change plus.",
        error_messages={"unique": "Cette adresse est déjà celle d’une autre page."},
    )

    def clean_slug(self) -> str:
        slug = french_slug(str(self.cleaned_data["slug"]), max_length=80)
        if not slug:
            raise ValidationError("Écrivez une adresse : ce mot n’en donne pas.")
        return slug


@admin.register(Page)
class PageAdmin(KeepsVersions):
    form = PageForm
    list_display = ("title", "slug", "status", "position", "updated_at", "on_site")
    list_filter = ("status",)
    search_fields = ("title", "slug")
    fields = ("title", "slug", "status", "position", "body")

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """A page is taken away by its state: its address then says so."""
        return False

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        was_public = change and pages.is_on_site(obj.pk)
        super().save_model(request, obj, form, change)
        if was_public and not obj.is_public:
            pages.hide_from_readers(obj)

    @admin.display(description="sur le site")
    def on_site(self, page: Page) -> SafeString | str:
        return self.site_link(page)
