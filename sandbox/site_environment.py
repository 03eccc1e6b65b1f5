"""The settings that the supervisor gives the site, and the file in which `manage.py` finds them."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from sandbox.video_world import channels


@dataclass(frozen=True)
class Secrets:
    """Made once for a state folder, then kept. The Stripe ones open nothing but the stand-in."""

    secret_key: str
    stripe_api_key: str
    stripe_webhook_secret: str
    admin_password: str


def keep_secrets(state: Path) -> Secrets:
    """The secrets of this state folder, made on first use."""
    path = state / "secrets.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(**{field.name: str(kept[field.name]) for field in fields(Secrets)})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        made = Secrets(
            secret_key=secrets.token_urlsafe(64),
            stripe_api_key=f"sk_test_{secrets.token_hex(16)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(16)}",
            admin_password=secrets.token_urlsafe(12),
        )
        write_private(path, json.dumps(asdict(made), indent=2) + "\n")
        return made


def site_environment(
    *,
    shell: Mapping[str, str],
    state: Path,
    site_url: str,
    stripe_url: str,
    youtube_url: str,
    peertube_url: str,
    database_url: str,
    redis_url: str,
    kept: Secrets,
) -> dict[str, str]:
    """The settings of the site on this machine, by their names in `.env.example`.

    What `shell` sets wins where both make sense. Addresses, Stripe and the video platforms never
    come from it: this site talks to the stand-ins only.
    """
    ours = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SITE_URL": site_url,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "STRIPE_SECRET_KEY": kept.stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": kept.stripe_webhook_secret,
        "STRIPE_API_BASE": stripe_url,
        "YOUTUBE_API_BASE": youtube_url,
        "YOUTUBE_API_KEY": channels.YOUTUBE_KEY,
        "YOUTUBE_CHANNEL_ID": channels.YOUTUBE_CHANNEL,
        "PEERTUBE_URL": peertube_url,
        "PEERTUBE_CHANNEL": channels.PEERTUBE_CHANNEL,
    }
    defaults = {
        "SECRET_KEY": kept.secret_key,
        "DEFAULT_FROM_EMAIL": "Au Poste <bonjour@auposte.example>",
        # Four slashes: django-environ takes the first one off the path.
        "EMAIL_URL": f"filemail:///{quote(str(state / 'mail'))}",
        "MEDIA_ROOT": str(state / "media"),
        "STATIC_ROOT": str(state / "static"),
        # An announced live has a player before any platform has told of it.
        "TWITCH_CHANNEL": "auposte",
    }
    return {**{name: shell.get(name) or value for name, value in defaults.items()}, **ours}


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Write `KEY=value` lines, for `manage.py` in another terminal."""
    lines = [f"{name}={value}" for name, value in values.items()]
    write_private(path, "\n".join(["# Written by make run.", *lines, ""]))


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
