"""What a server hands to its parts, and what they hand back."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Mapping
from typing import Any, Literal

Spoiling = Literal["truncated", "disconnect", "timeout", "slow", "cut"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    connection: socket.socket | None = None


@dataclasses.dataclass(kw_only=True)
class Answer:
    """One HTTP answer; a body that is not bytes is sent as JSON."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    spoiling: Spoiling | None = None
    spoiling_seconds: float = 0.0
