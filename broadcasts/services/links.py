"""Looking after the links that lead out of the archive, slowly: nobody is in a hurry."""

import datetime as dt
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from auposte.downloads import probe
from auposte.external import ExternalServiceError
from broadcasts.models import Broadcast, OutgoingLink

LONGEST = 2000
WHEN_FINE = dt.timedelta(days=30)
WHEN_FAILING = dt.timedelta(days=1)
WHEN_BROKEN = dt.timedelta(days=7)
# Answers that say "not you", not "not there": many sites turn robots away.
TURNED_AWAY = {401, 402, 403, 405, 406, 407, 429, 451, 999}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def links_in(html: str) -> set[str]:
    """The web addresses that a text links to, but for our own; without what follows `#`."""
    parser = _Links()
    parser.feed(html)
    ours = urlsplit(settings.SITE_URL).netloc
    found = {link.partition("#")[0].strip() for link in parser.found}
    return {
        link
        for link in found
        if link.startswith(("http://", "https://"))
        and len(link) <= LONGEST
        and urlsplit(link).netloc not in ("", ours)
    }


@transaction.atomic
def note_links(broadcast: Broadcast) -> None:
    """Write down the links of a broadcast's text; those that nobody links to any more are gone."""
    wanted = links_in(broadcast.body_opening + broadcast.body_rest)
    OutgoingLink.objects.bulk_create(
        (OutgoingLink(url=url) for url in sorted(wanted)), ignore_conflicts=True
    )
    broadcast.outgoing_links.set(OutgoingLink.objects.filter(url__in=wanted))
    OutgoingLink.objects.filter(broadcasts=None).delete()


def changed_since(moment: str, pk: int) -> list[Broadcast]:
    """Up to fifty broadcasts changed after this mark (ISO moment and key), in order of change."""
    later = Q(pk__gt=0)
    if moment:
        mark = dt.datetime.fromisoformat(moment)
        later = Q(updated_at__gt=mark) | Q(updated_at=mark, pk__gt=pk)
    texts = Broadcast.objects.filter(later).exclude(status=Broadcast.Status.ARCHIVED)
    return list(
        texts.only("updated_at", "body_opening", "body_rest").order_by("updated_at", "pk")[:50]
    )


def check_link(link: OutgoingLink) -> bool:
    """Ask the link's server once; whether the link is good, as far as one can tell."""
    status, problem = None, ""
    try:
        # Our own PeerTube may stand on this very machine.
        status = probe(link.url, trusted_origins=(settings.PEERTUBE_URL,))
        if status >= 400 and status not in TURNED_AWAY:
            problem = f"Le serveur répond {status}."
    except ExternalServiceError as error:
        problem = str(error)
    now = timezone.now()
    link.status, link.problem, link.checked_at = status, problem[:300], now
    link.failures = min(link.failures + 1, 1000) if problem else 0
    wait = (WHEN_BROKEN if link.is_broken else WHEN_FAILING) if problem else WHEN_FINE
    link.check_due_at = now + wait
    link.save(update_fields=["status", "problem", "checked_at", "failures", "check_due_at"])
    return not problem


def due_links(count: int) -> list[OutgoingLink]:
    """Links to check now, no two of one site: nobody's server is asked twice in a row."""
    chosen: dict[str, OutgoingLink] = {}
    for link in OutgoingLink.objects.due()[: count * 10]:
        chosen.setdefault(urlsplit(link.url).netloc, link)
    return list(chosen.values())[:count]
