"""How well near copies are told from what only looks like them, on invented pairs of texts (tests/gates/pairs).

`copies` asks whether a copy or excerpt is told from all else; a rewrite is neither there. `stories` asks whether two
texts are versions of one story, rewrites among them. `found` is the part of the copies and excerpts of which the index
gives the held text, among all the others (every second pair). `-s` prints the figures; floors.py says how floors are
pinned.
"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile

import pytest

from core.config import DuplicateSettings
from core.model import Draft
from core.stories import ONE_STORY, Likeness, Relation
from pipelines.likeness import Print, likeness
from storage.store import Store
from tests.gates.floors import Figures, Floors
from tests.gates.pairs.pairs import Pair, pairs
from tests.gates.pairs.stories import Text

FLOORS = Floors(Path(__file__).parent / "pairs" / "floors.json")
SEED = 1
NOW = datetime(2026, 3, 1, tzinfo=UTC)
COPIES = frozenset({Relation.SAME, Relation.COPY, Relation.EXCERPT, Relation.EXTENDED})
CORRECTIONS = frozenset({"corrected number", "corrected name", "typo fixes", "changed headline", "same text, set anew"})
FORM = "same form, other event"
Judged = tuple[tuple[Pair, Likeness], ...]
pytestmark = pytest.mark.timeout(300)


def ready(text: Text) -> Print:
    return Print(text.title, "\n".join(text.paragraphs))


@pytest.fixture(scope="module")
def judged() -> Judged:
    bounds = DuplicateSettings()
    return tuple((pair, likeness(ready(pair.right), ready(pair.left), bounds)) for pair in pairs(SEED))


def figures_of(judged: Judged, positive: frozenset[str], said: frozenset[Relation]) -> dict[str, float]:
    """Return precision, recall and F1 of what is said to be one, against the labels that are one."""
    hits = sum(pair.label in positive and found.relation in said for pair, found in judged)
    claimed = sum(found.relation in said for _, found in judged)
    true = sum(pair.label in positive for pair, _ in judged)
    return {"precision": hits / claimed, "recall": hits / true, "f1": 2 * hits / (claimed + true)}


@pytest.fixture(scope="module")
def found(judged: Judged, empty_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return of how many copies and excerpts the index gives the text that is held."""
    asked = [pair for pair, _ in judged if pair.label in ("copy", "excerpt")][::2]
    store = Store.open(Path(copyfile(empty_corpus, tmp_path_factory.mktemp("pairs") / "corpus.sqlite")))
    with store.transaction() as corpus:
        for number, pair in enumerate(asked, 1):
            draft = Draft("ppp", f"https://ppp.test/{number}", str(number), pair.left.title, pair.left.paragraphs)
            held = corpus.articles.add(draft, str(number), str(number), NOW, NOW)
            corpus.fingerprints.keep(held, ready(pair.left).shingles, pair.left.title)
        hits = sum(
            number in [near.article_id for near in corpus.fingerprints.near(new.shingles, new.title, 8)]
            for number, new in enumerate((ready(pair.right) for pair in asked), 1)
        )
    store.close()
    return hits / len(asked)


@pytest.fixture(scope="module")
def figures(judged: Judged, found: float) -> Figures:
    told = tuple((pair, like) for pair, like in judged if pair.label != "rewrite")
    named = {
        name: tuple(each for each in told if each[0].language == code)
        for name, code in (("English", "en"), ("Khmer", "km"))
    }
    rows = {"copies": figures_of(told, frozenset({"copy", "excerpt"}), COPIES)}
    rows |= {
        f"copies, {name}": figures_of(each, frozenset({"copy", "excerpt"}), COPIES) for name, each in named.items()
    }
    rows["stories"] = figures_of(judged, frozenset({"copy", "excerpt", "rewrite"}), ONE_STORY)
    return rows | {"found": {"recall": found}}


@pytest.fixture(scope="module", autouse=True)
def _pins_when_asked(figures: Figures, judged: Judged) -> None:
    FLOORS.pin_when_asked(figures, corpus_hash(judged))


def corpus_hash(judged: Judged) -> str:
    said = "\x1e".join(f"{pair.kind}\x1f{pair.label}\x1f{pair.left}\x1f{pair.right}" for pair, _ in judged)
    return hashlib.sha256(said.encode()).hexdigest()


def test_no_figure_is_below_its_floor(figures: Figures) -> None:
    for row, named in figures.items():
        print(f"{row:18}" + "".join(f"{name} {value:.4f}  " for name, value in named.items()))  # noqa: T201  # -s
    assert FLOORS.below(figures) == []


def test_copies_and_excerpts_are_told_from_all_else(figures: Figures) -> None:
    assert figures["copies"]["f1"] >= 0.97
    assert figures["stories"]["f1"] >= 0.97


def test_the_floors_were_measured_on_these_very_pairs_and_not_written_by_hand(judged: Judged) -> None:
    assert FLOORS.pinned()["corpus"] == corpus_hash(judged), "the pairs changed: measure anew with TONLE_PIN_FLOORS=1"
    assert FLOORS.is_sealed()


def mistaken(judged: Judged, is_asked: Callable[[Pair], bool], *, is_one: bool) -> Iterator[str]:
    for pair, like in judged:
        if is_asked(pair) and (like.relation in ONE_STORY) is not is_one:
            yield f"{pair.kind} ({pair.language}): {pair.left.title} | {like.relation}"


def test_no_correction_is_called_another_story(judged: Judged) -> None:
    assert list(mistaken(judged, lambda pair: pair.kind in CORRECTIONS, is_one=True)) == []


def test_releases_of_one_form_are_never_one_story(judged: Judged) -> None:
    assert list(mistaken(judged, lambda pair: pair.kind == FORM, is_one=False)) == []


def test_there_are_pairs_enough(judged: Judged) -> None:
    assert len(judged) >= 1500
    assert len({pair.kind for pair, _ in judged}) >= 10
    assert sum(pair.language == "km" for pair, _ in judged) >= 100


def test_a_text_is_one_with_itself_whichever_way_it_is_asked(judged: Judged) -> None:
    bounds = DuplicateSettings()
    for pair, like in judged[::20]:
        turned = likeness(ready(pair.left), ready(pair.right), bounds)
        assert (turned.share, turned.share_of_other) == (like.share_of_other, like.share)
        assert (turned.relation in ONE_STORY) is (like.relation in ONE_STORY)
