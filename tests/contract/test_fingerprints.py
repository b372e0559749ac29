"""The index by which versions of a text are found: what it finds, in which order, and what it forgets."""

from collections.abc import Callable

from core.shingles import SAMPLED, shingles
from storage.fingerprints import MOST_HOLDERS
from storage.store import Corpus
from tests.contract.postgresql import ON_EACH_BACKEND

pytestmark = ON_EACH_BACKEND
Keep = Callable[..., int]
WORDS = [
    "wells",
    "ponds",
    "canals",
    "dykes",
    "gates",
    "pumps",
    "roofs",
    "boats",
    "nets",
    "carts",
    "roads",
    "ferries",
    "schools",
    "markets",
    "clinics",
    "fields",
]


def sample(first: int, number: int) -> frozenset[int]:
    """Return so many shingles that are all looked up."""
    return frozenset(SAMPLED * each for each in range(first, first + number))


def held(corpus: Corpus, keep: Keep, key: str, found: frozenset[int], title: str = "") -> int:
    article_id = keep(corpus, key, title=title)
    corpus.fingerprints.keep(article_id, found, title)
    return article_id


def near(corpus: Corpus, found: frozenset[int], title: str = "", limit: int = 9, below: int | None = None) -> list[int]:
    return [each.article_id for each in corpus.fingerprints.near(found, title, limit, below)]


def text(number: int, length: int = 40) -> str:
    """Return a text of its own: the words in an order that no other number gives."""
    return " ".join(
        f"{WORDS[(number * 7 + place * place) % len(WORDS)]} {number * place % 97}" for place in range(length)
    )


def test_what_shares_most_of_the_smaller_text_comes_first(corpus: Corpus, keep: Keep) -> None:
    whole = held(corpus, keep, "whole", sample(1, 40))
    half = held(corpus, keep, "half", sample(1, 20) | sample(100, 20))
    part = held(corpus, keep, "part", sample(1, 30))
    held(corpus, keep, "other", sample(500, 40))
    found = corpus.fingerprints.near(sample(1, 40), "", 9)
    assert [(each.article_id, each.shared, each.sampled) for each in found] == [
        (whole, 40, 40),
        (part, 30, 30),
        (half, 20, 40),
    ]
    assert near(corpus, sample(1, 40), limit=1) == [whole]


def test_of_two_that_share_the_same_the_older_comes_first(corpus: Corpus, keep: Keep) -> None:
    first, second = (held(corpus, keep, key, sample(1, 9)) for key in ("a", "b"))
    assert near(corpus, sample(1, 9)) == [first, second]


def test_of_more_that_share_the_same_than_are_looked_at_the_oldest_are(corpus: Corpus, keep: Keep) -> None:
    # Each shares one shingle with what is asked, the oldest the highest.
    held_by = [held(corpus, keep, f"k{number}", sample(40 - number, 1)) for number in range(40)]
    assert near(corpus, sample(1, 40), limit=3) == held_by[:3]


def test_only_one_shingle_in_eight_is_looked_up(corpus: Corpus, keep: Keep) -> None:
    held(corpus, keep, "a", frozenset({8, 9, 10}))
    assert near(corpus, frozenset({9, 10})) == []
    assert near(corpus, frozenset({8})) != []


def test_a_title_finds_an_article_whose_text_shares_nothing(corpus: Corpus, keep: Keep) -> None:
    article_id = held(corpus, keep, "a", sample(1, 9), "Wells run dry")
    assert near(corpus, sample(90, 9), "WELLS  run dry") == [article_id]
    assert near(corpus, sample(90, 9), "") == []


def test_what_is_dropped_is_not_found_any_more(corpus: Corpus, keep: Keep) -> None:
    article_id = held(corpus, keep, "a", sample(1, 9), "Wells")
    corpus.fingerprints.drop(article_id, sample(1, 9), "Wells")
    corpus.fingerprints.keep(article_id, sample(50, 9), "Ponds")
    assert near(corpus, sample(1, 9), "Wells") == []
    assert near(corpus, sample(50, 9)) == [article_id]


def test_a_shingle_that_too_many_hold_counts_only_in_a_text_of_such(corpus: Corpus, keep: Keep) -> None:
    turn = sample(1, 2)
    many = [held(corpus, keep, f"k{number}", turn) for number in range(MOST_HOLDERS + 3)]
    assert near(corpus, turn, limit=99) == many[:MOST_HOLDERS]
    rare = held(corpus, keep, "rare", turn | sample(70, 3))
    assert near(corpus, turn | sample(70, 3), limit=99) == [rare]
    assert set(near(corpus, turn | sample(70, 1), limit=99)) == {rare, *many[:MOST_HOLDERS]}


def test_below_asks_as_if_later_articles_were_not_held(corpus: Corpus, keep: Keep) -> None:
    turn = sample(1, 2)
    many = [held(corpus, keep, f"k{number}", turn) for number in range(MOST_HOLDERS)]
    assert near(corpus, turn, limit=99, below=many[3]) == many[:3]
    assert near(corpus, turn, below=many[0]) == []


def found_by_all(corpus: Corpus, texts: dict[int, str]) -> dict[int, tuple[object, ...]]:
    return {article_id: corpus.fingerprints.near(shingles(each), "", 9) for article_id, each in texts.items()}


def test_made_anew_the_index_finds_what_the_one_found_that_grew(corpus: Corpus, keep: Keep) -> None:
    texts = {}
    for number in range(MOST_HOLDERS + 20):
        # A turn of speech that all of them hold, and every third is in part the text before it.
        body = f"{text(0)}\n{text(number)}\n{text(number - 1, 25) if not number % 3 else ''}"
        article_id = keep(corpus, f"k{number}", paragraphs=tuple(body.split("\n")), title=f"Title {number % 60}")
        texts[article_id] = body
        corpus.fingerprints.keep(article_id, shingles(body), f"Title {number % 60}")
    grown = found_by_all(corpus, texts)
    assert any(len(found) > 1 for found in grown.values())
    assert len(near(corpus, shingles(text(0)), limit=99)) == MOST_HOLDERS
    assert corpus.fingerprints.rebuild() == len(texts)
    assert found_by_all(corpus, texts) == grown
    assert len(near(corpus, shingles(text(0)), limit=99)) == MOST_HOLDERS
