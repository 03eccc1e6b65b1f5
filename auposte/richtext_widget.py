"""The field in which rich text is written: an editor, or HTML where there is no script."""

from typing import Any

from django import forms
from django.forms.widgets import Script


class RichTextWidget(forms.Textarea):
    """A textarea of HTML; `static/admin_extra/richtext/` puts an editor in its place."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "vLargeTextField", "data-richtext": True, **(attrs or {})})

    @property
    def media(self) -> forms.Media:
        start = Script("admin_extra/richtext/start.js", type="module")
        return forms.Media(js=[start])  # type: ignore[list-item]  # the stubs know strings only


class RichTextFormField(forms.CharField):
    """HTML as it was typed; browsers send other line ends than those that were stored."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text
