"""Dates with an hour, as people write them in Paris."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from auposte.money import NBSP


class MomentField(forms.SplitDateTimeField):
    """A day and an hour in Paris, kept in UTC.

    The hour that the spring skips and the hour that the autumn has twice are refused in words. A
    moment that stays as the form showed it stays what it was, to the microsecond: the form shows
    seconds, and an old text may well date from an hour that came twice.
    """

    def compress(self, data_list: Any) -> Any:
        try:
            return super().compress(data_list)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise ValidationError(_what_clocks_did(*data_list), code=error.code) from error

    def _clean_bound_field(self, bound: Any) -> Any:
        initial = bound.form.initial.get(bound.name)  # `bound.initial` has lost its microseconds
        if isinstance(initial, dt.datetime) and self._is_as_shown(initial, bound.data):
            return initial
        return super()._clean_bound_field(bound)  # type: ignore[misc]  # Django's, not in its stubs

    def _is_as_shown(self, moment: dt.datetime, typed: Any) -> bool:
        shown = timezone.localtime(moment).replace(microsecond=0, tzinfo=None)
        try:
            parts = [field.to_python(part) for field, part in zip(self.fields, typed, strict=True)]
        except (TypeError, ValueError, ValidationError):
            return False
        return parts == [shown.date(), shown.time()]


def _what_clocks_did(day: dt.date, hour: dt.time) -> str:
    moment = dt.datetime.combine(day, hour, timezone.get_current_timezone())
    skipped = moment.replace(fold=1).utcoffset() > moment.replace(fold=0).utcoffset()  # type: ignore[operator]
    what, how = ("n’existe pas", "avancent") if skipped else ("existe deux fois", "reculent")
    return (
        f"Cette heure {what}{NBSP}: cette nuit-là, les horloges {how} d’une heure. "
        f"Choisissez avant 2{NBSP}h ou après 3{NBSP}h."
    )
