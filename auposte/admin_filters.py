"""Filters of the admin's lists."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest


class StateFilter(admin.SimpleListFilter):
    """Choices that are conditions: what the address says → (what people read, the condition)."""

    title = "état"
    parameter_name = "etat"
    conditions: dict[str, tuple[str, Q]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _condition) in self.conditions.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        _label, condition = self.conditions.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)
