"""Slugs in forms: filled when left empty, written as the outlet does, never given away."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin, site_link
from auposte.slugs import french_slug
from broadcasts.services.addresses import change_slug, free_slug, retired_by

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class AddressForm(ModelForm):
    """A form of a page of the site; `name_fields` are what an empty slug is made of."""

    name_fields: tuple[str, ...] = ("title",)

    slug = forms.CharField(
        label="Adresse",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Vide, elle se fait toute seule. Si elle change, l’ancienne mène à la nouvelle.",
        error_messages={"unique": "Cette adresse est déjà celle d’une autre page."},
    )

    def clean_slug(self) -> str:
        typed = str(self.cleaned_data["slug"])
        # An address that came with an import may be written otherwise: it stays as it is.
        return typed if typed == self.initial.get("slug") else french_slug(typed)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        model: Any = self._meta.model
        if "slug" not in cleaned:
            return cleaned
        if not cleaned["slug"]:
            name = " ".join(str(cleaned.get(field, "")) for field in self.name_fields)
            cleaned["slug"] = free_slug(model=model, text=name, pk=self.instance.pk)
            if not cleaned["slug"] and name.strip():
                self.add_error("slug", "Écrivez une adresse : ce nom n’en donne pas.")
            return cleaned
        longest = model._meta.get_field("slug").max_length
        if len(cleaned["slug"]) > longest:
            self.add_error("slug", f"Une adresse a {longest} caractères au plus.")
        retired = retired_by(model=model, slug=cleaned["slug"], pk=self.instance.pk)
        if retired is not None:
            self.add_error(
                "slug",
                f"Cette adresse a déjà servi : elle mène toujours à {retired.target}. "
                "Choisissez-en une autre.",
            )
        return cleaned


class PageAdmin(ModelAdmin):
    """Something that readers find at an address of its own."""

    def get_view_on_site_url(self, obj: models.Model | None = None) -> str | None:
        """Straight to the page, and only where a reader would find it."""
        if obj is None or not getattr(obj, "is_public", True):
            return None
        path: str = obj.get_absolute_url()  # type: ignore[attr-defined]  # every page has it
        return path

    def site_link(self, obj: models.Model) -> SafeString | str:
        """« Voir », in a list; a dash where a reader would find nothing."""
        path = self.get_view_on_site_url(obj)
        return site_link(path) if path else "–"


class KeepsOldAddress(PageAdmin):
    """A page whose former addresses keep working."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            redirect = change_slug(page=obj, slug=obj.slug)
            if redirect is not None:
                messages.info(request, f"L’ancienne adresse {redirect.path} mène à la nouvelle.")
        super().save_model(request, obj, form, change)
