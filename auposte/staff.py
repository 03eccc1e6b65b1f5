"""The people of the newsroom, as their colleagues call them."""

from django.contrib.auth.models import AnonymousUser, User


def name_of(user: User | AnonymousUser | None) -> str:
    """First and last name, else the account's name; « quelqu’un » when the account is gone."""
    if not isinstance(user, User):
        return "quelqu’un"
    return user.get_full_name() or user.get_username()
