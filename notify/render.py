"""Values into the two bodies of a message: HTML with its CSS inlined, and plain text of equal worth."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from weakref import WeakKeyDictionary

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from notify.alert import Alert
from notify.bulletin import Bulletin, Heartbeat
from notify.causes import SECTION
from notify.digest import Digest
from notify.fit import LIMIT, fitted
from notify.phrases import number_of, visible
from notify.plain import columns, padded, wrapped
from notify.summary import Summary, abbreviated

_TEMPLATES = Path(__file__).parent / "templates"
_FOOT = "<!--foot-->"
_FOOT_ROOM = 1_500
"""Bytes that are left for what is put into the foot of a message after it was rendered."""
_LINK = re.compile(r"((?:https?://|mailto:)[^\s<>\"]+)")


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a message says, twice."""

    html: str
    text: str

    def footed(self, line: str) -> "Bodies":
        """Return the same with one line more at the foot, such as how to get no more; an address in it is a link.

        It is put in after rendering: what else a message says is the same for all readers of one view.
        """
        if not line:
            return self
        parts = [part.strip() for part in _LINK.split(visible(line)) if part.strip()]
        html = " ".join(_anchor(part) if _LINK.match(part) else escape(part) for part in parts)
        text = "\n".join(f"  {part}" if _LINK.match(part) else wrapped(part) for part in parts)
        return Bodies(self.html.replace(_FOOT, f"<br>{html}"), f"{self.text}{text}\n")


_RENDERED: WeakKeyDictionary[Digest, dict[int, Bodies]] = WeakKeyDictionary()


def _anchor(address: str) -> str:
    return f'<a style="color: #0c6a6d;" href="{escape(address)}">{escape(address.removeprefix("mailto:"))}</a>'


def digest_bodies(whole: Digest, limit: int = LIMIT) -> Bodies:
    """Return a digest in both forms, telling of the same articles, the HTML below `limit` bytes, a foot included.

    The same digest is rendered once: readers of one view are given the same one.
    """
    known = _RENDERED.setdefault(whole, {})
    if limit not in known:
        shown = fitted(whole, lambda candidate: len(_html("digest", digest=candidate).encode()), limit - _FOOT_ROOM)
        known[limit] = Bodies(_html("digest", digest=shown), _text("digest", digest=shown))
    return known[limit]


def alert_bodies(told: Alert) -> Bodies:
    """Return an alert in both forms."""
    return Bodies(_html("alert", alert=told), _text("alert", alert=told))


def summary_bodies(whole: Summary, limit: int = LIMIT) -> Bodies:
    """Return many alerts in both forms, naming the same ones, the HTML below `limit` bytes, a foot included."""
    room, number = limit - _FOOT_ROOM, whole.number
    shown = whole
    page = _html("summary", summary=shown)
    while (size := len(page.encode())) >= room and number:
        number = min(number - 1, int(0.98 * number * room / size))
        shown = abbreviated(whole, number)
        page = _html("summary", summary=shown)
    return Bodies(page, _text("summary", summary=shown))


def bulletin_bodies(told: Bulletin) -> Bodies:
    """Return alarms to the operator in both forms."""
    values = {"bulletin": told, "alone": len(told.alarms) + len(told.ended) == 1, "section": SECTION}
    return Bodies(_html("bulletin", **values), _text("bulletin", **values))


def heartbeat_bodies(told: Heartbeat) -> Bodies:
    """Return a sign of life in both forms."""
    return Bodies(
        _html("heartbeat", heartbeat=told, section=SECTION), _text("heartbeat", heartbeat=told, section=SECTION)
    )


def _html(name: str, **values: object) -> str:
    page = _environment().get_template(f"{name}.html.j2").render(values)
    return _inliner().inline(page)


def _text(name: str, **values: object) -> str:
    return _environment().get_template(f"{name}.txt.j2").render(values).strip() + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"wrapped": wrapped, "ruled": _ruled, "number_of": number_of, "padded": padded}
    return environment


@cache
def _inliner() -> CSSInliner:
    # The style element must stay with its @media rules, or there is no dark mode; nothing is fetched.
    return CSSInliner(
        keep_style_tags=True, keep_at_rules=True, remove_inlined_selectors=True, load_remote_stylesheets=False
    )


def _ruled(heading: str, rule: str) -> str:
    """Return a heading in lines, underlined as far as it reaches."""
    lines = wrapped(heading)
    return f"{lines}\n{rule * max(map(columns, lines.splitlines()))}"
