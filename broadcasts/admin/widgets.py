"""Form widgets of the newsroom. What they do in the browser is in `static/admin_extra/`."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from auposte.images import StoredImageFile
from auposte.modeladmin import ModelAdmin


class FocalImageInput(AdminFileWidget):
    """An image and what of it must stay in sight; previews of how the site crops it.

    `x` and `y` name the form's fields (percent) that a click on the image fills in. Without a
    script those are filled in by hand.
    """

    def __init__(self, *, x: str, y: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.x, self.y = x, y

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        stored = isinstance(value, StoredImageFile) and bool(value)
        context = {
            "field": super().render(name, value, attrs, renderer),
            "x": self.x,
            "y": self.y,
            "src": value.smallest_url if stored else "",
        }
        return render_to_string("admin/widgets/focal_image.html", context)

    @property
    def media(self) -> forms.Media:
        start = Script("admin_extra/focal.js", type="module")
        return forms.Media(js=[start])  # type: ignore[list-item]  # the stubs know strings only


class NamesFields(ModelAdmin):
    """A form whose every field has a name that is read aloud, those in tables too."""

    @property
    def media(self) -> forms.Media:
        start = Script("admin_extra/labels.js", type="module")
        return super().media + forms.Media(js=[start])  # type: ignore[list-item]  # as above
