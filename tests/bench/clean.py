"""How clean tonle reads pages of unknown design, and how fast, beside what others read off the same pages.

The others are no dependencies of tonle: one that is not installed is left out, with a word. All of them read each page
in turn, in one process, so that whatever else the machine does slows all alike. A reader that says nothing of the
authors or the date is scored as one that found none.
"""

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from importlib import import_module
from time import process_time
from types import ModuleType

from core.model import Page
from core.site import unknown_site
from pipelines.decode import decoded
from pipelines.process import process
from tests.gates.designs.corpus import SPLITS, Case, cases
from tests.gates.designs.scoring import FIGURES, Output, Score, means, output_of, score

Reader = Callable[[Page, str], Output | None]
YARDSTICK = "trafilatura, precise"
"""What the time of every other is told in."""

_NAME_GAP = re.compile(r";|,| and ")


def measured() -> Iterator[str]:
    """Yield what there is to say: who is missing, then a table for the open designs, the reserved ones and all."""
    readers: dict[str, Reader] = {}
    for name, (module, make) in _READERS.items():
        try:
            readers[name] = make(import_module(module))
        except ImportError as error:
            yield f"{name}: not installed, left out ({error})"
    logging.disable(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from _table(readers, cases())
    logging.disable(logging.NOTSET)


def _table(readers: dict[str, Reader], pages: tuple[Case, ...]) -> Iterator[str]:
    scores: dict[str, list[Score]] = {name: [] for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    for name, reader in readers.items():
        _timed(reader, pages[0])  # what is loaded at first is not the price of a page
        yield f"reading {len(pages)} pages with {name}"
    for case in pages:
        for name, reader in readers.items():
            spent, output = _timed(reader, case)
            seconds[name] += spent
            scores[name].append(score(case.truth, output))
    for split in (*SPLITS, "all"):
        yield f"{split:<24}" + "".join(f"{figure:>12}" for figure in FIGURES) + f"{'ms a page':>12}{'times':>8}"
        for name, found in scores.items():
            part = [one for case, one in zip(pages, found, strict=True) if split in {case.split, "all"}]
            row = "".join(f"{value:>12.3f}" for value in means(part).values())
            time = f"{1000 * seconds[name] / len(pages):>12.1f}{seconds[name] / seconds[YARDSTICK]:>8.2f}"
            yield f"  {name:<22}{row}{time if split == 'all' else ''}"


def _timed(reader: Reader, case: Case) -> tuple[float, Output | None]:
    """Return the processor's seconds that a reader took for a page, and what it read; nothing where it failed."""
    text = decoded(case.page)
    begun = process_time()
    try:
        output = reader(case.page, text)
    except Exception:  # noqa: BLE001  # each library fails in its own ways, and a failure is an answer
        output = None
    return process_time() - begun, output


def _tonle(_: ModuleType) -> Reader:
    site = unknown_site()
    return lambda page, _: output_of(process(page, site))


def _trafilatura(library: ModuleType, **options: bool) -> Reader:
    def read(page: Page, _: str) -> Output | None:
        found = library.bare_extraction(page.body, url=page.url, with_metadata=True, **options)
        if found is None:
            return None
        return Output(_lines(found.text), found.title or "", _names(found.author), _moment(found.date))

    return read


def _readability(library: ModuleType) -> Reader:
    html = import_module("lxml.html")

    def read(_: Page, text: str) -> Output:
        document = library.Document(text)
        tree = html.fromstring(document.summary(html_partial=True))
        for block in tree.iter("p", "div", "li", "br", "tr", "h2", "h3", "h4", "blockquote"):
            block.tail = f"\n{block.tail or ''}"
        return Output(_lines(tree.text_content()), document.short_title())

    return read


def _newspaper(library: ModuleType) -> Reader:
    def read(page: Page, text: str) -> Output:
        article = library.Article(page.url, fetch_images=False)
        article.download(input_html=text)
        article.parse()
        return Output(_lines(article.text), article.title or "", tuple(article.authors), _moment(article.publish_date))

    return read


def _news_please(library: ModuleType) -> Reader:
    def read(page: Page, text: str) -> Output:
        article = library.NewsPlease.from_html(text, url=page.url, fetch_images=False)
        return Output(
            _lines(article.maintext), article.title or "", tuple(article.authors), _moment(article.date_publish)
        )

    return read


def _resiliparse(library: ModuleType) -> Reader:
    def read(_: Page, text: str) -> Output:
        return Output(_lines(library.extract_plain_text(text, main_content=True, alt_texts=False, comments=False)))

    return read


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _names(author: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in _NAME_GAP.split(author or "") if name.strip())


def _moment(found: object) -> datetime | None:
    try:
        return found if isinstance(found, datetime) else datetime.fromisoformat(str(found))
    except ValueError:
        return None


_READERS: dict[str, tuple[str, Callable[[ModuleType], Reader]]] = {
    "tonle": ("pipelines.process", _tonle),
    "trafilatura": ("trafilatura", _trafilatura),
    YARDSTICK: ("trafilatura", partial(_trafilatura, favor_precision=True, include_comments=False)),
    "trafilatura, fast": (
        "trafilatura",
        partial(_trafilatura, favor_precision=True, include_comments=False, fast=True),
    ),
    "readability-lxml": ("readability", _readability),
    "newspaper4k": ("newspaper", _newspaper),
    "news-please": ("newsplease", _news_please),
    "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
}
