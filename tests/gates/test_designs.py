"""How clean a text is read off pages for whose design nobody wrote a rule.

The pages are invented (tests/gates/designs), and so are their sites: no layout fits any of them. Rules for such pages
are written with the designs in open/ at hand; nobody looks into reserved/, so a rule that fits only what its writer
saw shows in the figures of those. Of reserved pages failures therefore tell figures, and never a text. The floors
stand in designs/floors.json: TONLE_PIN_FLOORS=1 measures anew and writes them, and only with
TONLE_LOWER_FLOORS=1 as well does it write a floor that is lower than before. `-s` prints the figures.
"""

import hashlib
import json
import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from core.health import HEADLINE_OPENING, TEASER_OPENING, Heard
from core.model import Draft, Skipped
from core.site import unknown_site
from core.text import normalised, opening
from pipelines.neighbours import heard_of, sifted
from pipelines.process import process
from pipelines.stretches import Ask
from tests.gates.designs.corpus import SPLITS, Case, cases, corpus_hash
from tests.gates.designs.scoring import FIGURES, Output, Score, means, output_of, score

PINNED = Path(__file__).parent / "designs" / "floors.json"
# All pages are read before the first test, which a busy machine takes its time for.
pytestmark = pytest.mark.timeout(300)
Floors = dict[str, dict[str, float]]
Read = tuple[tuple[Case, Draft | Skipped], ...]
CORPUS = ", in a corpus"
Scored = tuple[tuple[Case, Score], ...]


@pytest.fixture(scope="module")
def pages() -> tuple[Case, ...]:
    return cases()


@pytest.fixture(scope="module")
def read(pages: tuple[Case, ...]) -> Read:
    site = unknown_site()
    return tuple((case, process(case.page, site)) for case in pages)


@pytest.fixture(scope="module")
def scored(read: Read) -> Scored:
    return tuple((case, score(case.truth, output_of(result))) for case, result in read)


@pytest.fixture(scope="module")
def known(read: Read) -> Scored:
    """The scores of texts in a corpus that has read the site's listings, and the pages of the design before."""
    found: list[tuple[Case, Score]] = []
    stood: dict[str, Counter[str]] = {}
    for case, result in read:
        lines = stood.setdefault(case.design, Counter())
        if isinstance(result, Draft):
            draft = replace(result, key=str(case.number))
            text = sifted(draft, heard_of(draft.paragraphs, asker(case, lines)), case.page.fetched_at).draft
            lines.update(set(result.paragraphs))
            found.append((case, score(case.truth, output_of(text))))
        else:
            found.append((case, score(case.truth, None)))
    return tuple(found)


def asker(case: Case, stood: Counter[str]) -> Ask:
    """Return what a corpus answers about lines before it reads a page; only their words count, as in storage."""
    heads: dict[str, set[str]] = {}
    sums: dict[str, set[str]] = {}
    for number, (title, summary) in enumerate(case.items):
        for words in (title, opening(title, HEADLINE_OPENING)):
            heads.setdefault(normalised(words), set()).add(str(number))
        for words in (summary, summary.rstrip(" .…"), opening(summary, TEASER_OPENING)):
            sums.setdefault(normalised(words), set()).add(str(number))
    pages = {normalised(line): count for line, count in stood.items()}

    def ask(lines: list[str]) -> dict[str, Heard]:
        named = ((line, normalised(line)) for line in lines)
        return {
            line: Heard(
                frozenset(heads.get(plain, ())),
                frozenset(sums.get(plain, ())),
                pages.get(plain, 0),
                pages.get(plain, 0) / case.number if case.number else 0.0,
                case.page.fetched_at,
            )
            for line, plain in named
            if plain and (plain in heads or plain in sums or plain in pages)
        }

    return ask


@pytest.fixture(scope="module")
def figures(scored: Scored, known: Scored) -> Floors:
    splits = {split: [one for case, one in scored if case.split == split] for split in SPLITS}
    splits |= {f"{split}{CORPUS}": [one for case, one in known if case.split == split] for split in SPLITS}
    return {name: means(scores) for name, scores in (*splits.items(), ("all", [one for _, one in scored]))}


def pinned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))
    return found


def sealed(floors: Floors, corpus: str) -> str:
    return hashlib.sha256(json.dumps([floors, corpus], sort_keys=True).encode()).hexdigest()


def lowered(old: Floors, new: Floors) -> list[str]:
    """Return which figures of `new` are below their floors in `old`."""
    return [
        f"{split} {name}: {new.get(split, {}).get(name, 0.0)} is below {floor}"
        for split, floors in old.items()
        for name, floor in floors.items()
        if new.get(split, {}).get(name, 0.0) < floor
    ]


def pin(floors: Floors, corpus: str) -> None:
    below = lowered(pinned()["floors"], floors) if PINNED.exists() else []
    if below and os.environ.get("TONLE_LOWER_FLOORS") != "1":
        raise ValueError(f"set TONLE_LOWER_FLOORS=1 and write a line in the changelog: {below}")
    content = {"corpus": corpus, "floors": floors, "seal": sealed(floors, corpus)}
    PINNED.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def _pins_when_asked(figures: Floors, pages: tuple[Case, ...]) -> None:
    if os.environ.get("TONLE_PIN_FLOORS") == "1":
        pin(figures, corpus_hash(pages))


def table(figures: Floors, scored: Scored) -> str:
    """Return the figures, of each open design too."""
    designs = dict.fromkeys(case.design for case, _ in scored if case.split == "open")
    rows = {name: means([one for case, one in scored if case.design == name]) for name in designs} | figures
    lines = [f"{'':20}" + "".join(f"{name:>12}" for name in FIGURES)]
    lines += [f"{name:20}" + "".join(f"{row[name]:>12.3f}" for name in FIGURES) for name, row in rows.items()]
    return "\n".join(lines)


def test_no_figure_is_below_its_floor(figures: Floors, scored: Scored) -> None:
    print(f"\n{table(figures, scored)}")  # noqa: T201  # what -s is for
    assert lowered(pinned()["floors"], figures) == []


def test_every_split_and_figure_has_a_floor() -> None:
    found = {split: tuple(floors) for split, floors in pinned()["floors"].items()}
    assert found == dict.fromkeys((*SPLITS, *(f"{split}{CORPUS}" for split in SPLITS), "all"), FIGURES)


def test_the_floors_were_measured_on_these_very_pages(pages: tuple[Case, ...]) -> None:
    assert pinned()["corpus"] == corpus_hash(pages), "the pages changed: measure anew with TONLE_PIN_FLOORS=1"


def test_the_floors_were_written_by_the_gate_and_not_by_hand() -> None:
    found = pinned()
    assert found["seal"] == sealed(found["floors"], found["corpus"])


def test_there_are_pages_enough_of_designs_enough(pages: tuple[Case, ...]) -> None:
    counts = {split: len({case.design for case in pages if case.split == split}) for split in SPLITS}
    assert len(pages) >= 160
    assert counts["open"] + counts["reserved"] >= 15
    assert counts["reserved"] >= 30
    assert {case.truth.language for case in pages} == {"en", "fr", "km", "ar"}


def in_order(case: Case) -> bool:
    """Return whether a page shows the blocks of its truth one after another."""
    shown = "".join(normalised(str(html.document_fromstring(case.page.body).xpath("string()"))).split())
    at = 0
    for block in case.truth.blocks:
        for cell in block.cells:
            plain = "".join(normalised(cell).split())
            at = shown.find(plain, at)
            if at < 0:
                return False
            at += len(plain)
    return True


def test_every_page_shows_its_truth(pages: tuple[Case, ...]) -> None:
    assert [case.name for case in pages if not in_order(case)] == []


def test_no_text_that_must_not_be_read_is_part_of_an_article(pages: tuple[Case, ...]) -> None:
    bodies = {case.name: normalised(" ".join(block.text for block in case.truth.blocks)) for case in pages}
    wrong = [
        case.name
        for case in pages
        for text in (*case.truth.leaks, *case.truth.furniture)
        if len(text) >= 20 and normalised(text)[:60] in bodies[case.name]
    ]
    assert wrong == []


def test_no_two_stories_share_a_paragraph_but_what_recurs_on_purpose(pages: tuple[Case, ...]) -> None:
    seen: dict[str, set[str]] = {}
    for case in pages:
        for block in case.truth.blocks:
            if block.kind == "paragraph" and len(block.text) >= 60:
                seen.setdefault(block.text, set()).add(case.name)
    shared = [names for names in seen.values() if len(names) > 1]
    assert len(shared) <= 2 * len({case.design for case in pages})
    assert all(len({name.rpartition(" ")[0] for name in names}) == 1 for names in shared)


@pytest.fixture(scope="module")
def one_of_each(pages: tuple[Case, ...]) -> tuple[Case, ...]:
    """One page of each design: what is asked of the scoring need not be asked seven times."""
    return tuple({case.design: case for case in pages}.values())


def perfect(case: Case) -> Output:
    truth = case.truth
    moment = datetime.fromisoformat(truth.published) if truth.published else None
    read = moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
    return Output(tuple(block.text for block in truth.blocks), truth.title, truth.authors, read)


def test_a_perfect_reader_has_every_figure(pages: tuple[Case, ...]) -> None:
    read = {case.name: score(case.truth, perfect(case)) for case in pages}
    assert [name for name, one in read.items() if set(means([one]).values()) != {1.0}] == []


def test_a_leak_is_told_from_none(one_of_each: tuple[Case, ...]) -> None:
    for case in (case for case in one_of_each if case.truth.leaks):
        output, leak = perfect(case), case.truth.leaks[0]
        alone = replace(output, lines=(*output.lines, leak))
        within = replace(output, lines=(f"{output.lines[0]} Read more: {leak}", *output.lines[1:]))
        found = score(case.truth, alone)
        assert len(found.leaks) == len(score(case.truth, within).leaks) == 1
        assert found.precision < found.recall == found.paragraphs == 1.0


def test_furniture_is_told_from_text(one_of_each: tuple[Case, ...]) -> None:
    for case in one_of_each:
        output, told = perfect(case), case.truth.furniture[0]
        found = score(case.truth, replace(output, lines=(told, *output.lines)))
        assert (len(found.furniture), len(found.leaks)) == (1, 0)


def test_a_lost_and_a_torn_paragraph_are_missed(one_of_each: tuple[Case, ...]) -> None:
    for case in one_of_each:
        output, count = perfect(case), len(case.truth.blocks)
        lost = score(case.truth, replace(output, lines=output.lines[1:]))
        half = output.lines[0][: len(output.lines[0]) // 2].rpartition(" ")[0]
        torn = score(case.truth, replace(output, lines=(*output.lines[1:], half)))
        assert lost.paragraphs == torn.paragraphs == (count - 1) / count
        assert lost.recall < torn.recall < 1.0
        assert lost.precision == torn.precision == 1.0


def test_paragraphs_run_together_are_found_and_scattered_ones_are_not(pages: tuple[Case, ...]) -> None:
    case = max((case for case in pages if case.split == "open"), key=lambda case: len(case.truth.blocks))
    output = perfect(case)
    together = score(case.truth, replace(output, lines=(" ".join(output.lines),)))
    assert (together.paragraphs, together.precision) == (1.0, 1.0)
    backwards = score(case.truth, replace(output, lines=(" ".join(reversed(" ".join(output.lines).split())),)))
    assert (backwards.paragraphs, backwards.recall) == (0.0, 1.0)


def test_title_authors_and_dates_are_right_or_wrong(pages: tuple[Case, ...]) -> None:
    written = (case for case in pages if case.split == "open" and case.truth.authors)
    case = next(case for case in written if "+" in case.truth.published)
    output, truth = perfect(case), case.truth
    assert output.published is not None
    assert not score(truth, replace(output, title=f"{truth.title} | Site")).title
    assert not score(truth, replace(output, authors=(*truth.authors, "Admin"))).authors
    hour_late = score(truth, replace(output, published=output.published + timedelta(hours=1)))
    assert not hour_late.minute
    assert score(truth, replace(output, published=output.published.astimezone(UTC))).minute
    assert not score(truth, replace(output, published=output.published + timedelta(days=2))).day
    assert not score(truth, replace(output, published=None)).day


def test_of_a_page_that_is_refused_nothing_is_right(pages: tuple[Case, ...]) -> None:
    assert set(means([score(case.truth, None) for case in pages if "T" in case.truth.published]).values()) == {0.0, 1.0}
    assert means([score(pages[0].truth, None)])["f1"] == 0.0
