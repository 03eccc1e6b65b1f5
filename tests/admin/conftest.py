from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin.world import person


@pytest.fixture(autouse=True)
def own_media(settings: object, tmp_path: Path) -> Path:
    """Uploads of one test are not those of the next."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    # Real hashing takes a third of a second a password; nothing here is about it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path / "media"


@pytest.fixture
def staff(db: None) -> Callable[[str], Client]:
    """A browser in which this person is signed in; `outsider` is nobody."""

    def sign_in(role: str) -> Client:
        client = Client()
        if role != "outsider":
            user = User.objects.filter(username=role).first() or person(role)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def owner(staff: Callable[[str], Client]) -> Client:
    return staff("owner")


@pytest.fixture
def editor(staff: Callable[[str], Client]) -> Client:
    return staff("editor")


@pytest.fixture
def treasurer(staff: Callable[[str], Client]) -> Client:
    return staff("treasurer")
