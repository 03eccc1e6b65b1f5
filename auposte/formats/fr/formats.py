"""Django's French formats, with the ordinal (S) that only the first of a month has.

Django has none but the English one: `1st`. Nothing else here asks for it.
"""

from django.utils.dateformat import DateFormat

DATE_FORMAT = "jS F Y"
DATETIME_FORMAT = "jS F Y H:i"
MONTH_DAY_FORMAT = "jS F"


def _ordinal(self: DateFormat) -> str:
    return "er" if self.j() == 1 else ""


DateFormat.S = _ordinal  # type: ignore[method-assign]
