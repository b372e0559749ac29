"""What reading a page of unknown design costs beside bare trafilatura, stage by stage, and whether its memory grows."""

import logging
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from time import process_time

import trafilatura

from core.model import Page
from core.site import Site, load_sites, unknown_site
from core.urls import split
from crawler import SITES as FOLDER
from pipelines.choice import chosen
from pipelines.decode import decoded, parsed
from pipelines.furniture import drop_hidden, furniture_of
from pipelines.impostors import not_an_article
from pipelines.process import is_neighbour, process
from pipelines.signs import signs_of
from tests.bench.processes import SITES, replica
from tests.bench.speed import WEIGHT, fetched
from tests.gates.designs.corpus import cases

_STORIES = 60  # of the replica's Post, besides the written ones of all sites
_FEW = 50  # pages, as one measures with at hand
_MORE = 100  # pages whose stages are told
_WARM = 5  # pages read before the clock runs: what is loaded at first is not the price of a page
_SAMPLES = 100  # looks at the memory
_SITE = unknown_site()
_TEXT = re.compile(r"(<(script|style)\b.*?</\2>)|(>)([^<]+)", re.DOTALL | re.IGNORECASE)
_WORD = re.compile(r"[a-z]{6,}")
_DAY = re.compile(r"\b20\d\d\b")


def measured(pages: int, rounds: int) -> Iterator[str]:
    """Yield what there is to say; the memory, and nothing else, if a number of pages is given.

    rounds is how often the same pages are read by each tool in turn.
    """
    # Pages are made and read for seconds before there is a figure to tell.
    yield f"{rounds} rounds; a ratio of 1.4 is the most that is meant" if not pages else f"memory, {pages:,} pages"
    logging.disable(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        designs = [case.page for case in cases() if case.split == "open"]
        yield from _steady(designs, pages) if pages else _prices(designs, rounds)
    logging.disable(logging.NOTSET)


def _prices(designs: Sequence[Page], rounds: int) -> Iterator[str]:
    yield from _again("pages of the open designs", _few(designs), rounds)
    with replica(_STORIES) as sites:
        for name in SITES:
            pages = _few(list(fetched(sites.stories(name))))
            yield from _again(f"pages of {name}, unknown", pages, rounds)
            site = load_sites(FOLDER)[name].at(sites.addresses[name])
            yield from _again(f"pages of {name}, known", pages, rounds, site)
    yield from _compared("pages of the open designs", _few(designs, _MORE))
    with replica(_STORIES, weight=WEIGHT) as sites:
        filled = [page for name in SITES for page in fetched(sites.stories(name))]
    yield from _compared("pages of the replica, filled up", _few(filled))


def _few(pages: Sequence[Page], most: int = _FEW) -> Sequence[Page]:
    """Return no more than so many pages, taken from all along the row: designs and sites stand side by side in it."""
    return pages[:: -(-len(pages) // most)]


def _compared(name: str, pages: Sequence[Page]) -> Iterator[str]:
    readers: tuple[Callable[[Page, str], object], ...] = (lambda page, _: process(page, _SITE), _trafilatura)
    for page in pages[:_WARM]:
        for reader in readers:
            reader(page, decoded(page))
    spent = [0.0, 0.0]
    stages: Counter[str] = Counter()
    for page in pages:
        text = decoded(page)
        for index, reader in enumerate(readers):
            begun = process_time()
            reader(page, text)
            spent[index] += process_time() - begun
        stages.update(_stages(page))
    count = len(pages)
    own, bare = (1000 * seconds / count for seconds in spent)
    size = sum(len(page.body) for page in pages) / len(pages)
    yield f"{len(pages)} {name}, {size:,.0f} bytes each: {own:.1f} ms of CPU a page, bare trafilatura {bare:.1f} ms"
    yield f"  ratio: {own / bare:.2f}"
    parts = {stage: 1000 * seconds / count for stage, seconds in stages.items()}
    yield "  of it " + ", ".join(f"{stage} {part:.1f} ms" for stage, part in parts.items())
    yield f"  the rest (authors, dates, checks of the outcome) {own - sum(parts.values()):.1f} ms"


def _again(name: str, pages: Sequence[Page], rounds: int, site: Site = _SITE) -> Iterator[str]:
    """Yield what the same pages cost that come again and again: trafilatura has by then all their dates at hand.

    Each tool reads the whole set by itself. A round's ratio stands beside the others', for the machine is never even.
    """
    found = []
    for _ in range(rounds + 1):
        own = _spent(lambda page: process(page, site), pages)
        found.append((own, _spent(lambda page: _trafilatura(page, decoded(page)), pages)))
    own, bare = (1000 * sorted(each)[rounds // 2] / len(pages) for each in zip(*found[1:], strict=True))
    ratios = sorted(one / other for one, other in found[1:])
    yield f"{len(pages)} {name}, the same {rounds} times: {own:.1f} ms of CPU a page, bare trafilatura {bare:.1f} ms"
    yield f"  ratio: {ratios[rounds // 2]:.2f}, by rounds {ratios[0]:.2f} to {ratios[-1]:.2f}"


def _spent(reader: Callable[[Page], object], pages: Sequence[Page]) -> float:
    begun = process_time()
    for page in pages:
        reader(page)
    return process_time() - begun


def _trafilatura(page: Page, text: str) -> object:
    return trafilatura.bare_extraction(
        text, favor_precision=True, include_comments=False, with_metadata=True, url=page.url
    )


def _stages(page: Page) -> dict[str, float]:
    """Return the seconds that each stage of a page takes alone, in the order of the reading."""
    seconds: dict[str, float] = {}
    begun = process_time()

    def ended(stage: str) -> None:
        nonlocal begun
        seconds[stage] = process_time() - begun
        begun = process_time()

    text = decoded(page)
    tree = parsed(text)
    ended("decoding and parsing")
    if tree is None:
        return seconds
    not_an_article(page, tree, _SITE)
    ended("links to stories")
    signs = signs_of(page, text, tree, _SITE)
    ended("signs")
    bare = deepcopy(tree)
    drop_hidden(bare)
    furniture = furniture_of(bare, signs.headline.text, lambda url: is_neighbour(_SITE, url, page))
    kept = furniture.kept()
    for element in furniture.marks:
        if element.getparent() is not None:
            element.drop_tree()
    ended("furniture")
    chosen(bare, kept)
    ended("choice, with trafilatura")
    return seconds


def _steady(designs: Sequence[Page], pages: int) -> Iterator[str]:
    """Yield how much memory this process holds as it reads pages of which no two are alike."""
    sizes = []
    for number, page in enumerate(islice(cycle(designs), pages)):
        process(varied(page, number), _SITE)
        if number % max(pages // _SAMPLES, 1) == 0:
            sizes.append(_resident() / 1e6)
    tenths = [sizes[len(sizes) * tenth // 10] for tenth in range(1, 10)] + [sizes[-1]]
    yield f"{pages:,} pages of the open designs, no two alike, in one process"
    yield f"  memory, MB, from the second tenth on, then the last: {' '.join(f'{size:.0f}' for size in tenths)}"
    yield f"  growth from the second tenth to the last: {tenths[-1] / tenths[0] - 1:+.1%}"


def _resident() -> int:
    """Return the bytes that this process has in memory.

    Whole, not its share: libraries that other processes load or leave would change that, by a tenth and in steps.
    """
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def varied(page: Page, number: int) -> Page:
    """Return a page with other words, years and addresses: caches that hold what they saw are filled by it."""
    parts = split(page.url)
    host = parts.netloc if parts else ""
    text = page.body.decode("utf-8", "surrogateescape")

    def other(found: re.Match[str]) -> str:
        return found[1] or f">{_WORD.sub(lambda word: f'{word[0]}{_letters(number)}', found[4])}"

    changed = _DAY.sub(lambda year: str(1990 + (int(year[0]) + number) % 36), _TEXT.sub(other, text))
    moved = changed.replace(host, f"n{number}.{host}") if host else changed
    url = page.url.replace(host, f"n{number}.{host}") + f"-{number}"
    return replace(page, url=url, body=moved.encode("utf-8", "surrogateescape"))


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(figure)) for figure in str(number))
