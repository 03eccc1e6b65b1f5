from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def own_media(settings: object, tmp_path: Path) -> Path:
    """Uploads of one test are not those of the next."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    # Real hashing takes a third of a second a password; nothing here is about it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path / "media"


@pytest.fixture
def editor(staff: Callable[[str], Client]) -> Client:
    return staff("editor")
