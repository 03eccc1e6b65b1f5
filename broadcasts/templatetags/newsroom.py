"""The newsroom's part of the admin's start page."""

from typing import Any

from django import template
from django.contrib.auth.models import User
from django.urls import reverse

from auposte.staff import name_of
from broadcasts.services.desk import editors_desk

register = template.Library()


@register.inclusion_tag("admin/broadcasts/desk.html", takes_context=True)
def newsroom_desk(context: template.Context) -> dict[str, Any]:
    """Nothing for those who do not write: other people have other desks."""
    user = context["request"].user
    if not user.has_perm("broadcasts.change_broadcast"):
        return {"desk": None}
    desk = editors_desk()
    troubles = [
        (trouble.text, reverse(trouble.list_name) + (f"?{trouble.query}" if trouble.query else ""))
        for trouble in desk.troubles
    ]
    return {"desk": desk, "troubles": troubles}


@register.filter
def staff_name(user: User | None) -> str:
    """First and last name, else the account's; « quelqu’un » when the account is gone."""
    return name_of(user)
