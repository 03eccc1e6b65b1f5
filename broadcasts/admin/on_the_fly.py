"""Autocompletes that offer to create what they do not find: people and keywords.

The browser sends such a choice as `nouveau:Lou Welgryn`. Nothing is created before the whole form
is saved, and then once, however many save it at the same time.
"""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.forms.widgets import Script
from django.http import HttpRequest

from auposte.modeladmin import InlineModelAdmin, ModelAdmin
from broadcasts.models import Appearance, Tag
from broadcasts.services.naming import ensure_guest, ensure_tag, guest_named, tag_named
from guests.models import Guest

if TYPE_CHECKING:
    Autocomplete = AutocompleteSelect
    ModelChoice = forms.ModelChoiceField[Guest]
    ModelChoices = forms.ModelMultipleChoiceField[Tag]
    ModelForm = forms.ModelForm[Any]
    FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    Autocomplete, ModelForm, FormSet = object, forms.ModelForm, BaseInlineFormSet
    ModelChoice, ModelChoices = forms.ModelChoiceField, forms.ModelMultipleChoiceField

NEW = "nouveau:"


def is_new(value: object) -> bool:
    return isinstance(value, str) and value.startswith(NEW)


def is_key(value: str) -> bool:
    """Whether a row may be looked up by it; nothing chosen is "" to Django."""
    return not value or (value.isascii() and value.isdecimal() and len(value) < 19)


class CreatingAutocomplete(Autocomplete):
    """Django's, started by a script of ours, which adds « Créer « … » » to what was found."""

    def __init__(self, *args: Any, may_create: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_create = may_create

    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        if not self.may_create:
            return attrs
        names = str(attrs["class"]).replace("admin-autocomplete", "creating-autocomplete")
        return {**attrs, "class": names, "data-new": NEW}

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        """A form that comes back with its errors still has what is to be created."""
        groups = super().optgroups(name, [one for one in value if is_key(one)], attr)
        options = groups[0][1]
        for text in filter(is_new, value):
            label = f"{text.removeprefix(NEW)} (à créer)"
            options.append(self.create_option(name, text, label, True, len(options)))
        return groups

    @property
    def media(self) -> forms.Media:
        start = Script("admin_extra/on_the_fly.js", type="module")
        return super().media + forms.Media(js=[start])  # type: ignore[list-item]


class OneOrNew(CreatingAutocomplete, AutocompleteSelect):
    pass


class ManyOrNew(CreatingAutocomplete, AutocompleteSelectMultiple):
    def build_attrs(
        self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        # Each choice has its own cross; the one for all stands in the list without being an item.
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class GuestOrNew(ModelChoice):
    """A person; one who is to be created is not saved yet."""

    def __init__(self, *args: Any, may_create: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_create = may_create

    def to_python(self, value: Any) -> Any:
        if not is_new(value):
            return super().to_python(value)
        guest = guest_named(value.removeprefix(NEW))
        if guest._state.adding and not self.may_create:
            raise ValidationError("Vous n’avez pas le droit de créer une fiche.")
        return guest


class TagsOrNew(ModelChoices):
    """Keywords; those that are to be created are not saved yet."""

    def __init__(self, *args: Any, may_create: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_create = may_create

    def clean(self, value: Any) -> Any:
        chosen = list(value or [])
        tags = [*super().clean([one for one in chosen if not is_new(one)])]
        for text in filter(is_new, chosen):
            tag = tag_named(text.removeprefix(NEW))
            if tag._state.adding and not self.may_create:
                raise ValidationError("Vous n’avez pas le droit de créer un mot-clé.")
            tags.append(tag)
        return list({tag.slug: tag for tag in tags}.values())


class CreatesTags(ModelForm):
    """A form with `tags`, of which some are created as it is saved."""

    def _save_m2m(self) -> None:
        if "tags" in self.cleaned_data:
            self.cleaned_data["tags"] = [ensure_tag(tag) for tag in self.cleaned_data["tags"]]
        super()._save_m2m()  # type: ignore[misc]  # Django's, not in its stubs


class OffersNewTags(ModelAdmin):
    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "tags":
            may_create = request.user.has_perm("broadcasts.add_tag")
            kwargs["form_class"] = functools.partial(TagsOrNew, may_create=may_create)
            kwargs["widget"] = ManyOrNew(db_field, self.admin_site, may_create=may_create)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class AppearanceForm(ModelForm):
    """Somebody's part in the broadcast; who they are may be created with it."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # as above
        guest = self.cleaned_data.get("guest")
        return excluded | {"guest"} if guest is not None and guest._state.adding else excluded

    def save(self, commit: bool = True) -> Any:
        self.instance.guest = ensure_guest(self.instance.guest)
        return super().save(commit)


class AppearanceFormSet(FormSet):
    def clean(self) -> None:
        super().clean()
        slugs = [
            form.cleaned_data["guest"].slug
            for form in self.forms
            if form.cleaned_data.get("guest") and not form.cleaned_data.get("DELETE")
        ]
        if len(slugs) != len(set(slugs)):
            raise ValidationError("Une même personne est deux fois dans l’émission.")


class AppearanceInline(InlineModelAdmin):
    model = Appearance
    form = AppearanceForm
    formset = AppearanceFormSet
    extra = 0
    autocomplete_fields = ("guest",)
    fields = ("guest", "role", "function", "position")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "guest":
            may_create = request.user.has_perm("guests.add_guest")
            kwargs["form_class"] = functools.partial(GuestOrNew, may_create=may_create)
            kwargs["widget"] = OneOrNew(db_field, self.admin_site, may_create=may_create)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
