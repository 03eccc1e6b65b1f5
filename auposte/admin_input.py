"""What somebody forges into the admin's addresses and forms: refused before the database sees it.

Django checks most of it. The rest would be an error of ours (500): identifiers that are none, in
autocompletes and in actions; dates out of every calendar; lookups that PostgreSQL refuses.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import EmptyResultSet, PermissionDenied, ValidationError
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

if TYPE_CHECKING:
    Mixin = AutocompleteSelect
    FormSet = BaseInlineFormSet[Any, Any, Any]
else:
    Mixin, FormSet = object, BaseInlineFormSet

# No list of ours offers them, and each takes a value that PostgreSQL may refuse.
REFUSED_LOOKUPS = {"range", "regex", "iregex"}


def is_key(field: "Field[Any, Any]", value: object) -> bool:
    """Whether a row might have this value in `field`, a key."""
    try:
        field.to_python(value)
    except ValidationError:
        return False
    return "\x00" not in str(value)


def are_keys(model: type[Model], values: Iterable[object]) -> bool:
    return all(is_key(model._meta.pk, value) for value in values)


class OnlyKeys(Mixin):
    """A form that comes back with its errors looks its choices up: not by what is no key."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        key = self.field.remote_field.model._meta.pk
        return super().optgroups(name, [one for one in value if is_key(key, one)], attr)


class OneCompleted(OnlyKeys, AutocompleteSelect):
    pass


class ManyCompleted(OnlyKeys, AutocompleteSelectMultiple):
    pass


class ShownFormSet(FormSet):
    """Rows that a form only shows: those of the database, whatever it sends back about them."""

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:
        super().__init__(data, files, **options)
        if data is not None:
            rows = self.get_queryset()
            keys, name = [row.pk for row in rows], rows.model._meta.pk.name
            self.data = {
                f"{self.prefix}-TOTAL_FORMS": len(keys),
                f"{self.prefix}-INITIAL_FORMS": len(keys),
                **{f"{self.prefix}-{row}-{name}": key for row, key in enumerate(keys)},
            }


class CarefulAutocomplete(AutocompleteJsonView):
    """Completes what a form may hold: a relation seen from its other end has no form."""

    def get_queryset(self) -> "QuerySet[Any]":
        rows: QuerySet[Any] = super().get_queryset()
        return rows if rows.ordered else rows.order_by("pk")

    def process_request(self, request: HttpRequest) -> Any:
        found = super().process_request(request)
        if not isinstance(found[2], ForeignKey | ManyToManyField):
            raise PermissionDenied
        return found


class CarefulChangeList(ChangeList):
    """A list whose address cannot be read is shown whole, as Django does with most of them."""

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> "QuerySet[Any]":
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        try:
            rows.query.get_compiler(rows.db).as_sql()
        except EmptyResultSet:
            pass  # a number that no row can have
        except OverflowError as error:
            raise IncorrectLookupParameters(error) from error
        return rows
