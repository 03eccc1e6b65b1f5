"""What only a machine or an intruder sends to the admin: never an error of ours."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import FieldListFilter
from django.db import models
from django.test import Client
from django.urls import reverse

from tests.admin.html import form_of
from tests.admin.world import episode, one_of_each

BROADCASTS = "/admin/broadcasts/broadcast/"
HUGE = "9" * 30
CALENDARS = [
    {"year": "abc"},
    {"year": "0"},
    {"year": HUGE},
    {"year": "9999"},
    {"year": "9999", "month": "12"},
    {"year": "9999", "month": "12", "day": "31"},
    {"year": "2025", "month": "13"},
    {"year": "2025", "month": "2", "day": "31"},
    {"year": "2025", "month": "-1", "day": HUGE},
    {"month": HUGE},
]


def address_of(model: type[models.Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def filters_of(model_admin: admin.ModelAdmin) -> set[str]:
    """What the list's own links put into its address."""
    names = set()
    for one in model_admin.list_filter:
        if isinstance(one, str):
            names |= {f"{one}__exact", f"{one}__id__exact", f"{one}__gte"}
        elif isinstance(one, tuple):
            names |= {f"{one[0]}__id__exact"}
        elif not issubclass(one, FieldListFilter):
            names.add(one.parameter_name)
    return names


def test_lists_bear_any_filter(owner: Client) -> None:
    one_of_each()
    for model, model_admin in admin.site._registry.items():
        for name in filters_of(model_admin):
            for value in ("abc", HUGE):
                response = owner.get(address_of(model, "changelist"), {name: value})
                assert response.status_code in {200, 302, 400}, (model, name, value)


@pytest.mark.parametrize("parts", CALENDARS)
def test_lists_bear_dates_out_of_any_calendar(parts: dict[str, str], owner: Client) -> None:
    for model, model_admin in admin.site._registry.items():
        if model_admin.date_hierarchy:
            asked = {f"{model_admin.date_hierarchy}__{part}": parts[part] for part in parts}
            response = owner.get(address_of(model, "changelist"), asked)
            assert response.status_code in {200, 302}, (model, parts)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("title__regex=(", 400),
        ("title__iregex=(", 400),
        ("id__range=1", 400),
        ("updated_at__year=" + HUGE, 302),
        ("id__in=" + HUGE, 200),
        ("id=abc", 302),
        ("series__id__exact=abc", 302),
    ],
)
def test_lookups_that_no_list_offers(asked: str, status: int, owner: Client) -> None:
    episode(1)
    assert owner.get(f"{BROADCASTS}?{asked}").status_code == status


def test_autocompletes_serve_forms_only(owner: Client) -> None:
    one_of_each()
    completed = 0
    for model in apps.get_models():
        fields = model._meta.get_fields()
        # What points at nothing is refused alike: one of each model stands for the others.
        plain = [field for field in fields if not field.is_relation][:1]
        for field in [*plain, *(field for field in fields if field.is_relation)]:
            asked = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field.name,
            }
            response = owner.get("/admin/autocomplete/", asked)
            assert response.status_code in {200, 403, 404}, asked
            completed += response.status_code == 200
    assert completed


@pytest.mark.parametrize("key", ["abc", HUGE, "\x00"])
def test_actions_on_no_row(key: str, owner: Client) -> None:
    for model in admin.site._registry:
        sent = {"action": "delete_selected", "_selected_action": [key], "index": "abc"}
        response = owner.post(address_of(model, "changelist"), sent)
        assert response.status_code in {200, 302, 400, 403}, model


@pytest.mark.parametrize("key", ["abc", "1.5", "²", HUGE, "\x00"])
def test_forms_come_back_with_a_choice_that_is_none(key: str, owner: Client) -> None:
    broadcast = episode(1)
    address = address_of(type(broadcast), "change", broadcast.pk)
    fields = form_of(owner.get(address))
    response = owner.post(
        address, {**fields, "series": key, "tags": [key], "appearances-0-guest": key}
    )
    assert response.status_code == 200
    assert response.content.count(b'class="errorlist') >= 3
    assert broadcast.appearances.get().guest.slug == "lou-welgryn-1"


@pytest.mark.parametrize("value", ["abc", HUGE, "\x00"])
def test_every_field_bears_what_is_no_value(value: str, owner: Client) -> None:
    rows = one_of_each()
    for model in admin.site._registry:
        address = address_of(model, "change", rows[model].pk)
        page = owner.get(address)
        names = re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page.content.decode())
        forged = {
            name: value
            for name in names
            if "__prefix__" not in name and not name.endswith(("token", "_FORMS"))
        }
        response = owner.post(address, {**form_of(page), **forged})
        assert response.status_code in {200, 302, 403}, model
