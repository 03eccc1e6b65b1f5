"""Reading the environment without ever raising: what is wrong is collected, then told by checks.

No message repeats a value that may hold a password.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

T = TypeVar("T")
SEE_EXAMPLE = "voir .env.example."
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
MAIL_FOR_TRIALS = {"consolemail": "console", "memorymail": "locmem", "dummymail": "dummy"}


class SettingError(ValueError):
    """What is wrong with one variable: the end of a French sentence that its name begins."""


class Environment:
    """The process's environment variables, typed; `problems` lists what a start must refuse."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """The variable's text; without a default, an absent or empty one is a problem."""
        value = os.environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} manque : {SEE_EXAMPLE}")
            return ""
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """`true`/`false` (also 1/0, yes/no, on/off, oui/non)."""
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

    def amounts(self, name: str, default: list[int]) -> list[int]:
        """Comma-separated cents, from the smallest to the largest; at least one."""
        raw = self.listed(name, ",".join(map(str, default)))
        if not raw or not all(part.isdecimal() and int(part) for part in raw):
            self.problems.append(f"{name} doit être une liste de centimes, comme 500,1000,2000.")
            return default
        return sorted(map(int, raw))

    def parsed(self, name: str, parse: Callable[[str], T], fallback: T, *, default: str = "") -> T:
        """The variable read by `parse`; its SettingError becomes one line and gives `fallback`."""
        raw = self.text(name, default or None)
        if not raw:
            return fallback
        try:
            return parse(raw)
        except SettingError as error:
            self.problems.append(f"{name} {error}")
            return fallback

    def origin(self, name: str, default: str | None = None) -> str:
        """The address of a site, without a final slash; "" when absent or wrong."""
        raw = self.text(name, default)
        try:
            return site_origin(raw) if raw else ""
        except SettingError as error:
            self.problems.append(f"{name} {error}")
            return ""

    def origins(self, name: str) -> list[str]:
        """Comma-separated addresses of sites; none when absent or wrong."""
        try:
            return [site_origin(raw) for raw in self.listed(name, "")]
        except SettingError as error:
            self.problems.append(f"{name} {error}")
            return []


def split_url(url: str) -> SplitResult:
    """`urlsplit` that tells a bad address or port by SettingError."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read lazily
    except ValueError:
        raise SettingError(f"est illisible : {SEE_EXAMPLE}") from None
    return parts


def site_origin(url: str) -> str:
    """`https://example.org`, with a port perhaps, and nothing else."""
    parts = split_url(url)
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not bare:
        raise SettingError("doit ressembler à https://exemple.fr, sans chemin.")
    if not set(parts.hostname) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:"):
        raise SettingError("doit ressembler à https://exemple.fr, sans accent ni signe.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def redis_url(url: str) -> str:
    """The address of a Redis or Valkey, as redis-py spells it."""
    parts = split_url(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise SettingError("doit commencer par redis://, rediss:// ou unix://.")
    if parts.scheme == "unix":
        database = parse_qs(parts.query).get("db", ["0"])[0]
        if parts.netloc or not parts.path.strip("/"):
            raise SettingError("doit nommer une socket : unix:///chemin/valkey.sock?db=0.")
    else:
        database = parts.path.strip("/") or "0"
        if not parts.hostname:
            raise SettingError("doit nommer un serveur : redis://hote:6379/0.")
    if not database.isdecimal():
        raise SettingError("doit finir par un numéro de base : redis://hote:6379/0.")
    return url


def broker_url(redis_url: str) -> str:
    """Celery's spelling of a Redis URL (Django says `unix:///sock?db=0` for a socket)."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def database_config(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL, read as PostgreSQL's own library reads it.

    So passwords, socket folders and several hosts work as its manual says:
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    if not url.startswith(("postgres://", "postgresql://")):
        raise SettingError("doit désigner un PostgreSQL : postgres://compte:secret@hote/base.")
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.Error:
        raise SettingError(f"est illisible : {SEE_EXAMPLE}") from None
    known = {
        django: found.pop(libpq, "")
        for django, libpq in {
            "NAME": "dbname",
            "USER": "user",
            "PASSWORD": "password",
            "HOST": "host",
            "PORT": "port",
        }.items()
    }
    if not all(port.isdecimal() for port in known["PORT"].split(",") if port):
        # An unescaped slash or colon in the password ends up here.
        raise SettingError(f"a un port ou un mot de passe illisible : {SEE_EXAMPLE}")
    if not known["NAME"]:
        raise SettingError("ne nomme pas de base : postgres://compte:secret@hote/base.")
    return {"ENGINE": "django.db.backends.postgresql", **known, "OPTIONS": found}


def email_config(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for `smtp+tls://user:secret@host:587` and its like.

    Without a server: `filemail:///folder`, `consolemail://`, `memorymail://`, `dummymail://`.
    """
    parts = split_url(url)
    backends = "django.core.mail.backends"
    if parts.scheme in SMTP_PORTS:
        if not parts.hostname or parts.path.strip("/"):
            # An unescaped slash in the password ends up here.
            raise SettingError("doit nommer un serveur : smtp+tls://compte:secret@hote:587.")
        return {
            "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or SMTP_PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        }
    if parts.scheme == "filemail":
        folder = "/" + unquote(parts.path).lstrip("/")
        if folder == "/":
            raise SettingError("doit nommer un dossier : filemail:///chemin.")
        return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": folder}
    if parts.scheme in MAIL_FOR_TRIALS:
        return {"EMAIL_BACKEND": f"{backends}.{MAIL_FOR_TRIALS[parts.scheme]}.EmailBackend"}
    raise SettingError("doit commencer par smtp://, smtp+tls:// ou smtp+ssl://.")
