"""Entity tags as Express makes them, and the 304 that spares sending a body again."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from sandbox.http.messages import Answer, Request


def digest(body: bytes) -> str:
    """Return 27 characters that stand for a body."""
    return base64.b64encode(hashlib.sha1(body).digest()).decode().rstrip("=")


def weak_etag(body: bytes) -> str:
    """Return Express's default ETag: the length in hexadecimal, and a digest."""
    return f'W/"{len(body):x}-{digest(body)}"'


def encoded(body: Any) -> bytes:
    """Return the JSON of a body as it will be sent; bytes stay as they are."""
    if isinstance(body, bytes):
        return body
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def matches(request: Request, etag: str) -> bool:
    """Say whether `If-None-Match` names this tag; weakness and quotes make no difference."""
    asked = request.headers.get("if-none-match", "")
    if asked.strip() == "*":
        return True
    return _bare(etag) in {_bare(part) for part in asked.split(",") if part.strip()}


def _bare(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')


def conditional(request: Request, answer: Answer, etag: str | None = None) -> Answer:
    """Give a 200 its ETag (Express's unless given), or make it a 304."""
    if answer.status != 200 or request.method not in ("GET", "HEAD"):
        return answer
    answer.body = encoded(answer.body)
    answer.headers = {"Content-Type": "application/json; charset=utf-8"} | answer.headers
    tag = etag or weak_etag(answer.body)
    answer.headers["ETag"] = tag
    if matches(request, tag):
        return Answer(status=304, headers={"ETag": tag})
    return answer
