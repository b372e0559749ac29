"""The pages: three to seven of each design, rendered from the templates in open/ and reserved/, with the truth of each.

Whoever writes rules for pages of unknown design looks at `open` alone: `reserved` tells whether they hold elsewhere.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.model import Page
from tests.gates.designs.sheet import Manner, Sheet, Truth
from tests.gates.designs.story import SHAPES, Desk, topics_of

FOLDER = Path(__file__).parent
SPLITS = ("open", "reserved")
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
_OTHERS = 22  # stories of a site that are shown in lists alone


@dataclass(frozen=True, slots=True)
class Case:
    """A page and its truth; number counts the pages of its design. A failing test prints its name alone.

    items are what listings say of all stories of its site, the page's own at `number`: (headline, summary).
    """

    split: str
    design: str
    number: int
    page: Page = field(repr=False)
    truth: Truth = field(repr=False)
    items: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        return f"{self.design} {self.number}"


@cache
def cases() -> tuple[Case, ...]:
    """Return all pages, always the same."""
    return tuple(case for split in SPLITS for path in sorted((FOLDER / split).glob("*.html")) for case in _cases(path))


def corpus_hash(found: tuple[Case, ...]) -> str:
    """Name pages and truths: SHA-256, hexadecimal."""
    digest = hashlib.sha256()
    for case in found:
        told = json.dumps([case.split, case.name, case.page.url, asdict(case.truth)], sort_keys=True)
        digest.update(told.encode())
        digest.update(case.page.body)
    return digest.hexdigest()


def _cases(path: Path) -> Iterator[Case]:
    head = _head(path)
    shapes = tuple(head.pop("shapes", "").split()) or SHAPES
    topics, authors = topics_of(head.pop("topics", "")), tuple(map(int, head.pop("authors", "1").split()))
    hours = float(head.pop("hours", "7"))
    manner = Manner(**head, hours=hours)
    stories = Desk(manner.site, manner.title, manner.language, topics, authors).stories(shapes, _OTHERS)
    template = _templates(path.parent).get_template(path.name)
    for number in range(len(shapes)):
        sheet = Sheet(manner, stories[number], stories, number)
        methods = {name: getattr(sheet, name) for name in dir(Sheet) if not name.startswith("_")}
        html = template.render(methods | {"site": manner, "story": sheet.story, "number": number, "sheet": sheet})
        headers = {"content-type": "text/html" if manner.charset != "utf-8" else "text/html; charset=utf-8"}
        page = Page(sheet.url, 200, headers, html.encode(manner.charset, "xmlcharrefreplace"), NOW)
        items = tuple((story.title, story.summary) for story in stories)
        yield Case(path.parent.name, path.stem, number, page, sheet.truth(), items)


def _head(path: Path) -> dict[str, str]:
    """Return the lines `name: words` of the comment that opens a template."""
    comment = path.read_text("utf-8").partition("#}")[0].removeprefix("{#")
    pairs = (line.partition(":") for line in comment.splitlines() if ":" in line)
    return {name.strip(): words.strip() for name, _, words in pairs}


@cache
def _templates(folder: Path) -> Environment:
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
