"""What the tests of the two video stand-ins share: a small world, and what is asked of it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import httpx
from PIL import Image

from sandbox.http.standin import StandIn
from sandbox.video_world import World

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
# In seconds: for machines that have something else to do.
PATIENCE = 60
PARIS_EVENING = dt.datetime(2026, 3, 14, 18, tzinfo=dt.UTC)


def small_world(size: int = 60, **options: Any) -> World:
    return World(size=size, now=NOW, **options)


def fetch(url: str, **options: Any) -> httpx.Response:
    """GET, without the certificates that httpx reads again for each lone request."""
    return httpx.get(url, verify=False, trust_env=False, **{"timeout": PATIENCE, **options})


def picture_size(answer: httpx.Response) -> tuple[int, int]:
    """The size of the JPEG in an answer."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "JPEG"
        return picture.size


def act(standin: StandIn, name: str, **params: object) -> httpx.Response:
    """Ask a control to do something."""
    data = {key: str(value) for key, value in params.items()}
    return httpx.post(
        f"{standin.url}/_/{name}", data=data, verify=False, trust_env=False, timeout=PATIENCE
    )


def broken(ask: Callable[[], object]) -> type[Exception]:
    """The error that a request ends with."""
    try:
        ask()
    except httpx.HTTPError as error:
        return type(error)
    raise AssertionError("the request was answered")
