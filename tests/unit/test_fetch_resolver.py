"""Names and addresses: nothing private is connected to, whatever a name server says and however it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock

from crawler.resolver import Address, PublicResolver, Receiver, hides_private, is_public, refused_names, wire_name

PUBLIC, OTHER, SIX = "93.184.215.14", "1.1.1.1", "2606:4700::1111"


@dataclass
class NameServer:
    """Answers each look-up with the next of its answers, the last for ever."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Receiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[Address]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> object:
        del addressTypes, transportSemantics
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.asked.append(hostName)
        resolutionReceiver.resolutionBegan(self)
        for address in answer:
            kind = IPv6Address if ":" in address else IPv4Address
            resolutionReceiver.addressResolved(kind("TCP", address, portNumber))
        resolutionReceiver.resolutionComplete()
        return self


def connect(reactor: MemoryReactorClock, name: str) -> Deferred[Any]:
    """Connect as Scrapy does."""
    found: Deferred[Any] = HostnameEndpoint(reactor, name, 80).connect(Factory())  # type: ignore[arg-type]
    return found


def connected(answers: list[list[str]], names: list[str], trusted: frozenset[str] = frozenset()) -> list[list[str]]:
    """Return, for each connection to a name by Twisted's own endpoint, the addresses that were connected to."""
    reactor = MemoryReactorClock()  # type: ignore[no-untyped-call]  # Twisted does not say what it returns
    PublicResolver(reactor, NameServer(answers), trusted).install_on_reactor()
    found = []
    for name in names:
        before = len(reactor.tcpClients)
        failures: list[object] = []
        connect(reactor, name).addErrback(failures.append)
        reactor.advance(1)
        to = [client[0] for client in reactor.tcpClients[before:]]
        assert bool(to) != bool(failures), name
        found.append(to)
    return found


def test_a_name_server_that_answers_otherwise_the_second_time_leads_nowhere() -> None:
    assert connected([[PUBLIC], ["127.0.0.1"]], ["www.example.org"] * 2) == [[PUBLIC], []]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::7f00:1",
        "fe80::1%eth0",
    ],
)
def test_a_name_that_leads_to_an_address_that_is_not_public_is_not_connected_to(address: str) -> None:
    assert not is_public(address)
    assert connected([[address]], ["www.example.org"]) == [[]]


@pytest.mark.parametrize("address", [PUBLIC, OTHER, SIX, "64:ff9b::101:101", "2002:101:101::"])
def test_a_name_that_leads_to_a_public_address_is_connected_to(address: str) -> None:
    assert is_public(address)
    assert connected([[address]], ["www.example.org"]) == [[address]]


def test_of_a_name_with_public_and_private_addresses_only_the_public_are_used() -> None:
    assert connected([["10.0.0.1", PUBLIC, "::1"]], ["www.example.org"]) == [[PUBLIC]]


@pytest.mark.parametrize("name", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_an_address_in_an_unusual_form_is_judged_as_the_name_that_it_is_to_others(name: str) -> None:
    assert connected([["127.0.0.1"]], [name]) == [[]]


def test_literal_addresses_and_localhost_are_left_to_the_guard() -> None:
    assert connected([["127.0.0.1"]], ["127.0.0.1", "localhost"]) == [["127.0.0.1"]] * 2


def test_the_machines_own_proxy_may_stand_at_a_private_address() -> None:
    trusted = frozenset({"proxy.office.example"})
    names = ["Proxy.Office.Example.", "www.example.org"]
    assert connected([["10.0.0.8"]], names, trusted) == [["10.0.0.8"], []]


def test_a_name_is_remembered_as_refused_until_it_has_a_public_address() -> None:
    reactor = MemoryReactorClock()  # type: ignore[no-untyped-call]
    PublicResolver(reactor, NameServer([["10.0.0.1"], [], [PUBLIC]])).install_on_reactor()
    assert refused_names(reactor) == set()
    for name in ("www.bücher.example", "unknown.example"):
        connect(reactor, name).addErrback(lambda _: None)
    assert refused_names(reactor) == {"www.xn--bcher-kva.example"}
    connect(reactor, "www.bücher.example").addErrback(lambda _: None)
    assert refused_names(reactor) == set()


def test_a_name_with_any_public_address_is_not_remembered_as_refused() -> None:
    reactor = MemoryReactorClock()  # type: ignore[no-untyped-call]
    PublicResolver(reactor, NameServer([["10.0.0.1", PUBLIC]])).install_on_reactor()
    connect(reactor, "www.example.org").addErrback(lambda _: None)
    assert refused_names(reactor) == set()


def test_a_reactor_with_another_resolver_has_refused_nothing() -> None:
    assert refused_names(MemoryReactorClock()) == set()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "[::1]",
        "::ffff:127.0.0.1",
        "localhost.",
        "db.localhost",
        "017700000001",
        "0x7f000001",
        "10.1",
        "0",
        "[fe80::1%25eth0]",
        "[64:ff9b::a00:1]",
    ],
)
def test_a_private_address_is_known_in_every_form(host: str) -> None:
    assert hides_private(host)


@pytest.mark.parametrize("host", ["www.ohchr.org", "1.1.1.1", "[2606:4700::1111]", "16843009", "", "a" * 300, "bücher"])
def test_a_name_or_a_public_address_hides_nothing(host: str) -> None:
    assert not hides_private(host)


@pytest.mark.parametrize(
    ("host", "name"),
    [("WWW.Example.org.", "www.example.org"), ("bücher.example", "xn--bcher-kva.example"), ("[::1]", "::1")],
)
def test_a_host_has_one_name(host: str, name: str) -> None:
    assert wire_name(host) == name
