"""Values into the two bodies of a message: HTML with its CSS inlined, and plain text of equal worth."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from notify.alert import Alert
from notify.digest import Digest
from notify.fit import LIMIT, fitted
from notify.phrases import number_of
from notify.plain import columns, padded, wrapped

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a message says, twice."""

    html: str
    text: str


def digest_bodies(whole: Digest, limit: int = LIMIT) -> Bodies:
    """Return a digest in both forms, telling of the same articles, the HTML below `limit` bytes."""
    shown = fitted(whole, lambda candidate: len(_html("digest", digest=candidate).encode()), limit)
    return Bodies(_html("digest", digest=shown), _text("digest", digest=shown))


def alert_bodies(told: Alert) -> Bodies:
    """Return an alert in both forms."""
    return Bodies(_html("alert", alert=told), _text("alert", alert=told))


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
