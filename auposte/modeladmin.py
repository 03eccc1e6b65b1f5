"""What our `ModelAdmin`s share."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.db.models.fields.files import ImageFieldFile
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from auposte.images import StoredImageFile
from auposte.moments import MomentField

if TYPE_CHECKING:
    DjangoModelAdmin = admin.ModelAdmin[Any]
    InlineModelAdmin = admin.TabularInline[Any, Any]
else:
    DjangoModelAdmin, InlineModelAdmin = admin.ModelAdmin, admin.TabularInline


class ModelAdmin(DjangoModelAdmin):
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
        return super().changeform_view(
            request, object_id, form_url, {"title": title, **(extra_context or {})}
        )


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
