"""Where else somebody is found: addresses as they are kept, a line each, and as links."""

from dataclasses import dataclass
from urllib.parse import urlsplit

NAMES = {
    "wikipedia.org": "Wikipédia",
    "wikidata.org": "Wikidata",
    "data.bnf.fr": "BnF",
    "bsky.app": "Bluesky",
    "facebook.com": "Facebook",
    "instagram.com": "Instagram",
    "linkedin.com": "LinkedIn",
    "twitter.com": "X",
    "x.com": "X",
    "youtube.com": "YouTube",
}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A page about somebody on another site, or their own."""

    address: str

    @property
    def name(self) -> str:
        """`Wikipédia`, `@lou@piaille.fr`, `lou.example`: what the link is called."""
        parts = urlsplit(self.address)
        host = (parts.hostname or "").removeprefix("www.")
        for known, name in NAMES.items():
            if host == known or host.endswith(f".{known}"):
                return name
        account = parts.path.strip("/")
        return f"{account}@{host}" if account[:1] == "@" and "/" not in account else host


def read_elsewhere(lines: str) -> tuple[Elsewhere, ...]:
    """What is kept, as links."""
    return tuple(Elsewhere(line) for line in lines.splitlines())
