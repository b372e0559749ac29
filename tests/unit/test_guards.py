"""Guards held against whatever chance comes up with: addresses, names, words for a terminal and for a log."""

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.cli.options import printable
from core.log import _as_json, _seen
from core.rules import Name
from crawler.resolver import hides_private, is_public

_CLOSED = [
    *(IPv4Network(net) for net in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),
    *(IPv4Network(net) for net in ("172.16.0.0/12", "192.168.0.0/16")),
]
CLOSED = st.sampled_from(_CLOSED).flatmap(lambda net: st.integers(int(net[0]), int(net[-1])).map(IPv4Address))
_NAMES = TypeAdapter(Name)


def forms(address: IPv4Address) -> list[str]:
    """Return the ways in which systems let an address be written."""
    whole, parts = int(address), address.packed
    return [
        str(whole),
        hex(whole),
        f"0{whole:o}",
        ".".join(map(hex, parts)),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{whole & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{whole & 0xFFFF}",
        f"[::ffff:{address}]",
        f"[{IPv6Address((0x64FF9B << 96) | whole)}]",
        f"[{IPv6Address((0x2002 << 112) | (whole << 80))}]",
        f"{address}.",
    ]


@given(CLOSED)
@settings(max_examples=60, deadline=None)
def test_no_private_address_passes_for_a_public_one_however_it_is_written(address: IPv4Address) -> None:
    assert [form for form in forms(address) if not hides_private(form)] == []
    assert not is_public(str(address))


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_nothing_that_steers_a_terminal_is_left_of_any_text(text: str) -> None:
    hostile = f"{text}\x1b[2J\x9b\u202e{text}"
    assert {c for c in printable(hostile) if not c.isprintable()} <= set("\x02\x03\n\u200b\u200c\u200d")
    assert all(line.isprintable() for line in _seen(hostile).split("\n"))


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_whatever_is_logged_is_one_line_that_says_it_all(text: str) -> None:
    said = f"{text}\r\n\x85\u2028{{}}\x1b[31m\U000e0001"
    line = _as_json({"error": said})
    assert line.isprintable()
    assert json.loads(line) == {"error": said}


def test_what_a_library_says_cannot_pass_for_another_event() -> None:
    assert _seen("ERROR x: a\n2026-11-22 crawl.ended\x1b[31m") == "ERROR x: a\n  2026-11-22 crawl.ended\\u001b[31m"


@given(
    st.text(max_size=12),
    st.sampled_from(["/", "\\", "..", "\0", "\n", ":", "%", ".", "\u202e", " "]),
    st.text(max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_no_name_of_the_settings_leads_out_of_its_folder(before: str, odd: str, after: str) -> None:
    with pytest.raises(ValidationError):
        _NAMES.validate_python(before + odd + after)
