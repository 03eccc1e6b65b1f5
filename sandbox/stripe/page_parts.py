"""What the hosted pages share: the frame, the policy, the notation of money."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.http.messages import Answer, Request

NARROW, NBSP = "\u202f", "\u00a0"
STYLE = (Path(__file__).parent / "checkout.css").read_bytes()


def stylesheet() -> Answer:
    """Answer with the style sheet of all hosted pages."""
    return Answer(body=STYLE, headers={"Content-Type": "text/css; charset=utf-8"})


def read_fields(request: Request) -> dict[str, str]:
    """Return the fields of a posted form, the last of each name."""
    given = parse_qs(request.body.decode("utf-8", "replace"))
    return {name: values[-1].strip() for name, values in given.items()}


def euros(cents: int) -> str:
    """Return an amount as French writes it: `30 000,00 €`, with its no-break spaces."""
    whole, rest = divmod(cents, 100)
    return f"{whole:,}".replace(",", NARROW) + f",{rest:02d}{NBSP}€"


RHYTHMS = {"day": "jour", "month": "mois", "week": "semaine", "year": "an"}


def rhythm(recurring: dict[str, Any]) -> str:
    """Say how often a price is paid: « par mois », « tous les 3 mois »."""
    name, count = RHYTHMS[recurring["interval"]], recurring["interval_count"]
    if count == 1:
        return f"par {name}"
    plural = name if name.endswith("s") else f"{name}s"
    return f"{'toutes' if name == 'semaine' else 'tous'} les {count} {plural}"


def escape(text: str) -> str:
    """Return text for HTML, also within an attribute."""
    return html.escape(text, quote=True)


def redirect(url: str) -> Answer:
    """Send the browser on, by GET."""
    return Answer(status=303, headers={"Location": url})


def document(title: str, body: str, status: int = 200, *, back: str | None = None) -> Answer:
    """Wrap a body in a page; its forms may lead to this server, and to the site at `back`."""
    text = f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} (simulation)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/c/checkout.css">
</head>
<body>
<header class="simulation"><strong>Simulation de Stripe.</strong> Aucun argent ne circule.</header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
    return Answer(
        status=status,
        body=text.encode(),
        headers={
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": _policy(back),
        },
    )


def _policy(back: str | None) -> str:
    actions = "'none'"
    if back is not None:
        # Browsers hold form-action against the redirect that follows a form, too.
        site = urlsplit(back)
        actions = f"'self' {site.scheme}://{site.netloc}" if site.netloc else "'self'"
    return (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {actions}"
    )
