"""Whole tables, compared."""

from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

APPS = ("guests", "broadcasts")
# Numbers that the database gives differ between two databases; moments between two runs.
GIVEN = {"id", "created_at", "updated_at", "history_id", "history_date", "preview_key"}


def all_rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the database, as it is."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = {}
        for name in sorted(names):
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = sorted(cursor.fetchall(), key=repr)
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        )
        found["sequences"] = sorted(cursor.fetchall())
    return found


def told_apart_by_facts() -> dict[str, list[tuple[Any, ...]]]:
    """What the site's tables say, whatever numbers their rows have."""
    labels = {
        (model, row.pk): str(row)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for row in model._default_manager.all()
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    for app in APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            fields = [
                field
                for field in model._meta.concrete_fields
                if field.name not in GIVEN and field.default is not timezone.now
            ]
            found[model._meta.label] = sorted(
                (
                    tuple(
                        labels.get((field.related_model, getattr(row, field.attname)))
                        if field.is_relation
                        else _without_digests(field.name, getattr(row, field.attname))
                        for field in fields
                    )
                    for row in model._default_manager.all()
                ),
                key=repr,
            )
    return found


def _without_digests(name: str, value: Any) -> Any:
    """Digests of tags and people are of their numbers."""
    return sorted(value) if name in {"written", "parts"} else str(value)
