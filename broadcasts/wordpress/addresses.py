"""Addresses of the old site, as links and files write them."""

import re
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from django.utils.encoding import repercent_broken_unicode

LONGEST_PATH = 500
# What WordPress appends to the address of a post for another view of it.
VIEWS = re.compile(r"/(?:feed|amp|embed|trackback|page/\d+|comment-page-\d+)$")
SIZE = re.compile(r"(?:-\d+x\d+|-scaled|-rotated|-e\d{10,})+(?=\.[a-z0-9]+$)", re.IGNORECASE)


def decoded(path: str) -> str:
    """A path as a request for it would be read: percent-decoded, broken sequences left encoded."""
    return repercent_broken_unicode(unquote_to_bytes(path)).decode()


def normal_path(path: str) -> str:
    """As redirects keep it: decoded, lower case, single slashes, none at the end; "" for the home.

    Empty too when it is longer than a redirect can be.
    """
    parts = [part for part in decoded(path).lower().split("/") if part]
    found = "/" + "/".join(parts) if parts else ""
    return found if len(found) <= LONGEST_PATH else ""


def path_of(url: str) -> str:
    """The normal path of an absolute address; "" for the home, `?p=` addresses and rubbish."""
    try:
        return normal_path(urlsplit(url.strip()).path)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """`https://www.auposte.fr:443/x` → `auposte.fr`; "" where there is none."""
    try:
        return (urlsplit(url.strip()).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def post_id_of(url: str) -> int | None:
    """The number in `/?p=38590`."""
    try:
        parts = urlsplit(url.strip())
        query = parse_qs(parts.query)
    except ValueError:
        return None
    if parts.path.strip("/"):
        return None
    for name in ("p", "page_id", "attachment_id"):
        value = query.get(name, [""])[0]
        if value.isascii() and value.isdecimal() and len(value) < 12:
            return int(value)
    return None


def without_view(path: str) -> str:
    """`/mon-article/feed` → `/mon-article`."""
    return VIEWS.sub("", path)


def file_key(url: str) -> str:
    """One key for all the sizes of an upload: `…/uploads/2025/05/x-300x200.jpg` → `2025/05/x.jpg`.

    Without the host, which may have changed; "" for what is no upload.
    """
    path = path_of(url)
    _, found, inside = path.partition("/uploads/")
    return SIZE.sub("", inside) if found else ""
