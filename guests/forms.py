"""Form fields about people."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from auposte.money import NBSP

MOST = 12
SCHEMES = ("https", "http")


class ElsewhereField(forms.CharField):
    """Typed or pasted a line each, with `https://` or without; kept as whole addresses."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) > MOST:
            raise ValidationError(f"Gardez-en {MOST} au plus.")
        # Once each, in the order in which they are shown.
        return "\n".join(dict.fromkeys(_whole(line) for line in lines))


def _whole(line: str) -> str:
    address = line if "://" in line else f"https://{line}"
    try:
        URLValidator(schemes=SCHEMES)(address)
    except ValidationError as error:
        raise ValidationError(
            f"Écrivez une adresse par ligne{NBSP}: «{NBSP}%(typed)s{NBSP}» n’en est pas une.",
            params={"typed": line[:80]},
        ) from error
    return address
