"""Fetch a file from an address that somebody gave: a picture of an old post, a thumbnail.

The address is not trusted: see `auposte.connections` for where it may lead. Nothing of what comes
back is trusted either: its size, its type and its pace are held to what the caller expects.
"""

import datetime as dt
import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

from auposte.connections import Deadline, Transport, failure_of, shown, timeouts
from auposte.content_types import RECOGNISED, claimed_type, recognised_type
from auposte.external import ExternalServiceError

T = TypeVar("T", int, "Downloaded")

MAX_REDIRECTS = 5
MAX_ADDRESS = 2000
TOTAL_SECONDS = 30.0
# Nobody is made to wait longer than a day by a header.
MAX_RETRY_AFTER = 86_400
AGENT = "Mozilla/5.0 (compatible; AuPoste)"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """A whole file. `content_type` is what its bytes are; `final_url` is after redirects."""

    content: bytes
    content_type: str
    final_url: str


def download(
    url: str,
    *,
    max_bytes: int,
    content_types: Collection[str],
    trusted_origins: Collection[str] = (),
    timeout: float = TOTAL_SECONDS,
) -> Downloaded:
    """The file at `url`, of at most `max_bytes` and one of `content_types` ("image/jpeg", …).

    http and https only, on their own ports, to public addresses; up to five redirects, each held to
    the same rules. `trusted_origins` (`http://127.0.0.1:9000`, exactly) may have any port and
    address. `timeout` is in seconds, for everything together. The type must be one of those in the
    header (which may be silent) and in the first bytes; where both are allowed, the bytes decide.

    Raises ExternalServiceError with a French message: permanent for what will not change, missing
    for 404 and 410, retry_after (seconds) where the server says it.
    """
    fetch = functools.partial(_fetch, max_bytes=max_bytes, content_types=content_types)
    return _follow(url, fetch, trusted_origins=trusted_origins, timeout=timeout)


def probe(
    url: str, *, trusted_origins: Collection[str] = (), timeout: float = TOTAL_SECONDS
) -> int:
    """The HTTP status that a page answers with, after redirects; nothing of it is read.

    Held to the same rules as `download`, and raises the same error when no answer comes.
    """
    return _follow(url, _status, trusted_origins=trusted_origins, timeout=timeout)


def _follow(
    url: str,
    ask: Callable[[httpx.Client, httpx.URL], T | httpx.URL],
    *,
    trusted_origins: Collection[str],
    timeout: float,
) -> T:
    """What `ask` finds where the redirects end."""
    deadline = Deadline(timeout)
    address = _address(url)
    for _ in range(MAX_REDIRECTS + 1):
        trusted = _origin(address) in trusted_origins
        _check(address, trusted=trusted)
        transport = Transport(deadline=deadline, any_address=trusted)
        with httpx.Client(transport=transport, trust_env=False, timeout=timeouts()) as client:
            try:
                answer = ask(client, address)
            except httpx.HTTPError as error:
                raise failure_of(error, address.host) from None
        if not isinstance(answer, httpx.URL):
            return answer
        address = answer
    raise ExternalServiceError("Cette adresse renvoie de page en page, sans fin.", permanent=True)


def _status(client: httpx.Client, address: httpx.URL) -> int | httpx.URL:
    """One request. GET, since many servers answer HEAD otherwise; the body is left unread."""
    headers = {"User-Agent": AGENT, "Accept": "text/html, */*;q=0.5"}
    with client.stream("GET", address, headers=headers, follow_redirects=False) as response:
        if response.next_request is not None:
            return _address(str(response.next_request.url))
        return response.status_code


def _address(url: str) -> httpx.URL:
    try:
        if len(url) > MAX_ADDRESS:
            raise ValueError(url)
        # What follows a # is for readers, and a server has no use for it.
        return httpx.URL(url.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise ExternalServiceError("Cette adresse est illisible.", permanent=True) from None


def _origin(address: httpx.URL) -> str:
    netloc = address.netloc.decode("ascii", "replace")
    return f"{address.scheme}://{netloc}"


def _check(address: httpx.URL, *, trusted: bool) -> None:
    words = ""
    if address.scheme not in PORTS or not address.host:
        words = "Cette adresse ne commence ni par http:// ni par https://."
    elif address.userinfo:
        words = "Cette adresse contient un identifiant : on n’y va pas."
    elif not trusted and address.port not in {None, PORTS[address.scheme]}:
        words = "Cette adresse a un port inhabituel : on n’y va pas."
    if words:
        raise ExternalServiceError(words, permanent=True)


def _fetch(
    client: httpx.Client, address: httpx.URL, *, max_bytes: int, content_types: Collection[str]
) -> Downloaded | httpx.URL:
    """One request: the file, or where it is said to be."""
    headers = {
        "User-Agent": AGENT,
        "Accept": ", ".join(content_types),
        # A small body must not unpack into a large one.
        "Accept-Encoding": "identity",
    }
    with client.stream("GET", address, headers=headers, follow_redirects=False) as response:
        if response.next_request is not None:
            return _address(str(response.next_request.url))
        if response.status_code != httpx.codes.OK:
            raise _refusal(response, address.host)
        claimed = claimed_type(response.headers.get("content-type", ""))
        if claimed and claimed not in content_types:
            raise _wrong_type(claimed)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ExternalServiceError("Ce fichier arrive compressé.", permanent=True)
        content = _body(response, max_bytes)
    actual = recognised_type(content) or ("" if claimed in RECOGNISED else claimed)
    if actual not in content_types:
        raise _wrong_type(actual)
    return Downloaded(content=content, content_type=actual, final_url=str(address))


def _body(response: httpx.Response, max_bytes: int) -> bytes:
    too_large = ExternalServiceError(
        f"Ce fichier est trop lourd : {_weight(max_bytes)} au plus.", permanent=True
    )
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise too_large
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > max_bytes:
            raise too_large
    if not content:
        raise ExternalServiceError("Ce fichier est vide.", permanent=True)
    return bytes(content)


def _weight(size: int) -> str:
    megabytes = size // 1_048_576
    return f"{megabytes} Mo" if megabytes else f"{size // 1024} Ko"


def _wrong_type(found: str) -> ExternalServiceError:
    detail = f" ({shown(found)})" if found else ""
    return ExternalServiceError(f"Ce fichier n’est pas du type attendu{detail}.", permanent=True)


def _refusal(response: httpx.Response, host: str) -> ExternalServiceError:
    status, name = response.status_code, shown(host)
    if status in {404, 410}:
        return ExternalServiceError(
            f"{name} n’a pas ce fichier ({status}).", permanent=True, missing=True
        )
    if status == httpx.codes.TOO_MANY_REQUESTS:
        words, permanent = f"{name} demande d’attendre ({status}).", False
    elif status == httpx.codes.REQUEST_TIMEOUT or status >= 500:
        words, permanent = f"{name} est en panne ({status}).", False
    else:
        words, permanent = f"{name} refuse de donner ce fichier ({status}).", True
    wait = None if permanent else retry_after(response.headers.get("retry-after", ""))
    return ExternalServiceError(words, permanent=permanent, retry_after=wait)


def retry_after(header: str) -> int | None:
    """Seconds to wait, from a Retry-After header in either of its forms; a day at most."""
    header = header.strip()
    if header.isascii() and header.isdecimal():
        return min(int(header[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(header)
        seconds = (moment - dt.datetime.now(dt.UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, min(int(seconds), MAX_RETRY_AFTER))
