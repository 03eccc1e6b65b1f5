from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.broadcasts.pages import Page

Read = Callable[..., Page]


@pytest.fixture(autouse=True)
def own_media(settings: object, tmp_path: Path) -> Path:
    """Images of one test are not those of the next."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def read(visitor: Client) -> Read:
    """Open a page and read it; the answer must have this status, and set no cookie."""

    def open_page(address: str, status: int = 200) -> Page:
        response = visitor.get(address)
        assert response.status_code == status, response
        assert not response.cookies
        return Page(response)

    return open_page
