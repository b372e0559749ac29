"""The index of near copies, made anew and made as texts come."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import update

from core.model import Draft
from core.shingles import shingles
from core.stories import Near
from storage.engine import writing
from storage.fingerprints import MOST_HOLDERS
from storage.schema_stories import fingerprints
from storage.store import Corpus, Store
from tests.contract.postgresql import ON_EACH_BACKEND

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MANY = MOST_HOLDERS + 5
STOCK = " ".join(f"stock{each} phrase" for each in range(30))


def added(corpus: Corpus, draft: Callable[..., Draft]) -> dict[int, Draft]:
    """Keep texts of which all share a sentence, and each the rest with its neighbour; return them by id."""
    drafts = {}
    for number in range(MANY):
        own = " ".join(f"word{each // 40} of{each}" for each in range(20 * number, 20 * number + 40))
        made = draft(key=str(number), title=f"Title {number // 2}", paragraphs=(STOCK, own))
        article_id = corpus.articles.add(made, str(number), str(number), NOW, NOW)
        corpus.fingerprints.keep(article_id, shingles(made.text), made.title)
        drafts[article_id] = made
    return drafts


def near(corpus: Corpus, drafts: dict[int, Draft]) -> list[tuple[Near, ...]]:
    return [corpus.fingerprints.near(shingles(each.text), each.title, 9) for each in drafts.values()]


@ON_EACH_BACKEND
def test_to_rebuild_finds_the_same_as_texts_that_came_one_by_one(corpus: Corpus, draft: Callable[..., Draft]) -> None:
    drafts = added(corpus, draft)
    before = near(corpus, drafts)
    assert {len(found) for found in before} <= set(range(2, 9))  # those of the sentence alone are too many
    assert corpus.fingerprints.rebuild() == MANY
    assert near(corpus, drafts) == before
    assert corpus.fingerprints.rebuild() == MANY
    assert near(corpus, drafts) == before


@ON_EACH_BACKEND
def test_what_too_many_hold_finds_where_nothing_else_does_and_as_many_as_were_kept(
    corpus: Corpus, draft: Callable[..., Draft]
) -> None:
    added(corpus, draft)
    kept = corpus.fingerprints.near(shingles(STOCK), "", 2 * MANY)
    assert len(kept) == MOST_HOLDERS
    corpus.fingerprints.rebuild()
    assert corpus.fingerprints.near(shingles(STOCK), "", 2 * MANY) == kept


@ON_EACH_BACKEND
def test_a_text_that_was_dropped_is_found_no_more(corpus: Corpus, draft: Callable[..., Draft]) -> None:
    drafts = added(corpus, draft)
    first, made = next(iter(drafts.items()))
    corpus.fingerprints.drop(first, shingles(made.text), made.title)
    found = corpus.fingerprints.near(shingles(made.text), made.title, 9)
    assert first not in {each.article_id for each in found}
    assert found


def outdate(store: Store) -> None:
    """Let all fingerprints be those of another program."""
    with writing(store._engine).begin() as connection:
        connection.execute(update(fingerprints).values(scheme=0))


@ON_EACH_BACKEND
def test_fingerprints_that_another_program_made_are_counted_until_they_are_made_anew(
    store: Store, draft: Callable[..., Draft]
) -> None:
    with store.transaction() as corpus:
        added(corpus, draft)
        assert corpus.fingerprints.outdated() == 0
    outdate(store)
    with store.transaction() as corpus:
        assert corpus.fingerprints.outdated() == MANY
        corpus.fingerprints.rebuild()
        assert corpus.fingerprints.outdated() == 0


def test_the_check_tells_of_fingerprints_that_another_program_made(store: Store, draft: Callable[..., Draft]) -> None:
    with store.transaction() as corpus:
        added(corpus, draft)
    assert store.check() == ()
    outdate(store)
    (problem,) = store.check()
    assert f"of {MANY} articles" in problem
    assert "`tonle db rebuild fingerprints`" in problem
    with store.transaction() as corpus:
        corpus.fingerprints.rebuild()
    assert store.check() == ()
