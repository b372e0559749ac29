"""Keeps connections off private addresses, at the one moment that counts: when a name is looked up to connect to it.

A check before the connection looks the name up a second time, and a name server may answer the two otherwise (DNS
rebinding). So this resolver is the process's only one, and what it gives is what is connected to.
"""

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

import structlog
from scrapy.crawler import AsyncCrawlerProcess
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from core.urls import is_private

log = structlog.get_logger()
Address = IPv4Address | IPv6Address


class Receiver(Protocol):
    """Twisted's IResolutionReceiver, whose own form type checkers do not understand."""

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802  # Twisted's names, here and below
        """Hear that a look-up has begun."""

    def addressResolved(self, address: Address) -> None:  # noqa: N802
        """Hear of one address."""

    def resolutionComplete(self) -> None:  # noqa: N802
        """Hear that there are no more."""


class Resolver(Protocol):
    """Twisted's IHostnameResolver, as above."""

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Receiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Address]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> object:
        """Look a name up and tell the receiver."""


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: the last 32 bits are an IPv4 address
_COMPATIBLE = ipaddress.IPv6Network("::/96")  # RFC 4291 §2.5.5.1, given up, and still understood by some systems


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet, also after what it wraps (IPv4 in IPv6)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return True
    return not found.is_site_local and all(is_public(str(inner)) for inner in _wrapped(found))


def _wrapped(address: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address in _NAT64 or address in _COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def hides_private(host: str) -> bool:
    """Return whether a host is a private address in any form that systems take for one (2130706433, 0x7f.1, 127.1).

    A name is none, whatever it resolves to: that shows when it is connected to. localhost by name is.
    """
    plain = host.strip("[]").rstrip(".")
    if is_private(plain):
        return True
    try:
        return not is_public(plain)
    except ValueError:
        pass
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(plain)))
    except (OSError, UnicodeError):
        return False


def wire_name(host: str) -> str:
    """Return a host's name as it goes over the wire: in lower case, in ASCII, without a dot at its end."""
    plain = host.strip("[]").rstrip(".").casefold()
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


@implementer(IHostnameResolver)
class PublicResolver:
    """Gives of a name's addresses only those that are public.

    Not judged are literal addresses and localhost, which the guard lets pass only for a source that stands there, and
    the names of the proxies that this machine is set up with. `refused` holds the names that have no public address.
    """

    def __init__(
        self,
        reactor: Any,  # noqa: ANN401  # Twisted does not type its reactor, here and below
        system: Resolver,
        trusted: frozenset[str] = frozenset(),
    ) -> None:
        self.reactor = reactor
        self.refused: set[str] = set()
        self._system = system
        self._trusted = trusted

    @classmethod
    def from_crawler(cls, crawler: AsyncCrawlerProcess, reactor: Any) -> Self:  # noqa: ANN401
        """Return the resolver of a process that crawls; Scrapy calls this as its setting TWISTED_DNS_RESOLVER asks."""
        del crawler
        hosts = (urlsplit(url if "://" in url else f"//{url}").hostname for url in getproxies().values())
        return cls(reactor, reactor.nameResolver, frozenset(wire_name(host) for host in hosts if host))

    def install_on_reactor(self) -> None:
        """Become the resolver of all connections of the process."""
        self.reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Receiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Address]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> object:
        """Look a name up anew for each connection, and tell the receiver of what may be connected to."""
        name = wire_name(hostName)
        is_judged = not (is_private(name) or name in self._trusted)
        receiver = _PublicOnly(resolutionReceiver, name, self.refused) if is_judged else resolutionReceiver
        return self._system.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes the public addresses of one look-up on; notes the name where there was none but others."""

    def __init__(self, receiver: Receiver, name: str, refused: set[str]) -> None:
        self._receiver = receiver
        self._name = name
        self._refused = refused
        self._private: list[str] = []
        self._is_usable = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Address) -> None:  # noqa: N802
        if not is_public(address.host):
            self._private.append(address.host)
        else:
            self._is_usable = True
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._private and not self._is_usable:
            self._refused.add(self._name)
            log.warning("host.refused", host=self._name, addresses=sorted(set(self._private)))
        else:
            self._refused.discard(self._name)
        self._receiver.resolutionComplete()


def refused_names(reactor: Any) -> frozenset[str]:  # noqa: ANN401
    """Return the names that a reactor's resolver has found to have no public address."""
    resolver = reactor.nameResolver
    return frozenset(resolver.refused) if isinstance(resolver, PublicResolver) else frozenset()
