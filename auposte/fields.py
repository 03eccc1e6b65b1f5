"""Form fields that read money and time as people write them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from auposte.durations import parse_duration
from auposte.money import NBSP, NNBSP, euros, parse_euros
from auposte.templatetags.french import timecode


class EuroField(forms.CharField):
    """Typed in euros (`1 900,00`, `12.50`), kept as integer cents of at least `min_cents`."""

    def __init__(self, *, min_cents: int = 1, **kwargs: Any) -> None:
        self.min_cents = min_cents
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 12, "inputmode": "decimal"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if type(value) is not int:
            return value
        return euros(value).replace(NNBSP, " ").removesuffix(f"{NBSP}€")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            cents = parse_euros(text)
        except ValueError as error:
            raise ValidationError(
                f"Écrivez un montant en euros, comme 1900 ou 12,50{NBSP}: "
                f"«{NBSP}%(typed)s{NBSP}» n’en est pas un.",
                code="invalid",
                params={"typed": text[:40]},
            ) from error
        if cents < self.min_cents:
            raise ValidationError(f"Le montant doit être d’au moins {euros(self.min_cents)}.")
        return cents


class FoldedEmailField(forms.EmailField):
    """An e-mail address in small letters, of at most `max_length` once it is: « İ » grows."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()


class DurationField(forms.CharField):
    """Typed as `1:48:00` or `1 h 48`, kept as integer seconds; `signed` ones may start with `-`."""

    def __init__(self, *, signed: bool = False, **kwargs: Any) -> None:
        self.signed = signed
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 9}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if type(value) is not int:
            return value
        return f"-{timecode(-value)}" if value < 0 else timecode(value)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        negative = self.signed and text[0] in "-−"
        try:
            seconds = parse_duration(text[1:] if negative else text)
        except ValueError as error:
            raise ValidationError(
                f"Écrivez une durée comme 1:48:00, 6:12 ou 1 h 48{NBSP}: "
                f"«{NBSP}%(typed)s{NBSP}» n’en est pas une.",
                code="invalid",
                params={"typed": text[:40]},
            ) from error
        return -seconds if negative else seconds
