"""How well articles are read off pages: floors that are pinned, and the corpus that they were measured on.

The pages are the replica's, before and after each of its first two moves; what they hold is the replica's truth. The
floors stand in extraction.json beside this file, under a seal: TONLE_PIN_FLOORS=1 measures anew and writes them, and
only with TONLE_LOWER_FLOORS=1 as well does it write a floor that is lower than before. `-s` prints the figures.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import Site, load_sites
from core.text import normalised
from crawler import SITES
from pipelines.process import process
from replica import Replica, Truth

PINNED = Path(__file__).with_name("extraction.json")
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
MOVES = 2
FIGURES = ("recall", "precision", "clean", "title", "authors", "date", "notes", "refusals")
Figures = dict[str, dict[str, float]]
Floors = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of the replica, what is on it, and what was read."""

    page: Page
    truth: Truth
    result: Draft | Skipped

    @property
    def refusal(self) -> Reason | None:
        """Why a perfect reader takes no article off the page; None where there is one."""
        if self.truth.state == "unreadable":
            return Reason.CHALLENGE
        return Reason.PAYWALL if "paywall-stub" in self.truth.traps else None


def published(truth: Truth) -> datetime | None:
    """Return what a careful reader says of the date: one that is still to come is none."""
    moment = datetime.fromisoformat(truth.published_at) if truth.published_at else None
    return moment if moment is None or moment <= NOW + timedelta(days=1) else None


def same_date(draft: Draft, truth: Truth) -> bool:
    """Compare moments on the Post and days on OHCHR, which prints no time."""
    expected = published(truth)
    if expected is None or draft.published_at is None:
        return expected is draft.published_at is None
    if truth.site == "phnom-penh-post":
        return draft.published_at == expected
    return draft.published_at.date() == expected.date()


def readings(sites: dict[str, Site]) -> Iterator[Reading]:
    replica = Replica(now=NOW)
    for move in range(MOVES + 1):
        if move:
            replica.advance()
        for name, site in sites.items():
            for truth in replica.truth(name):
                if truth.state == "withdrawn":
                    continue
                status, headers, body = replica.render(name, truth.path)
                lower = {key.lower(): value for key, value in headers.items()}
                page = Page(site.home + truth.path, status, lower, body, NOW)
                yield Reading(page, truth, process(page, site))


@pytest.fixture(scope="module")
def read() -> tuple[Reading, ...]:
    return tuple(readings(load_sites(SITES)))


@pytest.fixture(scope="module")
def figures(read: tuple[Reading, ...]) -> Figures:
    names = dict.fromkeys(reading.truth.site for reading in read)
    return {name: measured([reading for reading in read if reading.truth.site == name]) for name in names}


@pytest.fixture(scope="module")
def corpus(read: tuple[Reading, ...]) -> str:
    """Name the pages and their truth: SHA-256, hexadecimal."""
    found = hashlib.sha256()
    for reading in read:
        found.update(f"{reading.page.url}\n{reading.page.status}\n{reading.truth}\n".encode())
        found.update(reading.page.body)
    return found.hexdigest()


def measured(read: list[Reading]) -> dict[str, float]:
    """Return the figures of some pages, each from 0 to 1, rounded down to four places."""
    articles = [reading for reading in read if reading.refusal is None]
    drafts = [(reading.result, reading.truth) for reading in articles if isinstance(reading.result, Draft)]
    refused = [reading for reading in read if reading.refusal is not None]
    wanted = sum(len(reading.truth.paragraphs) for reading in articles)
    found = sum(len(draft.paragraphs) for draft, _ in drafts)
    hits = sum(len(common(draft, truth)) for draft, truth in drafts)
    clean = sum(len(common(draft, truth)) == len(draft.paragraphs) for draft, truth in drafts)
    shares = {
        "recall": (hits, wanted),
        "precision": (hits, found),
        "clean": (clean, len(articles)),
        "title": (sum(draft.title == truth.title for draft, truth in drafts), len(articles)),
        "authors": (sum(draft.authors == truth.authors for draft, truth in drafts), len(articles)),
        "date": (sum(same_date(draft, truth) for draft, truth in drafts), len(articles)),
        "notes": (sum(draft.notes == truth.notes for draft, truth in drafts), len(articles)),
        "refusals": (
            sum(isinstance(one.result, Skipped) and one.result.reason is one.refusal for one in refused),
            len(refused),
        ),
    }
    return {name: share(*shares[name]) for name in FIGURES}


def share(part: int, whole: int) -> float:
    return 1.0 if not whole else part * 10_000 // whole / 10_000


def common(draft: Draft, truth: Truth) -> list[str]:
    """Return the paragraphs of a draft that are the truth's, each as often as there."""
    left = [normalised(paragraph) for paragraph in truth.paragraphs]
    hits = []
    for paragraph in map(normalised, draft.paragraphs):
        if paragraph in left:
            left.remove(paragraph)
            hits.append(paragraph)
    return hits


def sealed(floors: Floors, corpus: str) -> str:
    return hashlib.sha256(json.dumps([floors, corpus], sort_keys=True).encode()).hexdigest()


def pinned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))
    return found


def lowered(old: Floors, new: Floors) -> list[str]:
    """Return which figures of `new` are below their floors in `old`; a site that is gone counts as nothing."""
    return [
        f"{site} {name}: {new.get(site, {}).get(name, 0.0)} is below {floor}"
        for site, floors in old.items()
        for name, floor in floors.items()
        if new.get(site, {}).get(name, 0.0) < floor
    ]


def pin(path: Path, floors: Floors, corpus: str, *, may_lower: bool) -> None:
    """Write floors; raises ValueError where one would be lowered without leave."""
    below = lowered(json.loads(path.read_text(encoding="utf-8"))["floors"], floors) if path.exists() else []
    if below and not may_lower:
        raise ValueError(f"set TONLE_LOWER_FLOORS=1 and write a line in the changelog: {below}")
    content = {"corpus": corpus, "floors": floors, "seal": sealed(floors, corpus)}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def table(figures: Figures) -> str:
    lines = [f"{'':18}" + "".join(f"{name:>11}" for name in FIGURES)]
    lines += [f"{site:18}" + "".join(f"{row[name]:>11.4f}" for name in FIGURES) for site, row in figures.items()]
    return "\n".join(lines)


@pytest.fixture(scope="module", autouse=True)
def _pins_when_asked(figures: Figures, corpus: str) -> None:
    if os.environ.get("TONLE_PIN_FLOORS") == "1":
        pin(PINNED, figures, corpus, may_lower=os.environ.get("TONLE_LOWER_FLOORS") == "1")


def test_no_figure_is_below_its_floor(figures: Figures) -> None:
    print(f"\n{table(figures)}")  # noqa: T201  # what -s is for
    assert lowered(pinned()["floors"], figures) == []


def test_every_site_and_figure_has_a_floor(sites: dict[str, Site]) -> None:
    assert {site: tuple(floors) for site, floors in pinned()["floors"].items()} == dict.fromkeys(sites, FIGURES)


def test_no_word_of_another_story_is_in_an_article(read: tuple[Reading, ...]) -> None:
    leaking = {
        reading.page.url: strange
        for reading in read
        if isinstance(reading.result, Draft)
        and (strange := [line for line in reading.result.paragraphs if line not in reading.truth.paragraphs])
    }
    assert leaking == {}


def test_the_floors_were_measured_on_these_very_pages(corpus: str) -> None:
    assert pinned()["corpus"] == corpus, "the pages changed: measure anew with TONLE_PIN_FLOORS=1"


def test_the_floors_were_written_by_the_gate_and_not_by_hand() -> None:
    found = pinned()
    assert found["seal"] == sealed(found["floors"], found["corpus"])


def test_enough_pages_are_read(read: tuple[Reading, ...]) -> None:
    assert len(read) > 100
    assert {reading.refusal for reading in read} == {None, Reason.CHALLENGE, Reason.PAYWALL}
    assert {reading.truth.layout for reading in read} >= {"cms", "desktop", "mobile", "ohchr", "sharepoint", "cambodia"}


def test_a_floor_is_lowered_only_with_leave_and_raised_without(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    pin(path, {"post": {"recall": 0.9, "title": 0.8}}, "a", may_lower=False)
    pin(path, {"post": {"recall": 0.95, "title": 0.8}}, "b", may_lower=False)
    for worse in ({"post": {"recall": 0.94, "title": 1.0}}, {"post": {"recall": 1.0}}, {}):
        with pytest.raises(ValueError, match="TONLE_LOWER_FLOORS"):
            pin(path, worse, "c", may_lower=False)
    assert json.loads(path.read_text("utf-8"))["floors"] == {"post": {"recall": 0.95, "title": 0.8}}
    pin(path, {"post": {"recall": 0.5, "title": 0.5}}, "c", may_lower=True)
    assert json.loads(path.read_text("utf-8"))["floors"]["post"]["recall"] == 0.5


def test_the_figures_tell_good_from_bad_reading(read: tuple[Reading, ...]) -> None:
    good = next(reading for reading in read if isinstance(reading.result, Draft) and len(reading.truth.paragraphs) > 4)
    truth = good.truth
    perfect = Draft(
        truth.site, "", "", truth.title, truth.paragraphs, truth.authors, published(truth), notes=truth.notes
    )
    assert measured([Reading(good.page, truth, perfect)]) == dict.fromkeys(FIGURES, 1.0)
    leaking = Draft(
        truth.site, "", "", truth.title.lower(), (*truth.paragraphs[1:], "Another story", truth.paragraphs[1])
    )
    count = len(truth.paragraphs)
    assert measured([Reading(good.page, truth, leaking)]) == {
        "recall": share(count - 1, count),
        "precision": share(count - 1, count + 1),
        "clean": 0.0,
        "title": 0.0,
        "authors": share(int(truth.authors == ()), 1),
        "date": share(int(published(truth) is None), 1),
        "notes": share(int(truth.notes == ()), 1),
        "refusals": 1.0,
    }
    refused = Reading(good.page, truth, Skipped(Reason.NO_BODY))
    assert measured([refused]) == dict.fromkeys(FIGURES, 0.0) | {"precision": 1.0, "refusals": 1.0}
