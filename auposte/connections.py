"""How the site connects to other people's servers: to checked addresses, and within a time.

A URL that somebody typed may lead inside our own network (SSRF). The check sits where the socket
is opened and the connection goes to the very address that was checked, so neither a redirect nor
a name that changes its mind between two look-ups gets past it.
"""

import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import httpcore
import httpx

from auposte.external import ExternalServiceError

# https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 twin, written out:
# `ipaddress.is_global` answers differently from one Python to the next.
FORBIDDEN_V4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Global unicast; loopback, mapped IPv4, NAT64, link-local, ULA and multicast lie outside of it.
ALLOWED_V6 = ipaddress.IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(
    ipaddress.IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
# A name with many addresses gets this many tries.
ADDRESSES_TRIED = 3
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0

SocketOptions: TypeAlias = Iterable[Any] | None
Resolver: TypeAlias = Callable[[str, int], list[str]]


class Deadline:
    """A moment by which everything must be over, however slowly the other side drips."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Count the seconds from now."""
        self._end = time.monotonic() + self.seconds

    def within(self, timeout: float | None) -> float:
        """The seconds that one operation may take; httpcore.ReadTimeout when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if timeout is None else min(left, timeout)


def is_public_address(address: str) -> bool:
    """Whether an IP address belongs to the open internet, so to nobody's inner network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in block for block in FORBIDDEN_V4)
    return ip in ALLOWED_V6 and not any(ip in block for block in FORBIDDEN_V6)


def resolve(host: str, port: int) -> list[str]:
    """The addresses that the system knows a host by. ExternalServiceError when there are none.

    The resolver has a time limit of its own, which no deadline of ours shortens.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        again = error.errno == socket.EAI_AGAIN
        raise ExternalServiceError(
            f"On ne trouve pas le serveur {shown(host)}.", permanent=not again
        ) from None
    except (UnicodeError, OSError, ValueError):
        raise ExternalServiceError("Le nom du serveur est illisible.", permanent=True) from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        within = self._deadline.within(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, within)
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """Opens sockets: resolves once, checks every address, connects to one of those."""

    def __init__(self, *, deadline: Deadline, any_address: bool, resolver: Resolver) -> None:
        self._deadline, self._any_address, self._resolver = deadline, any_address, resolver
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolver(host, port)
        if not self._any_address and not all(map(is_public_address, addresses)):
            raise ExternalServiceError(
                "Cette adresse mène dans un réseau privé : on n’y va pas.", permanent=True
            )
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.within(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # reading them takes a while


class Transport(httpx.HTTPTransport):
    """httpx's own transport over sockets that are checked and timed; no proxy, no environment.

    `any_address` is for servers that the operator named: those may stand on this machine.
    """

    def __init__(
        self, *, deadline: Deadline, any_address: bool = False, resolver: Resolver = resolve
    ) -> None:
        super().__init__(trust_env=False, verify=_certificates())
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            network_backend=_Network(deadline=deadline, any_address=any_address, resolver=resolver),
            max_connections=2,
        )


def timeouts() -> httpx.Timeout:
    """For one operation each (seconds); a Deadline bounds their sum."""
    return httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)


def shown(host: str) -> str:
    """A host as a message may show it."""
    return host if len(host) <= 60 else f"{host[:59]}…"


def failure_of(error: httpx.HTTPError, host: str) -> ExternalServiceError:
    """What went wrong on the way, in words for editors; trying again may help."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__  # httpcore hides its causes
    name = shown(host)
    if cause is not None:
        words = f"La connexion sûre avec {name} échoue : son certificat ne convient pas."
    elif isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        words = f"{name} est injoignable."
    elif isinstance(error, httpx.TimeoutException):
        words = f"{name} met trop de temps à répondre."
    else:
        words = f"La réponse de {name} est coupée ou illisible."
    return ExternalServiceError(words, permanent=False)
