"""What a digest says of withdrawals and returns: each once, by its place in the sequence of turns."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from zoneinfo import ZoneInfo

import pytest

from core.config import Config
from core.model import Article, Draft, Reason, Skipped
from core.owed import DigestPeriod
from core.stories import Absence, Presence, Turn
from notify.composing import compose
from notify.digest import Digest
from notify.found import Found, digest
from notify.message import Envelope, digest_message
from notify.periods import owe_digest, preview
from notify.phrases import Reader
from notify.render import digest_bodies
from notify.withdrawals import MOST, Moves, moves
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TITLES = {"post": "Phnom Penh Post"}
READER = Reader(TITLES, ZoneInfo("Asia/Phnom_Penh"))
ARTICLE = Article(1, "post", "one", "https://www.example.org/one", "Court hears land case", "A text.", NOW, NOW)
GONE = Skipped(Reason.GONE, "HTTP 410")


def article(number: int, **changes: object) -> Article:
    made = replace(ARTICLE, id=number, title=f"Headline {number}", published_at=NOW - 9 * DAY)
    return replace(made, **changes)  # type: ignore[arg-type]


def gone(number: int, **changes: object) -> Turn:
    away = Absence(number, NOW - 3 * DAY, NOW, 4, "gone", "HTTP 410", NOW - DAY)
    return Turn(Presence.GONE, replace(away, **changes))  # type: ignore[arg-type]


def back(number: int, at: datetime = NOW) -> Turn:
    return Turn(Presence.BACK, gone(number, returned_at=at).absence)


def moved(*turns: Turn, **changes: object) -> Moves:
    return moves(
        turns, {turn.absence.article_id: article(turn.absence.article_id, **changes) for turn in turns}, READER
    )


def named(found: Moves) -> dict[str, list[int]]:
    return {each.heading: [entry.article_id for entry in each.entries] for each in found.lists}


def test_the_latest_come_first_and_what_went_stands_apart_from_what_is_back() -> None:
    assert named(moved(gone(1), back(2), gone(3))) == {"Withdrawn": [3, 1], "Back again": [2]}


def test_an_article_that_turned_several_times_is_named_once_by_what_came_last() -> None:
    assert named(moved(gone(1), gone(2), back(1), back(2), gone(2))) == {"Withdrawn": [2], "Back again": [1]}
    assert named(moved(gone(1), gone(2), back(1), gone(1))) == {"Withdrawn": [1, 2]}


def test_nothing_that_moved_makes_no_section() -> None:
    found = moved()
    assert (found.lists, found.summary, found.brief) == ((), "", "")


@pytest.mark.parametrize(
    ("turns", "summary", "brief"),
    [
        ([gone(1)], "1 article was withdrawn.", "1 withdrawn"),
        ([gone(1), gone(2)], "2 articles were withdrawn.", "2 withdrawn"),
        ([back(1)], "1 withdrawn article is back again.", "1 back"),
        ([gone(1), back(2), back(3)], "1 article was withdrawn, and 2 are back again.", "1 withdrawn, 2 back"),
    ],
)
def test_the_totals_are_told_in_a_sentence_and_in_brief(turns: list[Turn], summary: str, brief: str) -> None:
    assert (moved(*turns).summary, moved(*turns).brief) == (summary, brief)


def test_a_withdrawal_says_since_when_how_often_and_what_was_answered() -> None:
    (each,) = moved(gone(7)).lists[0].entries
    assert each.story == "Missing since 11 July 2026, 07:30, at 4 visits; the last answer: HTTP 410."
    assert each.facts == "Phnom Penh Post · 5 July 2026, 07:30 · no. 7"
    (bare,) = moved(gone(7, detail="", reason="")).lists[0].entries
    assert bare.story == "Missing since 11 July 2026, 07:30, at 4 visits."


def test_a_return_says_from_when_to_when_and_whether_the_text_is_the_same() -> None:
    (same,) = moved(back(7), fetched_at=NOW - 9 * DAY, revision=2).lists[0].entries
    assert same.story == "Missing from 11 July 2026, 07:30 to 14 July 2026, 07:30; back as it was."
    (other,) = moved(back(7), fetched_at=NOW + timedelta(minutes=1), revision=2).lists[0].entries
    assert other.story.endswith("back with another text, revision 2.")
    (ours,) = moved(back(7), fetched_at=NOW + timedelta(minutes=1), revision=2, corrections=1).lists[0].entries
    assert ours.story.endswith("back as it was.")
    (again,) = moved(back(7), missing_since=NOW + DAY).lists[0].entries
    assert again.story.endswith("back as it was; missing again since 15 July 2026, 07:30.")


def told(turns: list[Turn], **changes: object) -> Digest:
    articles = {turn.absence.article_id: article(turn.absence.article_id, **changes) for turn in turns}
    return digest(Found([article(1)], (), 9, turns, articles), (), READER, NOW)


def test_both_forms_tell_the_same_and_what_the_web_says_is_escaped() -> None:
    bodies = digest_bodies(
        told([gone(2), back(3)], title="Court <b>hears</b> & rules", url="https://www.example.org/a?b&c")
    )
    assert "Court &lt;b&gt;hears&lt;/b&gt; &amp; rules" in bodies.html
    assert 'href="https://www.example.org/a?b&amp;c"' in bodies.html
    for body in (bodies.html, bodies.text):
        whole = " ".join(body.split())
        for piece in (
            "1 article was withdrawn, and 1 is back again.",
            "Withdrawn",
            "Back again",
            "The texts are kept.",
        ):
            assert piece in whole
        assert whole.count("HTTP 410") == 1


def test_a_site_that_loses_thousands_of_pages_fills_no_message() -> None:
    turns = [turn for number in range(3000) for turn in (gone(number + 2, detail="<" * 500), back(number + 5000))]
    odd = told(turns, title="&<\u1780" * 200, url="https://www.example.org/" + "&" * 1000)
    assert [(each.number, len(each.entries), each.left_out) for each in odd.moves.lists] == [(3000, MOST, 2980)] * 2
    bodies = digest_bodies(odd)
    assert len(bodies.html.encode()) < 100_000
    assert "And 2,980 other articles." in bodies.text


@pytest.mark.parametrize(
    ("new", "expected"),
    [(True, "tonle: 1 new — Phnom Penh Post 1; 1 withdrawn"), (False, "tonle: nothing new; 1 withdrawn")],
)
def test_the_subject_counts_what_moved(new: bool, expected: str) -> None:
    found = Found([article(1)] if new else [], (), 9, [gone(2)], {2: article(2)})
    message = digest_message(digest(found, (), READER, NOW), Envelope("digest:0-1", "tonle@localhost", (), NOW)).mail
    assert message["Subject"] == expected


@pytest.fixture
def store(tmp_path: Path, empty_corpus: Path) -> Iterator[Store]:
    opened = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    with opened.transaction() as corpus:
        for name in ("one", "two", "three"):
            draft = Draft("post", f"https://www.example.org/{name}", name, f"Headline {name}", ("A text.",))
            corpus.articles.add(draft, f"t-{name}", f"c-{name}", NOW, NOW)
    owe_digest(opened, Config(), TITLES, NOW)
    yield opened
    opened.close()


def goes(store: Store, number: int, at: datetime = NOW) -> None:
    with store.transaction() as corpus:
        corpus.absences.note(number, GONE, at, is_certain=True)


def returns(store: Store, number: int, at: datetime = NOW) -> None:
    with store.transaction() as corpus:
        corpus.absences.end(number, at)


def owed(store: Store, since: datetime | None = None) -> dict[str, list[int]] | None:
    """Return what the digest names that is owed now; None where none is."""
    period = owe_digest(store, Config(), TITLES, NOW, since)
    return None if period is None else of(store, period)


def of(store: Store, period: DigestPeriod) -> dict[str, list[int]]:
    with store.reading() as corpus:
        return named(compose(corpus, period, Config(), TITLES, NOW).moves)


def test_a_withdrawal_is_owed_though_no_article_is_new_and_once(store: Store) -> None:
    assert owed(store) is None
    goes(store, 2)
    assert owed(store) == {"Withdrawn": [2]}
    assert owed(store) is None
    with store.reading() as corpus:
        assert corpus.outbox.by_key("digest:3-3:0-1")


def test_turns_go_by_their_own_sequence_not_by_the_clock_nor_by_the_article(store: Store) -> None:
    goes(store, 3)
    assert owed(store) == {"Withdrawn": [3]}
    goes(store, 1, NOW - 30 * DAY)
    returns(store, 3, NOW - 30 * DAY)
    assert owed(store) == {"Withdrawn": [1], "Back again": [3]}
    assert owed(store) is None


def test_what_went_and_came_back_between_two_digests_is_back(store: Store) -> None:
    goes(store, 1)
    returns(store, 1)
    assert owed(store) == {"Back again": [1]}


def test_a_page_that_was_missing_for_a_while_and_never_withdrawn_is_no_news(store: Store) -> None:
    with store.transaction() as corpus:
        corpus.absences.note(1, GONE, NOW)
    returns(store, 1)
    assert owed(store) is None


def test_a_digest_that_is_sent_late_tells_what_it_covered(store: Store) -> None:
    goes(store, 1)
    period = owe_digest(store, Config(), TITLES, NOW)
    assert period is not None
    returns(store, 1)
    goes(store, 2)
    assert of(store, period) == {"Withdrawn": [1]}
    assert owed(store) == {"Withdrawn": [2], "Back again": [1]}


def test_since_tells_again_what_turned_from_then_on_and_loses_nothing_for_the_next(store: Store) -> None:
    goes(store, 1, NOW - 5 * DAY)
    assert owed(store) == {"Withdrawn": [1]}
    goes(store, 2, NOW - 3 * DAY)
    goes(store, 3, NOW - DAY)
    assert owed(store, NOW - 2 * DAY) == {"Withdrawn": [3]}
    assert owed(store, NOW - 2 * DAY) is None
    assert owed(store) == {"Withdrawn": [3, 2]}
    assert owed(store, NOW - 6 * DAY) == {"Withdrawn": [3, 2, 1]}
    returns(store, 1)
    assert owed(store, NOW - 6 * DAY) == {"Withdrawn": [3, 2], "Back again": [1]}


def test_many_askers_at_once_owe_one_digest_of_a_withdrawal(store: Store) -> None:
    goes(store, 1)
    with ThreadPoolExecutor(8) as pool:
        periods = list(pool.map(lambda _: owe_digest(store, Config(), TITLES, NOW), range(8)))
    assert sum(period is not None for period in periods) == 1


def test_a_digest_of_trouble_tells_no_withdrawal_again(store: Store) -> None:
    goes(store, 1)
    assert owed(store) == {"Withdrawn": [1]}
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start("post", "schedule", NOW), "failed", NOW)
    assert owed(store) == {}
    goes(store, 2)
    assert owed(store) == {"Withdrawn": [2]}


def test_a_preview_names_what_the_next_digest_will(store: Store) -> None:
    goes(store, 1)
    for body in preview(store, Config(), TITLES, NOW):
        assert "No new article since the last digest. 1 article was withdrawn." in body
    assert owed(store) == {"Withdrawn": [1]}
