"""Where an old address leads now."""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.encoding import escape_uri_path

from broadcasts.filters import SEASON_SLUG, Filters
from broadcasts.models import Broadcast, Redirect, Series, Tag
from broadcasts.services.browsing import public_through
from guests.models import Guest

LONGEST_PATH = 500
OLD_PAGES = {"/dons": "/don", "/feed": "/flux/emissions.xml"}
WORDPRESS_ID_DIGITS = 9
# What stands beside a page, at an address made from its own: a feed, a picture, a part of it.
BESIDE = re.compile(r"(/flux|/partage)?(/(?:emissions|series|invites)/)([-\w]+)([./].+)?")


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The address that answers now; `keeps_query` when what followed `?` still means something."""

    path: str
    keeps_query: bool = False


@dataclass(frozen=True)
class Gone:
    """What was there has been taken away for good."""


def find_old_post(wordpress_id: str) -> Moved | Gone | None:
    """`/?p=38590` → its broadcast. None when it is not ours, or not public."""
    if len(wordpress_id) > WORDPRESS_ID_DIGITS:
        return None
    return _broadcast(Broadcast.objects.filter(wp_legacy_id=int(wordpress_id)).first())


def find_old_path(path: str) -> Moved | Gone | None:
    """What became of a path (percent-decoded) that no page answers at.

    Tried in turn: what was written down; the old site's rules; our own address in other letters or
    with a slash at its end; the old site's `/<slug>/`, which this site's slugs took over.
    """
    if len(path) > LONGEST_PATH:
        return None
    normal = "/" + "/".join(part for part in path.lower().split("/") if part)
    noted = _noted(path.rstrip("/"), normal)
    if noted is not None:
        found = _target(noted)
        return None if isinstance(found, Moved) and found.path == path else found
    if normal in OLD_PAGES:
        return Moved(path=OLD_PAGES[normal])
    if normal.startswith("/cat/"):
        return _category(normal.rpartition("/")[2])
    if normal != path and _is_ours(normal):
        return Moved(path=escape_uri_path(normal), keeps_query=True)
    beside = BESIDE.fullmatch(normal)
    if beside is not None and (beside[1] or beside[4]):
        return _beside(*beside.groups(default=""))
    slug = normal.removeprefix("/")
    return None if "/" in slug else _broadcast(Broadcast.objects.filter(slug=slug).first())


def _beside(before: str, kind: str, slug: str, after: str) -> Moved | Gone | None:
    """What moves along when its page has moved."""
    found = find_old_path(f"{kind}{slug}")
    if isinstance(found, Moved) and found.path.startswith(kind):
        return Moved(path=f"{before}{found.path}{after}")
    return found if isinstance(found, Gone) else None


def _noted(exact: str, normal: str) -> Redirect | None:
    rows = {
        row.path: row
        for row in Redirect.objects.filter(path__in={exact, normal}).select_related(
            "broadcast", "guest", "series"
        )
    }
    return rows.get(exact) or rows.get(normal)


def _target(noted: Redirect) -> Moved | Gone | None:
    if noted.broadcast is not None:
        return _broadcast(noted.broadcast)
    public = Q(pk=noted.guest_id or noted.series_id) & public_through("broadcasts")
    if noted.guest is not None and not Guest.objects.filter(public).exists():
        return None
    if noted.series is not None and not Series.objects.filter(public).exists():
        return None
    return Moved(path=noted.target)


def _broadcast(broadcast: Broadcast | None) -> Moved | Gone | None:
    """A draft's address stays unsaid: it would give its title away."""
    if broadcast is not None and broadcast.status == Broadcast.Status.ARCHIVED:
        return Gone()
    if broadcast is None or not broadcast.is_public:
        return None
    return Moved(path=broadcast.get_absolute_url())


def _category(slug: str) -> Moved | None:
    """The old site's rubrics are keywords here; its seasons were rubrics too."""
    season = SEASON_SLUG.match(slug)
    if season:
        return Moved(path=Filters(season=int(season[1])).address())
    named = Q(slug=slug) | Q(aliases__slug=slug)
    tag = Tag.objects.filter(named, public_through("broadcasts")).first()
    return Moved(path=Filters(tags=(tag,)).address()) if tag else None


def _is_ours(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
