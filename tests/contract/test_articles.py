from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.errors import StorageError
from core.model import Article, CopyAddress, Draft
from storage.store import Corpus, Store

PHNOM_PENH = timezone(timedelta(hours=7))


def test_an_article_comes_back_as_it_was_drafted(corpus: Corpus, draft: Callable[..., Draft], now: datetime) -> None:
    fetched_at = now - timedelta(minutes=1)
    made = draft(
        "one",
        "First.\nដីធ្លី, second.",
        authors=("Sok Dara", "Chan «Thy»"),
        published_at=datetime(2026, 2, 1, 0, 30, tzinfo=PHNOM_PENH),
        modified_at=datetime(2026, 2, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        language="km",
        section="national",
        kind="release",
        notes=("Contact: someone",),
        links=("https://elsewhere.test/?a=1",),
        remarks=("no author",),
        layout="2019",
        tags=("land", "ដីធ្លី"),
        dateline="PHNOM PENH",
        credits=("AFP", "Chan Thy"),
    )
    article_id = corpus.articles.add(made, "text", "content", fetched_at, now)
    assert corpus.articles.by_id(article_id) == Article(
        id=article_id,
        source="ppp",
        key="one",
        url=made.url,
        title=made.title,
        text="First.\nដីធ្លី, second.",
        first_seen=now,
        fetched_at=fetched_at,
        authors=made.authors,
        published_at=made.published_at,
        modified_at=made.modified_at,
        language="km",
        section="national",
        kind="release",
        notes=made.notes,
        links=made.links,
        remarks=made.remarks,
        tags=("land", "ដីធ្លី"),
        dateline="PHNOM PENH",
        credits=("AFP", "Chan Thy"),
        revision=1,
        missing_since=None,
        copies=(),
    )


def test_tags_place_and_credits_are_those_of_the_newest_page(
    corpus: Corpus, draft: Callable[..., Draft], now: datetime
) -> None:
    article_id = corpus.articles.add(draft(tags=("land",), dateline="PHNOM PENH", credits=("AFP",)), "t", "c", now, now)
    corpus.articles.revise(article_id, draft(text="Later.", tags=("water", "land")), "t2", "c2", now)
    article = corpus.articles.by_id(article_id)
    assert article is not None
    assert (article.tags, article.dateline, article.credits) == (("water", "land"), "", ())


@pytest.mark.parametrize("hours", [7, 0, -9.5, 5.75])
def test_a_publication_date_keeps_the_offset_it_was_written_with(
    corpus: Corpus, kept: Callable[..., Article], hours: float
) -> None:
    written = datetime(2026, 2, 1, 0, 30, 15, 250, tzinfo=timezone(timedelta(hours=hours)))
    article = kept(corpus, published_at=written, modified_at=written)
    assert corpus.articles.published_at(article.id) == written
    assert corpus.articles.published_at(article.id + 1) is None
    (revision,) = corpus.articles.revisions(article.id)
    for moment in (article.published_at, article.modified_at, revision.published_at, revision.modified_at):
        assert moment is not None
        assert moment.isoformat() == written.isoformat()


def test_a_moment_of_ours_comes_back_in_utc(corpus: Corpus, kept: Callable[..., Article]) -> None:
    seen = datetime(2026, 2, 1, 0, 30, tzinfo=PHNOM_PENH)
    assert kept(corpus, first_seen=seen).first_seen.isoformat() == seen.astimezone(UTC).isoformat()


@pytest.mark.parametrize("field", ["published_at", "modified_at", "first_seen"])
def test_a_time_without_a_zone_is_refused(corpus: Corpus, keep: Callable[..., int], field: str) -> None:
    naive = datetime(2026, 2, 1)  # noqa: DTZ001 - what is to be refused
    with pytest.raises(ValueError, match="without a zone"):
        keep(corpus, **{field: naive})
    assert corpus.articles.highest_id() == 0


def test_an_article_without_a_date_has_none(corpus: Corpus, kept: Callable[..., Article]) -> None:
    article = kept(corpus)
    assert (article.published_at, article.modified_at) == (None, None)


def test_an_article_is_found_by_source_and_key_together(corpus: Corpus, keep: Callable[..., int]) -> None:
    mine = keep(corpus, "one")
    other = keep(corpus, "one", source="ohchr")
    found = [corpus.articles.by_key(source, "one") for source in ("ppp", "ohchr")]
    assert [article.id for article in found if article] == [mine, other]


def test_what_is_not_there_is_none(corpus: Corpus, keep: Callable[..., int]) -> None:
    keep(corpus, "one")
    assert corpus.articles.by_id(99) is None
    assert corpus.articles.by_key("ppp", "two") is None
    assert corpus.articles.by_key("ohchr", "one") is None
    assert corpus.articles.holding("text-two") is None
    assert corpus.articles.revisions(99) == ()


def test_a_key_that_a_source_has_already_is_refused(store: Store, keep: Callable[..., int]) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    with pytest.raises(StorageError, match="contradicts"), store.transaction() as corpus:
        keep(corpus, "one")
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 1}


def test_a_revision_makes_the_article_what_the_draft_says(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    later = now + timedelta(days=1)
    changed = draft(
        "one",
        "New text.",
        url="https://ppp.test/moved/one",
        title="New title",
        authors=("Somebody",),
        section="politics",
        published_at=later,
        modified_at=later,
        notes=("New note",),
        links=("https://new.test/",),
        remarks=("new",),
        kind="feature",
        language="km",
    )
    assert corpus.articles.revise(article_id, changed, "text-2", "content-2", later) == 2
    article = corpus.articles.by_id(article_id)
    assert article == Article(
        id=article_id,
        source="ppp",
        key="one",
        url="https://ppp.test/moved/one",
        title="New title",
        text="New text.",
        first_seen=now,
        fetched_at=later,
        authors=("Somebody",),
        published_at=later,
        modified_at=later,
        language="km",
        section="politics",
        kind="feature",
        notes=("New note",),
        links=("https://new.test/",),
        remarks=("new",),
        revision=2,
    )


def test_every_revision_is_kept_oldest_first(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one", text="First.", notes=("a",))
    keep(corpus, "other")
    for number in (2, 3):
        changed = draft("one", f"Text {number}.", url=f"https://ppp.test/{number}")
        fetched_at = now + timedelta(hours=number)
        assert corpus.articles.revise(article_id, changed, f"t{number}", f"c{number}", fetched_at) == number
    kept = corpus.articles.revisions(article_id)
    assert [(each.article_id, each.number, each.text, each.notes) for each in kept] == [
        (article_id, 1, "First.", ("a",)),
        (article_id, 2, "Text 2.", ()),
        (article_id, 3, "Text 3.", ()),
    ]
    assert [each.fetched_at for each in kept] == [now, now + timedelta(hours=2), now + timedelta(hours=3)]
    assert [each.url for each in kept] == ["https://ppp.test/one", "https://ppp.test/2", "https://ppp.test/3"]


def test_an_article_that_does_not_exist_is_not_revised(
    corpus: Corpus, draft: Callable[..., Draft], now: datetime
) -> None:
    with pytest.raises(StorageError, match="no article 7"):
        corpus.articles.revise(7, draft(), "t", "c", now)
    with pytest.raises(StorageError, match="no article 7"):
        corpus.articles.content_hash(7)


def test_the_content_hash_is_that_of_the_newest_revision(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    assert corpus.articles.content_hash(article_id) == "content-one"
    corpus.articles.revise(article_id, draft("one"), "t2", "c2", now)
    assert corpus.articles.content_hash(article_id) == "c2"


def test_a_text_is_found_in_any_revision_and_lowest_id_first(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    first = keep(corpus, "one")
    second = corpus.articles.add(draft("two"), "text-one", "c", now, now)
    assert (second > first, corpus.articles.holding("text-one")) == (True, first)
    corpus.articles.revise(second, draft("two"), "text-new", "c", now)
    corpus.articles.revise(first, draft("one"), "text-new", "c", now)
    assert corpus.articles.holding("text-one") == first
    assert corpus.articles.holding("text-new") == first


def test_a_copy_is_recorded_once_and_told_with_its_article(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    first, second = keep(corpus, "one"), keep(corpus, "two")
    later = now + timedelta(hours=1)
    assert corpus.articles.add_copy(first, CopyAddress("ohchr", "https://ohchr.test/b", now))
    assert corpus.articles.add_copy(first, CopyAddress("ohchr", "https://ohchr.test/a", later))
    assert not corpus.articles.add_copy(first, CopyAddress("ohchr", "https://ohchr.test/b", later))
    assert corpus.articles.add_copy(second, CopyAddress("ohchr", "https://ohchr.test/b", later))
    copies = (CopyAddress("ohchr", "https://ohchr.test/b", now), CopyAddress("ohchr", "https://ohchr.test/a", later))
    found = corpus.articles.by_id(first), corpus.articles.by_key("ppp", "one"), *corpus.articles.between(0, first)
    assert [article.copies for article in found if article] == [copies] * 3


def test_a_copy_of_nothing_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StorageError, match="contradicts"), store.transaction() as corpus:
        corpus.articles.add_copy(7, CopyAddress("ohchr", "https://ohchr.test/b", now))


def test_a_period_is_told_by_source_then_date_then_id(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    def day(number: int) -> datetime:
        return now + timedelta(days=number)

    keep(corpus, "before")
    late = keep(corpus, "late", published_at=day(3).astimezone(PHNOM_PENH))
    undated = keep(corpus, "undated", first_seen=day(2))
    early = keep(corpus, "early", published_at=day(1), first_seen=day(9))
    same_day = keep(corpus, "same", published_at=day(1))
    other = keep(corpus, "other", source="ohchr", published_at=day(8))
    keep(corpus, "after")
    told = corpus.articles.between(1, other)
    assert [article.id for article in told] == [other, early, same_day, undated, late]
    assert corpus.articles.between(1, 1) == ()


def test_the_newest_articles_are_those_of_the_latest_date(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    old = keep(corpus, "old", published_at=now - timedelta(days=9))
    undated = keep(corpus, "undated", first_seen=now)
    older = keep(corpus, "older", published_at=now - timedelta(days=99))
    other = keep(corpus, "other", source="ohchr", published_at=now - timedelta(days=1))
    assert [article.id for article in corpus.articles.newest(9)] == [undated, other, old, older]
    assert [article.id for article in corpus.articles.newest(2)] == [undated, other]
    assert [article.id for article in corpus.articles.newest(2, "ppp")] == [undated, old]


def test_a_revision_that_brings_a_date_moves_the_article_and_one_that_loses_it_moves_it_back(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    first, second = keep(corpus, "one"), keep(corpus, "two", published_at=now - timedelta(days=1))
    corpus.articles.revise(first, draft("one", published_at=now - timedelta(days=2)), "t", "c", now)
    assert [article.id for article in corpus.articles.newest(9)] == [second, first]
    corpus.articles.revise(first, draft("one"), "t", "c", now)
    assert [article.id for article in corpus.articles.newest(9)] == [first, second]


def test_more_articles_than_a_statement_takes_values_come_with_their_copies(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    ids = [keep(corpus, f"k{number:04}") for number in range(1100)]
    for article_id in (ids[0], ids[-1]):
        corpus.articles.add_copy(article_id, CopyAddress("ohchr", "https://ohchr.test/b", now))
    told = corpus.articles.between(0, ids[-1])
    assert [article.id for article in told] == ids
    assert [article.id for article in told if article.copies] == [ids[0], ids[-1]]


def test_articles_are_counted_by_source(corpus: Corpus, keep: Callable[..., int]) -> None:
    assert (corpus.articles.counts(), corpus.articles.highest_id()) == ({}, 0)
    keep(corpus, "one")
    keep(corpus, "two")
    last = keep(corpus, "one", source="ohchr")
    assert (corpus.articles.counts(), corpus.articles.highest_id()) == ({"ohchr": 1, "ppp": 2}, last)


def test_texts_come_in_portions_in_the_order_of_their_ids(corpus: Corpus, keep: Callable[..., int]) -> None:
    ids = [keep(corpus, key, text=f"Text of {key}.") for key in ("one", "two", "three")]
    assert corpus.articles.texts_after(0, 2) == {
        ids[0]: ("Title of one", "Text of one."),
        ids[1]: ("Title of two", "Text of two."),
    }
    assert list(corpus.articles.texts_after(ids[1], 9)) == [ids[2]]
    assert corpus.articles.texts_after(ids[2], 9) == {}


def test_copies_are_told_by_article(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    one, two = keep(corpus, "one"), keep(corpus, "two")
    copy = CopyAddress("ohchr", "https://ohchr.test/b", now, "As it is called there", now)
    corpus.articles.add_copy(two, copy)
    assert corpus.articles.copies([one, two]) == {two: (copy,)}


def test_articles_dated_since_a_moment_come_latest_first_in_portions(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    ahead = timezone(timedelta(hours=7))
    ids = [
        keep(corpus, "old", published_at=now - timedelta(days=9)),
        keep(corpus, "two", published_at=(now - timedelta(days=2)).astimezone(ahead)),
        keep(corpus, "undated", first_seen=now - timedelta(days=1)),
        keep(corpus, "same", source="ohchr", published_at=now - timedelta(days=2)),
    ]
    since = now - timedelta(days=2)
    found: list[int] = []
    before = None
    while portion := corpus.articles.dated(since, (), before, 1):
        (article,) = portion
        found.append(article.id)
        before = article.published_at or article.first_seen, article.id
    assert found == [ids[2], ids[3], ids[1]]
    assert [article.id for article in corpus.articles.dated(since, ["ohchr"], None, 9)] == [ids[3]]
    assert corpus.articles.count_dated(since, []) == 3
    assert corpus.articles.count_dated(since, ["ppp", "ohchr", "none"]) == 3
    assert corpus.articles.count_dated(since, ["ppp"]) == 2
