"""Which articles a digest covers, on a real corpus: nothing is lost, and nothing is owed twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.config import Config
from core.model import CopyAddress, Draft, Passage, Saved
from core.stories import Likeness, Relation
from notify.composing import compose
from notify.message import Envelope, digest_message
from notify.periods import owe_digest, preview
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR"}


def keep(store: Store, name: str, seen: datetime = NOW, published: datetime | None = None) -> int:
    draft = Draft(
        source="post",
        url=f"https://www.example.org/{name}",
        key=name,
        title=f"Headline {name}",
        paragraphs=(f"First of {name}. Second of {name}.",),
        published_at=published,
    )
    with store.transaction() as corpus:
        return corpus.articles.add(draft, f"t-{name}", f"c-{name}", seen, seen)


def owed(store: Store, now: datetime = NOW, since: datetime | None = None) -> list[int] | None:
    """Return the ids of the articles in the digest that is owed now; None where none is."""
    period = owe_digest(store, Config(), TITLES, now, since)
    if period is None:
        return None
    with store.reading() as corpus:
        told = compose(corpus, period, Config(), TITLES, now)
    return sorted(item.article_id for section in told.sections for item in section.entries)


def waiting(store: Store) -> int:
    with store.reading() as corpus:
        return corpus.outbox.waiting()


def test_an_empty_corpus_owes_nothing(store: Store) -> None:
    assert owed(store) is None
    assert owed(store, since=NOW - timedelta(days=9)) is None
    assert waiting(store) == 0


def test_each_digest_begins_where_the_last_one_ended(store: Store) -> None:
    first, second = keep(store, "a"), keep(store, "b")
    assert owed(store) == [first, second]
    assert owed(store) is None
    third = keep(store, "c")
    assert owed(store) == [third]
    assert waiting(store) == 2


def test_a_period_goes_by_the_corpus_s_sequence_not_by_the_clock(store: Store) -> None:
    keep(store, "a")
    assert owed(store) is not None
    late = keep(store, "b", seen=NOW - timedelta(days=30))
    assert owed(store) == [late]


def test_the_delivery_is_known_by_its_period(store: Store) -> None:
    keep(store, "a")
    period = owe_digest(store, Config(), TITLES, NOW)
    assert period is not None
    with store.reading() as corpus:
        state = corpus.outbox.by_key("digest:0-1")
    assert state is not None
    assert (state.kind, state.ref) == ("digest", period.id)


def test_many_askers_at_once_owe_one_digest(store: Store) -> None:
    keep(store, "a")
    with ThreadPoolExecutor(8) as pool:
        periods = list(pool.map(lambda _: owe_digest(store, Config(), TITLES, NOW), range(8)))
    assert sum(period is not None for period in periods) == 1
    assert waiting(store) == 1


def test_since_tells_again_what_was_first_seen_from_then_on_whatever_its_date(store: Store) -> None:
    day = timedelta(days=1)
    keep(store, "old", seen=NOW - 3 * day, published=NOW)
    new = keep(store, "new", seen=NOW - day, published=NOW - 90 * day)
    assert owed(store) == [1, 2]
    assert owed(store, since=NOW - 2 * day) == [new]
    assert owed(store, since=NOW - 2 * day) is None
    assert owed(store, since=NOW + day) is None


def test_since_looks_back_as_far_as_it_must(store: Store) -> None:
    for number in range(1_203):
        keep(store, str(number), seen=NOW + timedelta(minutes=number))
    found = owed(store, since=NOW + timedelta(minutes=100))
    assert found is not None
    assert (found[0], found[-1], len(found)) == (101, 1203, 1103)


def test_a_digest_made_with_since_loses_nothing_for_the_next_one(store: Store) -> None:
    first = keep(store, "a", seen=NOW - timedelta(days=2))
    assert owed(store) == [first]
    untold = keep(store, "b", seen=NOW - timedelta(days=1))
    recent = keep(store, "c", seen=NOW)
    assert owed(store, since=NOW) == [recent]
    assert owed(store) == [untold, recent]


def test_nothing_is_opened_when_nothing_could_be_owed(store: Store) -> None:
    keep(store, "a")
    owe_digest(store, Config(), TITLES, NOW, NOW)
    with store.reading() as corpus:
        opened = corpus.digests.last()
    owe_digest(store, Config(), TITLES, NOW, NOW)
    with store.reading() as corpus:
        assert corpus.digests.last() == opened


def test_a_preview_shows_what_would_be_sent_and_touches_nothing(store: Store, tmp_path: Path) -> None:
    keep(store, "a")
    before = (tmp_path / "corpus.sqlite").read_bytes()
    html, text = preview(store, Config(), TITLES, NOW)
    assert "Headline a" in html
    assert "Headline a" in text
    assert (tmp_path / "corpus.sqlite").read_bytes() == before
    assert owed(store) == [1]
    assert "Nothing new since the last digest (14 July 2026, 07:30)." in preview(store, Config(), TITLES, NOW)[1]
    assert "Headline a" in preview(store, Config(), TITLES, NOW, NOW - timedelta(days=1))[1]


def test_rules_and_crawls_are_read_from_the_corpus(store: Store) -> None:
    number = keep(store, "a")
    with store.transaction() as corpus:
        corpus.matches.add(number, 1, "land", Passage("First of a.", ((0, 5),)), NOW)
        run = corpus.runs.start("post", "schedule", NOW - timedelta(hours=1))
        corpus.runs.record(run, "https://www.example.org/a", Saved(number), NOW)
        corpus.runs.finish(run, "finished", NOW - timedelta(minutes=30))
        broken = corpus.runs.start("ohchr", "schedule", NOW - timedelta(hours=1))
        corpus.runs.finish(broken, "failed", NOW - timedelta(minutes=50), "no route to host")
    period = owe_digest(store, Config(), TITLES, NOW)
    assert period is not None
    with store.reading() as corpus:
        told = compose(corpus, period, Config(), TITLES, NOW)
    assert told.rules == (("land", 1),)
    assert told.kept == 1
    post, ohchr = told.coverage
    assert post.sentences[-1].endswith("(30 minutes ago): 1 page fetched, 1 new.")
    assert ohchr.sentences[0].endswith("(50 minutes ago): no route to host.")


def crawled(store: Store, source: str, status: str, at: datetime = NOW) -> None:
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(source, "schedule", at), status, at)


def test_with_nothing_new_and_no_trouble_nothing_is_owed(store: Store) -> None:
    for source in TITLES:
        crawled(store, source, "finished")
    assert owed(store) is None
    crawled(store, "ohchr", "stopped")
    assert owed(store) is None
    assert waiting(store) == 0


def test_with_nothing_new_and_a_source_in_trouble_a_digest_is_owed_once_a_day_of_its_zone(store: Store) -> None:
    number = keep(store, "a")
    assert owed(store) == [number]
    crawled(store, "post", "finished")
    crawled(store, "ohchr", "failed")
    assert owed(store) == []
    evening = datetime(2026, 7, 14, 16, 59, tzinfo=UTC)
    assert owed(store, evening) is None
    assert owed(store, evening + timedelta(minutes=1)) == []
    with store.reading() as corpus:
        assert corpus.outbox.by_key("digest:trouble:1:2026-07-14")
        assert corpus.outbox.by_key("digest:trouble:1:2026-07-15")
    assert owed(store, NOW + timedelta(days=9), since=NOW + timedelta(days=8)) is None


def test_a_digest_of_trouble_says_so_in_subject_and_text(store: Store) -> None:
    crawled(store, "post", "finished")
    crawled(store, "ohchr", "failed")
    period = owe_digest(store, Config(), TITLES, NOW)
    assert period is not None
    with store.reading() as corpus:
        told = compose(corpus, period, Config(), TITLES, NOW)
    message = digest_message(told, Envelope("digest:trouble", "tonle@localhost", (), NOW)).mail
    assert message["Subject"] == "tonle: nothing new; OHCHR needs a look"
    for body in preview(store, Config(), TITLES, NOW):
        assert "Nothing new since the last digest (14 July 2026, 07:30); OHCHR needs a look." in body


def test_versions_of_a_story_are_one_entry_and_later_ones_no_new_entry(store: Store) -> None:
    first, second = keep(store, "a"), keep(store, "b")
    with store.transaction() as corpus:
        story = corpus.stories.make((first, second), second, NOW)
        corpus.stories.link(second, first, Likeness(Relation.EXTENDED), NOW)
    assert "Also at Phnom Penh Post (excerpt)" in preview(store, Config(), TITLES, NOW)[1]
    assert owed(store) == [second]
    third, fourth = keep(store, "c"), keep(store, "d")
    with store.transaction() as corpus:
        corpus.stories.join(third, story)
        corpus.articles.add_copy(third, CopyAddress("ohchr", "https://ohchr.example.org/c", NOW))
    text = preview(store, Config(), TITLES, NOW)[1]
    assert "1 new article: Phnom Penh Post 1." in text
    assert "Since then at Phnom Penh Post (another version), OHCHR (another version):" in " ".join(text.split())
    assert owed(store) == [fourth]


def test_a_digest_of_trouble_leaves_the_sequence_of_the_others_as_it_was(store: Store) -> None:
    first = keep(store, "a")
    assert owed(store) == [first]
    crawled(store, "ohchr", "failed")
    assert owed(store) == []
    second = keep(store, "b")
    assert owed(store) == [second]
    assert owed(store, NOW + timedelta(days=1)) == []
