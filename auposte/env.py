"""Reading the environment without ever raising: what is wrong is collected, then told by checks."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import environ

T = TypeVar("T")


class Environment:
    """The process's environment variables, typed; `problems` lists what a start must refuse."""

    def __init__(self) -> None:
        self.env = environ.Env()
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The variable's text; without a default, an absent one is a problem."""
        value = str(self.env.str(name, default="")).strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} manque : voir .env.example.")
            return ""
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """`true`/`false` (also 1/0, yes/no, on/off)."""
        raw = self.text(name, "true" if default else "false").lower()
        if raw in {"1", "true", "yes", "on", "oui"}:
            return True
        if raw in {"0", "false", "no", "off", "non"}:
            return False
        self.problems.append(f"{name} doit valoir true ou false, pas « {raw} ».")
        return default

    def number(self, name: str, default: int, *, at_least: int = 0) -> int:
        """A whole number not below `at_least`."""
        raw = self.text(name, str(default))
        try:
            value = int(raw)
        except ValueError:
            self.problems.append(f"{name} doit être un nombre entier, pas « {raw} ».")
            return default
        if value < at_least:
            self.problems.append(f"{name} doit valoir au moins {at_least}, pas {value}.")
            return default
        return value

    def listed(self, name: str, default: str | None = None) -> list[str]:
        """Comma-separated values."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def parsed(self, name: str, parse: Callable[[str], T], fallback: T, *, default: str = "") -> T:
        """The variable read by `parse`; its errors become one line and give `fallback`."""
        raw = self.text(name, default or None)
        if not raw:
            return fallback
        try:
            return parse(raw)
        except Exception:  # parsers of URLs raise all sorts
            self.problems.append(f"{name} est illisible : voir .env.example.")
            return fallback


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis URL (Django says `unix:///sock?db=0` for a socket)."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def database_config(url: str) -> dict[str, Any]:
    """Django's settings for a database URL; a socket's folder is its percent-encoded host."""
    config = dict(environ.Env.db_url_config(url))
    config["HOST"] = unquote(str(config.get("HOST", "")))
    return config


def email_config(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for a URL such as `smtp+tls://user:secret@host:587`."""
    return dict(environ.Env.email_url_config(url))
