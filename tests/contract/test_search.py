import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.model import CopyAddress, Draft, Reason, Skipped
from storage.store import Corpus, Store

KHMER = "ដីធ្លី\u200bរបស់\u200bប្រជាពលរដ្ឋ\u200bត្រូវបានរឹបអូស"
"""The land of citizens was seized, with the zero-width spaces that editors set between words."""


@pytest.fixture
def found(corpus: Corpus) -> Callable[[str], list[str]]:
    """Ask for words; returns the keys of the articles found, best first."""

    def ask(query: str) -> list[str]:
        return [hit.article.key for hit in corpus.search.find(query)]

    return ask


@pytest.mark.parametrize(
    "query",
    [
        "evicted",
        "EVICTION",
        "evict villager",
        "Siem Reap",
        "siem reap evicting",
        '"were evicted"',
        "“were evicted”",
        '"siem reap" villagers',
        "cafe",
        "café land-grabbing",
        "2026",
        '"evicted',
    ],
)
def test_every_word_of_a_query_is_found_in_any_form(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], query: str
) -> None:
    text = "Villagers were evicted near a café.\nIt was land-grabbing, in 2026."
    keep(corpus, "one", title="Siem Reap", text=text)
    keep(corpus, "other", title="Something else", text="About the weather.")
    assert found(query) == ["one"]


@pytest.mark.parametrize(
    "query", ["evicted flood", '"evicted were"', "“evicted were”", "evicted NOT", "evicted OR flood", "nobody"]
)
def test_an_article_without_one_of_the_words_is_not_found(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], query: str
) -> None:
    keep(corpus, "one", title="", text="The villagers were evicted.")
    assert found(query) == []


@pytest.mark.parametrize("query", ["", "   ", '"', '""', "-", "*", "''", "។", "()", "\0", "\u200b"])
def test_a_query_without_a_letter_finds_nothing(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], query: str
) -> None:
    keep(corpus, "one", text=f"{KHMER} - * ()")
    assert found(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "evicted AND OR NOT NEAR",
        "NEAR(evicted were, 5)",
        "title:evicted",
        "{title text}: evicted",
        "evicted*",
        "^evicted",
        "evicted + were",
        "(evicted",
        "evicted)",
        'evicted"',
        '"evicted""were"',
        "evicted' OR 1=1 --",
        "evicted; DROP TABLE articles",
        "evicted\0were",
        "-evicted",
        "evicted ² ™ ༼ \U0001f600",
        "ដី\\ %_ evicted",
        "evicted " * 5000,
        "ដី " * 5000,
        "x" * 100_000,
    ],
)
def test_the_operators_of_the_index_are_words_like_others(corpus: Corpus, keep: Callable[..., int], query: str) -> None:
    article_id = keep(corpus, "one", text="evicted were and or not near title text 5 drop table articles 1 ដី")
    for hit in corpus.search.find(query):
        assert hit.article.id == article_id
    assert corpus.search.check()
    assert corpus.articles.highest_id() == article_id


def test_no_query_raises(corpus: Corpus, keep: Callable[..., int]) -> None:
    keep(corpus, "one", text=f"evicted {KHMER}")
    chance = random.Random(1)
    letters = "ab\"'*^:+-(){}[],.;\\%_\0\t ²ដីក។\u200b\U0001f600"
    for _ in range(500):
        query = "".join(chance.choices(letters, k=chance.randrange(1, 12)))
        for hit in corpus.search.find(query):
            assert hit.article.key == "one", query


def test_the_best_comes_first_and_the_title_says_most(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]]
) -> None:
    filler = "Nothing of note was said at the meeting. " * 5
    keep(corpus, "title", title="Prison", text=filler)
    keep(corpus, "aside", title="Meeting", text=f"{filler}prison. {filler}{filler}")
    keep(corpus, "brief", title="Meeting", text="A prison.")
    keep(corpus, "none", title="Meeting", text=filler)
    assert found("prison") == ["title", "brief", "aside"]


@pytest.mark.parametrize("query", ["ក%", "ក_", "ក\\"])
def test_a_short_khmer_query_has_no_wildcards(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], query: str
) -> None:
    keep(corpus, "other", text="កខគ")
    keep(corpus, "one", text=f"{query}គ")
    assert found(query) == ["one"]


def test_no_more_than_the_limit_and_only_the_source_asked_for(corpus: Corpus, keep: Callable[..., int]) -> None:
    for number in range(4):
        keep(corpus, f"k{number}", source="ppp" if number else "ohchr", text=f"prison {KHMER} ក")
    for query in ("prison", KHMER, "ក"):
        assert len(corpus.search.find(query, limit=2)) == 2
        assert len(corpus.search.find(query, source="ppp")) == 3
        assert [hit.article.key for hit in corpus.search.find(query, source="ohchr", limit=9)] == ["k0"]
        assert corpus.search.find(query, source="un") == ()


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("eviction", "\x02evictions\x03"),
        ('"land dispute"', "\x02land dispute\x03"),
        ("រឹបអូស", "\x02រឹបអូស\x03"),
        ("ដី", "\x02ដី\x03"),
    ],
)
def test_a_snippet_is_one_line_around_the_words_found_which_are_marked(
    corpus: Corpus, keep: Callable[..., int], query: str, marked: str
) -> None:
    filler = "Nothing of note was said at the meeting.\n" * 20
    body = f"{filler}It was a land dispute\nwith evictions. {KHMER}\n{filler}"
    keep(corpus, "one", title="Meeting", text=body)
    (hit,) = corpus.search.find(query)
    assert marked in hit.snippet
    assert "\n" not in hit.snippet
    assert len(hit.snippet) < 300
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")


@pytest.mark.parametrize(
    "query",
    [
        "ដីធ្លី",
        "ធ្លីរបស់",
        "ពលរដ្ឋ",
        "ដីធ្លី ពលរដ្ឋ",
        "ដីធ្លី\u200bរបស់",
        '"ដីធ្លីរបស់"',
        "ដី",
        "ដី រប",
        "ដី ពលរដ្ឋ",
        "ពលរដ្ឋ LICADHO",
        "ដី UN",
    ],
)
def test_khmer_is_found_inside_words_and_across_invisible_marks(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], query: str
) -> None:
    keep(corpus, "one", text=f"{KHMER} LICADHO UN", language="km")
    keep(corpus, "english", text="LICADHO and the UN on land", language="en")
    keep(corpus, "other", text="អាកាសធាតុ LICADHO UN", language="km")
    assert found(query) == ["one"]


def test_khmer_letters_in_an_article_in_english_are_found(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]]
) -> None:
    keep(corpus, "quoted", text="He shouted “ដីធ្លី!”", language="en")
    keep(corpus, "title", text="He shouted.", title="ដីធ្លី", language="")
    assert set(found("ដីធ្លី")) == {"quoted", "title"}
    assert set(found("shouting")) == {"quoted", "title"}


def test_accents_do_not_matter_but_only_whole_english_words_are_found(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]]
) -> None:
    keep(corpus, "one", text="The région of Kratié, and Orwell.")
    assert found("region Kratie") == ["one"]
    assert found("well") == []


def test_the_index_agrees_after_an_article_is_added_and_revised(
    corpus: Corpus,
    draft: Callable[..., Draft],
    keep: Callable[..., int],
    found: Callable[[str], list[str]],
    now: datetime,
) -> None:
    assert corpus.search.check()
    article_id = keep(corpus, "one", text=f"prison {KHMER}", language="km")
    assert (found("prison"), found("ដីធ្លី")) == (["one"], ["one"])
    assert corpus.search.check()
    corpus.articles.revise(article_id, draft("one", "Weather."), "t2", "c2", now)
    assert (found("prison"), found("ដីធ្លី"), found("weather")) == ([], [], ["one"])
    assert corpus.search.check()
    corpus.articles.revise(article_id, draft("one", "អាកាសធាតុ", title="New"), "t3", "c3", now)
    assert (found("weather"), found("អាកាស"), found("new")) == ([], ["one"], ["one"])
    assert corpus.search.check()
    corpus.absences.note(article_id, Skipped(Reason.GONE), now)
    corpus.articles.add_copy(article_id, CopyAddress("ohchr", "https://ohchr.test/b", now))
    assert corpus.search.check()


def test_what_was_rolled_back_is_not_found(store: Store, keep: Callable[..., int]) -> None:
    def write_in_vain() -> None:
        with store.transaction() as corpus:
            keep(corpus, "one", text=f"prison {KHMER}")
            assert corpus.search.find("prison")
            raise KeyError

    with pytest.raises(KeyError):
        write_in_vain()
    with store.reading() as corpus:
        assert corpus.search.find("prison") == corpus.search.find("ដីធ្លី") == ()
    assert store.check() == ()


def test_equally_good_articles_come_newest_first(
    corpus: Corpus, keep: Callable[..., int], found: Callable[[str], list[str]], now: datetime
) -> None:
    for number in range(3):
        dated = now - timedelta(days=number)
        keep(corpus, f"k{number}", title="Same", text="prison ក", first_seen=dated)
    assert found("prison") == ["k2", "k1", "k0"], "by id"
    assert found("ក") == ["k0", "k1", "k2"], "by date"
