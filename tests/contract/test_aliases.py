from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.model import Draft, Lead
from storage.store import Corpus

Build = Callable[..., Lead]
HOUR = timedelta(hours=1)


@pytest.fixture
def held(corpus: Corpus, keep: Callable[..., int], now: datetime) -> Callable[..., int]:
    """Keep an article and the visit to its address; returns the article's id."""

    def visit(key: str, article_id: int | None = None, source: str = "ppp") -> int:
        article_id = article_id or keep(corpus, key, source=source)
        url = f"https://{source}.test/{key}"
        corpus.sources.visited(source, key, url, article_id, failed=False, next_visit=None, now=now)
        return article_id

    return visit


def aliases_of(corpus: Corpus, article_id: int) -> tuple[str, ...]:
    article = corpus.articles.by_id(article_id)
    assert article is not None
    assert corpus.articles.by_key(article.source, article.key) == article
    return article.aliases


def test_aliases_are_told_with_the_article_in_the_order_they_were_met(
    corpus: Corpus, held: Callable[..., int], now: datetime
) -> None:
    article_id = held("one")
    corpus.sources.alias("ppp", "one", ["https://ppp.test/b", "https://ppp.test/a"], now)
    corpus.sources.alias("ppp", "one", ["https://ppp.test/c"], now + HOUR)
    assert aliases_of(corpus, article_id) == tuple(f"https://ppp.test/{name}" for name in "bac")


def test_an_address_is_no_alias_of_itself_and_an_alias_is_kept_once(
    corpus: Corpus, held: Callable[..., int], now: datetime
) -> None:
    article_id = held("one")
    for _ in range(2):
        corpus.sources.alias(
            "ppp", "one", ["https://ppp.test/one", "", "https://ppp.test/a", "https://ppp.test/a"], now
        )
    assert aliases_of(corpus, article_id) == ("https://ppp.test/a",)


def test_no_more_than_fifty_aliases_of_an_address_are_kept_the_first_to_come(
    corpus: Corpus, held: Callable[..., int], now: datetime
) -> None:
    article_id, other = held("one"), held("two")
    urls = [f"https://ppp.test/{number}" for number in range(60)]
    corpus.sources.alias("ppp", "one", urls[:30], now)
    corpus.sources.alias("ppp", "one", iter(urls), now)
    corpus.sources.alias("ppp", "one", urls, now)
    corpus.sources.alias("ppp", "two", urls[55:], now)
    assert aliases_of(corpus, article_id) == tuple(urls[:50])
    assert aliases_of(corpus, other) == tuple(urls[55:])


def test_an_alias_of_an_unknown_address_is_refused(corpus: Corpus, held: Callable[..., int], now: datetime) -> None:
    held("one")
    with pytest.raises(StorageError, match="no address two of ppp"):
        corpus.sources.alias("ppp", "two", ["https://ppp.test/a"], now)


def test_an_article_has_the_aliases_of_all_its_addresses_each_once_and_not_its_own(
    corpus: Corpus, held: Callable[..., int], now: datetime
) -> None:
    article_id, other = held("one"), held("other")
    held("copy", article_id, source="ohchr")
    corpus.sources.alias("ppp", "one", ["https://ppp.test/a"], now)
    corpus.sources.alias("ohchr", "copy", ["https://ppp.test/a", "https://ppp.test/one", "https://ppp.test/b"], now)
    corpus.sources.alias("ppp", "other", ["https://ppp.test/c"], now)
    assert aliases_of(corpus, article_id) == ("https://ppp.test/a", "https://ppp.test/b")
    assert aliases_of(corpus, other) == ("https://ppp.test/c",)


def test_a_listing_that_writes_an_address_otherwise_gives_an_alias(
    corpus: Corpus, lead: Build, held: Callable[..., int], now: datetime
) -> None:
    article_id = held("one")
    run_id = corpus.runs.start("ppp", "manual", now)
    leads = [
        lead("one", named="https://ppp.test/one?from=feed"),
        lead("one", named="https://ppp.test/one"),
        lead("one", named="", listing="other"),
        lead("new", named="http://ppp.test/new"),
    ]
    for _ in range(2):
        corpus.sources.sight(leads, run_id, now)
    assert aliases_of(corpus, article_id) == ("https://ppp.test/one?from=feed",)
    assert corpus.sources.named("http://ppp.test/new") == ("ppp", "new")


def test_an_address_is_found_by_its_url_and_by_each_alias(
    corpus: Corpus, held: Callable[..., int], now: datetime
) -> None:
    held("one")
    corpus.sources.alias("ppp", "one", ["https://ppp.test/a"], now)
    assert corpus.sources.named("https://ppp.test/one") == ("ppp", "one")
    assert corpus.sources.named("https://ppp.test/a") == ("ppp", "one")
    assert corpus.sources.named("https://ppp.test/A") is None
    assert corpus.sources.named("") is None


def test_of_several_the_own_address_is_found_then_one_with_an_article_then_the_oldest(
    corpus: Corpus, lead: Build, held: Callable[..., int], now: datetime
) -> None:
    run_id = corpus.runs.start("ppp", "manual", now)
    same = [lead(key, url="https://ppp.test/same") for key in ("empty", "oldest", "older")]
    corpus.sources.sight(same, run_id, now)
    corpus.sources.alias("ppp", "empty", ["https://ppp.test/x"], now)
    corpus.sources.alias("ppp", "older", ["https://ppp.test/x"], now)
    assert corpus.sources.named("https://ppp.test/same") == ("ppp", "empty")
    assert corpus.sources.named("https://ppp.test/x") == ("ppp", "empty")
    for key in ("oldest", "older"):
        held(key)
    corpus.sources.sight(same, run_id, now)
    assert corpus.sources.named("https://ppp.test/same") == ("ppp", "oldest")
    assert corpus.sources.named("https://ppp.test/x") == ("ppp", "older")
    held("x")
    assert corpus.sources.named("https://ppp.test/x") == ("ppp", "x")


def test_translations_are_the_other_articles_of_the_same_work_and_source(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    english = keep(corpus, "en", work="w1")
    khmer = keep(corpus, "km", work="w1", language="km", title="ដីធ្លី")
    french = keep(corpus, "fr", work="w1", language="fr")
    for key, changes in {"a": {}, "b": {}, "c": {"work": "w2"}, "d": {"work": "w1", "source": "ohchr"}}.items():
        keep(corpus, key, **changes)
    article = corpus.articles.by_id(english)
    assert article is not None
    assert article.work == "w1"
    told = [(each.article_id, each.language, each.title) for each in article.translations]
    assert told == [(french, "fr", "Title of fr"), (khmer, "km", "ដីធ្លី")]
    alone = corpus.articles.by_key("ppp", "a")
    assert alone is not None
    assert (alone.work, alone.translations) == ("", ())
    corpus.articles.revise(french, draft("fr", work="w2"), "t", "c", now)
    corpus.articles.revise(khmer, draft("km", language="km"), "t", "c", now)
    article = corpus.articles.by_id(english)
    assert article is not None
    assert [each.article_id for each in article.translations] == [khmer], "who names no work keeps the one it had"
