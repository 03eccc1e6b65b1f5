"""What our `ModelAdmin`s share."""

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import IntegrityError, OperationalError, models
from django.db.models import QuerySet
from django.db.models.fields.files import ImageFieldFile
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from psycopg.errors import DeadlockDetected

from auposte.admin_input import (
    REFUSED_LOOKUPS,
    CarefulChangeList,
    ManyCompleted,
    OneCompleted,
    ShownFormSet,
    are_keys,
)
from auposte.images import StoredImageFile
from auposte.moments import MomentField

if TYPE_CHECKING:
    DjangoModelAdmin = admin.ModelAdmin[Any]
    DjangoTabularInline = admin.TabularInline[Any, Any]
    Options = admin.options.BaseModelAdmin[Any]
else:
    DjangoModelAdmin, DjangoTabularInline, Options = admin.ModelAdmin, admin.TabularInline, object

OVERTAKEN = (
    "Quelqu’un a enregistré juste avant vous : ce qui est en rouge vient d’être pris. "
    "Rien n’est perdu, corrigez et recommencez."
)


class CarefulFields(Options):
    """Autocompletes that bear whatever somebody sends as their choice."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", OneCompleted(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ManyCompleted(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class InlineModelAdmin(CarefulFields, DjangoTabularInline):
    """Rows below the one that they belong to."""


class ModelAdmin(CarefulFields, DjangoModelAdmin):
    """Django's, with titles that are French whatever the model's gender and first letter."""

    formfield_overrides = {
        models.URLField: {"assume_scheme": "https"},
        models.DateTimeField: {"form_class": MomentField},
    }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        name = str(self.opts.verbose_name)
        title = f"Ajout : {name}" if object_id is None else capfirst(name)
        context = {"title": title, **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except (IntegrityError, OperationalError) as error:
            if isinstance(error, OperationalError) and not isinstance(
                error.__cause__, DeadlockDetected
            ):
                raise
            # Somebody was a moment faster, or waited for us as we did for them. Nothing was saved;
            # now the form sees what they did, and says so, or makes another address.
            for field in request.FILES:
                for file in request.FILES.getlist(field):
                    file.seek(0)
            response = super().changeform_view(request, object_id, form_url, context)
            if response.status_code == 200:
                messages.warning(request, OVERTAKEN)
            return response

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> Any:
        shown = super().get_inline_formsets(*args, **kwargs)
        for inline in shown:
            told = json.loads(inline.inline_formset_data())
            # Django's: « Ajouter un objet Participation supplémentaire ».
            told["options"]["addText"] = f"Ajouter : {inline.opts.verbose_name}"
            inline.inline_formset_data = json.dumps(told)
        return shown

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return CarefulChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup.rpartition("__")[2] in REFUSED_LOOKUPS:
            return False
        return super().lookup_allowed(lookup, value, request)

    def response_action(  # type: ignore[override]  # the stubs know a later Django
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> Any:
        if not are_keys(self.model, request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("rows are chosen by their keys")
        return super().response_action(request, queryset)


class ReadOnlyAdmin(ModelAdmin):
    """Rows that only the platform itself writes: nobody adds, changes or deletes one here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyInline(InlineModelAdmin):
    """Such rows, below the one that they belong to."""

    formset = ShownFormSet
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class SavesOnlyChanges(ModelAdmin):
    """For rows that workers write too: a form never takes back what they wrote meanwhile."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.save(update_fields=form.changed_data if change else None)


def picture(file: ImageFieldFile, *, width: int) -> SafeString | str:
    """The image at `width` CSS pixels, from its narrowest rendition; a dash when there is none."""
    if not file or not isinstance(file, StoredImageFile):
        return "–"
    full_width, full_height = file.size_in_pixels
    height = round(width * full_height / full_width) if full_width else width
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="" loading="lazy">',
        file.smallest_url, width, height,
    )  # fmt: skip


def site_link(path: str) -> SafeString:
    """« Voir », for a list of pages."""
    return format_html('<a href="{}">Voir</a>', path)
