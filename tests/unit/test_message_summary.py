"""Alerts of what happened to articles, and many alerts as one message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.config import Config
from core.model import Article, Capture, CopyAddress, Draft, Match, Passage, Reason, Skipped
from core.owed import Occasion
from notify.archived import Archive, Kept
from notify.composing import compose_alert, compose_summary
from notify.message import Envelope, summary_message
from notify.phrases import Reader
from notify.render import alert_bodies, summary_bodies
from notify.silence import Pace, pace, quiet
from notify.summary import Summary, summary
from storage.store import Store
from tests.golden.sample import HOSTILE, READER

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR"}
ARTICLE = Article(7, "post", "7", "https://www.example.org/7", "A title", "The land case goes on.", NOW, NOW)
PASSAGE = Passage("The land case goes on.", ((4, 8),))
ENVELOPE = Envelope("summary:1", "tonle@example.org", ("a@example.org",), NOW, foot="You get this as anna.")


def match(number: int, rule: str = "land", **changes: object) -> Match:
    article = replace(ARTICLE, id=number, url=f"https://www.example.org/{number}", title=f"Headline number {number}")
    return Match(number, rule, replace(article, **changes), PASSAGE, NOW + timedelta(minutes=number))  # type: ignore[arg-type]


def told(matches: list[Match], reader: Reader = READER) -> Summary:
    return summary(matches, reader)


def test_many_alerts_go_by_rule_the_one_with_the_most_first_and_the_latest_of_each_first() -> None:
    found = told([match(1), match(2, "press"), match(3), match(4)])
    assert [(group.rule, [item.article_id for item in group.items]) for group in found.groups] == [
        ("land", [4, 3, 1]),
        ("press", [2]),
    ]
    assert found.subject == "tonle: 4 alerts — land 3, press 1"
    assert (found.number, found.left_out) == (4, 0)


def test_the_subject_names_three_rules_and_says_that_there_are_more() -> None:
    found = told([match(number, f"rule-{number % 5}") for number in range(500)])
    assert found.subject == "tonle: 500 alerts — rule-0 100, rule-1 100, rule-2 100, …"


@pytest.mark.parametrize("words", ["word ", "\u1781\u17d2\u1798\u17c2\u179a "])
def test_a_summary_stays_below_100_kb_and_counts_what_it_leaves_out(words: str) -> None:
    text = Passage(words * 200, ((1000, 1004),))
    many = [replace(match(number, f"rule-{number % 7}", title=words * 50), passage=text) for number in range(3_000)]
    bodies = summary_bodies(told(many))
    assert 80_000 < len(bodies.html.encode()) < 100_000
    assert "only counted" in bodies.html
    for rule in range(7):
        assert f"rule-{rule}, 42" in bodies.text
    shown = bodies.text.count("no. ")
    assert shown == bodies.html.count("no. ")
    assert f"{3_000 - shown:,} alerts are only counted" in " ".join(bodies.text.split())


def test_a_summary_is_one_message_with_a_foot() -> None:
    message = summary_message(told([match(1), match(2)]), ENVELOPE)
    assert message.mail["Subject"] == "tonle: 2 alerts — land 2"
    body = message.mail.get_body(("plain",))
    assert body
    assert body.get_content().rstrip().endswith("You get this as anna.")


def test_what_means_harm_is_text_in_a_summary() -> None:
    wicked = match(1, "<rule>", title=HOSTILE, source="<b>", url="javascript:alert(1)", language='"><b>')
    page = summary_bodies(told([replace(wicked, passage=Passage(HOSTILE, ((0, 5),)))])).html
    assert "<script>" not in page
    assert "<img" not in page
    assert "javascript:" not in page


def keep(store: Store) -> int:
    draft = Draft(
        "post", ARTICLE.url, "7", "Court hears land case", ("The land case of 20 families goes on.", "It ends.")
    )
    with store.transaction() as corpus:
        number = corpus.articles.add(draft, "t", "c", NOW, NOW, Capture("a.warc.gz", 1, 9, "sha1:A", NOW))
        edited = replace(draft, paragraphs=("The land case of 30 families goes on.", "It ends."))
        corpus.articles.revise(number, edited, "t2", "c2", NOW + DAY)
    return number


def alerted(store: Store, event: str, key: str = "", revision: int = 2) -> str:
    with store.transaction() as corpus:
        passage = Passage("The land case of 30 families goes on.", ((4, 8),))
        found = corpus.matches.add(1, revision, "land", passage, NOW + DAY, occasion=Occasion(event, key))
        assert found
    with store.reading() as corpus:
        met = corpus.matches.by_id(found)
        assert met
        return " ".join(alert_bodies(compose_alert(corpus, met, Config(), TITLES)).text.split())


def test_an_alert_on_an_edit_shows_what_changed_between_its_revision_and_the_one_before(store: Store) -> None:
    keep(store)
    text = alerted(store, "edits")
    assert "tonle alert: land · edit" in text
    assert "! It was edited: revision 2, read 15 July 2026, 07:30." in text
    assert "The land case of [-20-] {+30+} families goes on." in text
    assert "Number changed" in text
    assert "tonle diff 1 --from 1 --to 2" in text
    assert "It ends." not in text


def test_an_alert_on_a_withdrawal_says_since_when_and_what_the_server_said(store: Store) -> None:
    number = keep(store)
    with store.transaction() as corpus:
        corpus.absences.note(number, Skipped(Reason.GONE, "HTTP 410"), NOW + DAY, is_certain=True)
    text = alerted(store, "withdrawals", "turn:1")
    assert "It was withdrawn. Missing since 15 July 2026, 07:30, at 1 visit; the last answer: HTTP 410." in text
    assert "What was edited" not in text


def test_an_alert_on_a_copy_says_where_it_stands(store: Store) -> None:
    number = keep(store)
    with store.transaction() as corpus:
        for hours, name in ((0, "old"), (20, "new"), (90, "later")):
            copy = CopyAddress("ohchr", f"https://ohchr.example.org/{name}", NOW + timedelta(hours=hours))
            corpus.articles.add_copy(number, copy)
    text = alerted(store, "copies", "copy:2")
    assert "! Another address carries it, found 15 July 2026, 03:30: OHCHR https://ohchr.example.org/new" in text


def test_an_alert_on_a_new_article_says_nothing_of_the_kind_and_names_its_archived_page(store: Store) -> None:
    keep(store)
    text = alerted(store, "new", revision=1)
    assert "tonle alert: land =" in text
    assert "! " not in text


def test_a_summary_of_a_corpus_names_archived_pages(store: Store) -> None:
    number = keep(store)
    with store.transaction() as corpus:
        capture = Capture("a.warc.gz", 2, 9, "sha1:B", NOW)
        corpus.articles.evidence(number, capture)
        found = corpus.matches.add(number, 1, "land", PASSAGE, NOW)
        assert found
    with store.reading() as corpus:
        met = corpus.matches.by_ids([found])
        (group,) = compose_summary(corpus, met, Config(), TITLES, None).groups
    assert group.items[0].kept
    assert group.items[0].kept.command == "tonle page 1"


def test_the_pace_of_a_source_is_the_usual_gap_between_the_times_at_which_something_came() -> None:
    dates = [NOW - DAY * days for days in (2, 2, 2, 2, 2, 2, 5, 8, 11, 20, 23)]
    assert pace(dates) == Pace(NOW - 2 * DAY, 3 * DAY, 9 * DAY)
    assert pace(dates[:8]) == Pace(NOW - 2 * DAY)
    assert pace([]) is None


def test_the_address_of_an_archived_page_has_its_time_in_utc() -> None:
    at = datetime(2026, 7, 14, 7, 30, tzinfo=READER.zone)
    assert Archive({7: ("https://www.example.org/7?a=1", at)}, "https://replay.example.org").kept(7) == Kept(
        "https://replay.example.org/20260714003000/https://www.example.org/7?a=1"
    )
    assert Archive({7: ("https://www.example.org/" + "y" * 2_000, at)}, "https://replay.example.org").kept(7) == Kept(
        command="tonle page 7"
    )
    assert Archive().kept(7) is None


_LAST = "the last article is of"
_OFTEN, _LONG = "usually something comes every", "no gap of late was longer than 9 days"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (None, "Nothing has come from it yet, and it was crawled well: it is quiet."),
        (
            Pace(NOW - 6 * DAY),
            "Nothing new, and it was crawled well: it is quiet; the last article is of 8 July 2026, 07:30.",
        ),
        (
            Pace(NOW - 6 * DAY, 3 * DAY, 11 * DAY),
            f"Nothing new, and it was crawled well: it is quiet; {_OFTEN} 3 days, {_LAST} 8 July 2026, 07:30.",
        ),
        (
            Pace(NOW - 11 * DAY, DAY, 9 * DAY),
            f"Nothing new, though it was crawled well: {_OFTEN} day, {_LAST} 3 July 2026, 07:30; {_LONG}.",
        ),
    ],
)
def test_silence_is_told_with_what_is_usual(known: Pace | None, said: str) -> None:
    assert quiet(known, READER, NOW) == said
