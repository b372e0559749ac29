"""A story whose page goes for days, comes back, and goes again: what is kept, shown and told of it, and the proof."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.model import Article
from core.stories import Absence
from replica import Replica
from tests.e2e.places import POST, Build, Place, truth_of
from tests.e2e.processes import Ended
from tests.rigs.seasons import let_a_day_pass

SLUG = "land-activists-summoned-41-times-in-six-months-monitor-says"
TIMES = {
    "addresses": ("first_seen", "last_visit", "next_visit"),
    "articles": ("missing_since", "gone_since"),
    "absences": ("missing_since", "last_missing", "gone_since", "returned_at"),
}


@dataclass
class Withdrawal:
    """A story, and what each crawl logged of it. digests are those that were asked for, by when."""

    place: Place
    article_id: int
    events: list[list[str]] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)

    def article(self) -> Article:
        with self.place.corpus() as corpus:
            found = corpus.articles.by_id(self.article_id)
        assert found is not None
        return found

    def absences(self) -> tuple[Absence, ...]:
        with self.place.corpus() as corpus:
            return corpus.absences.of(self.article_id)

    def a_day_passes(self) -> None:
        """Put all that is remembered of the story, and of when its page was away, a day back."""
        with closing(sqlite3.connect(self.place.database)) as database, database:
            for table, columns in TIMES.items():
                its = "id" if table == "articles" else "article_id"
                earlier = ", ".join(f"{name} = strftime('%Y-%m-%d %H:%M:%f000', {name}, '-1 day')" for name in columns)
                database.execute(f"UPDATE {table} SET {earlier} WHERE {its} = ?", (self.article_id,))  # noqa: S608

    def crawl(self) -> None:
        """Crawl, and keep what was logged of articles that go and come."""
        ended = self.place.tonle("--log-level", "info", "--log-format", "json", "crawl")
        assert ended.code == 0, ended.err
        said: list[Mapping[str, Any]] = [json.loads(line) for line in ended.err.splitlines()]
        told = [each for each in said if each["event"].startswith("article.")]
        assert all(each["article"] == self.article_id for each in told)
        self.events.append([each["event"] for each in told])

    def ask(self, when: str) -> None:
        """Keep what `tonle show`, `tonle status` and a digest say now; the digest is sent."""
        self.shown[when] = self.tonle("show", str(self.article_id)).out
        self.digests[when] = self.tonle("digest").out
        self.status[when] = self.tonle("status", "--json").json["away"]
        self.tonle("digest", "--send")

    def tonle(self, *args: str) -> Ended:
        ended = self.place.tonle(*args)
        assert ended.code == 0, ended.err
        return ended


@pytest.fixture(scope="module")
def withdrawal(build_once: Build) -> Withdrawal:
    """404, then 410 for days, then the page as it was, then 404 again."""
    place = build_once()
    place.at(phnom_penh_post=place.replica.base_url(POST)).crawl()
    replica = place.replica
    story = Withdrawal(place, next(each.id for (_, key), each in place.articles.items() if SLUG in key))
    story.ask("at first")
    replica.withdraw(POST, SLUG)
    story.crawl()
    story.ask("missing")
    replica.fault(POST, f"^/[a-z-]+/{SLUG}", "status", status=410)
    for _ in range(3):
        story.a_day_passes()
        story.crawl()
    story.ask("gone")
    there_again(story, replica)
    story.ask("back")
    replica.withdraw(POST, SLUG)
    story.crawl()
    story.ask("gone again")
    return story


def there_again(story: Withdrawal, replica: Replica) -> None:
    replica.clear_faults()
    replica.restore(POST, SLUG)
    story.a_day_passes()
    story.crawl()


def test_each_turn_is_logged_once_when_it_happens(withdrawal: Withdrawal) -> None:
    expected = [["article.missing"], [], ["article.gone"], [], ["article.returned"], ["article.missing"]]
    assert withdrawal.events == expected


def test_what_went_twice_was_away_twice_and_the_text_was_never_lost(withdrawal: Withdrawal) -> None:
    first, second = withdrawal.absences()
    assert (first.visits, first.reason, first.detail) == (4, "gone", "HTTP 410")
    assert first.gone_since is not None
    assert first.returned_at is not None
    assert first.missing_since < first.gone_since < first.last_missing < first.returned_at <= second.missing_since
    assert (second.visits, second.reason, second.gone_since, second.returned_at) == (1, "not-found", None, None)
    article = withdrawal.article()
    assert (article.missing_since, article.gone_since) == (second.missing_since, None)
    assert (article.revision, tuple(article.text.splitlines())) == (1, truth_of_paragraphs(withdrawal))


def truth_of_paragraphs(withdrawal: Withdrawal) -> tuple[str, ...]:
    return truth_of(withdrawal.place.replica, POST, SLUG).paragraphs


def test_the_answers_that_said_so_are_in_the_archive(withdrawal: Withdrawal) -> None:
    first, second = withdrawal.absences()
    assert first.first_capture != first.last_capture
    number = str(withdrawal.article_id)
    heads = [withdrawal.tonle("page", number, "--absence", each, "--headers").out for each in ("1", "2")]
    assert [head.splitlines()[0] for head in heads] == ["HTTP/1.1 410 Gone", "HTTP/1.1 404 Not Found"]
    told = withdrawal.tonle("show", number, "--json").json["absences"]
    assert [each["first_evidence"]["offset"] for each in told] == [
        each.first_capture.offset for each in (first, second) if each.first_capture
    ]
    assert told[0]["last_evidence"]["file"].startswith(f"{POST}/")


def test_an_absence_that_there_was_not_is_exit_code_2(withdrawal: Withdrawal) -> None:
    number = str(withdrawal.article_id)
    for args, said in (
        ((number, "--absence", "3"), "was away 2 times"),
        (("99999", "--absence", "1"), "no article 99999"),
        ((number, "--absence", "1", "--revision", "1"), "exclude"),
    ):
        ended = withdrawal.place.tonle("page", *args)
        assert (ended.code, said in ended.err) == (2, True), ended.err


def test_show_says_since_when_and_how_certain_it_is(withdrawal: Withdrawal) -> None:
    shown = withdrawal.shown
    assert "not found since" not in shown["at first"]
    assert "1 visit (HTTP 404), not certain yet; the text is kept" in shown["missing"]
    assert "withdrawn: not found since" in shown["gone"]
    assert "4 visits (HTTP 410), certain since" in shown["gone"]
    assert "was withdrawn: not found since" in shown["back"]
    assert "came back" in shown["back"]
    lines = shown["gone again"].splitlines()
    told = [line.partition(":")[0] for line in lines if "not found since" in line]
    assert told == ["missing", "was withdrawn"]


def test_status_counts_what_is_away_and_names_the_newest(withdrawal: Withdrawal) -> None:
    counts = {when: (each["withdrawn"], each["missing"]) for when, each in withdrawal.status.items()}
    expected = {"at first": (0, 0), "missing": (0, 1), "gone": (1, 0), "back": (0, 0), "gone again": (0, 1)}
    assert counts == expected
    (newest,) = withdrawal.status["gone"]["newest"]
    assert (newest["id"], newest["visits"]) == (withdrawal.article_id, 4)
    said = withdrawal.tonle("status").out
    assert "1 page missing, not for certain yet. The texts are kept." in said
    assert withdrawal.article().title in said


def test_the_digests_tell_of_the_withdrawal_and_of_the_return_once_each(withdrawal: Withdrawal) -> None:
    told = {
        when: [word for word in ("Withdrawn", "Back again") if f"{word}, 1 article" in text]
        for when, text in withdrawal.digests.items()
    }
    assert told == {"at first": [], "missing": [], "gone": ["Withdrawn"], "back": ["Back again"], "gone again": []}
    assert withdrawal.article().title in withdrawal.digests["gone"]
    assert "at 4 visits; the last answer: HTTP 410." in " ".join(withdrawal.digests["gone"].split())
    assert "back as it was" in " ".join(withdrawal.digests["back"].split())


def test_a_story_that_was_withdrawn_before_it_was_read_is_read_when_it_is_brought_back_as_it_was(build: Build) -> None:
    place = build()
    place.at(phnom_penh_post=place.replica.base_url(POST))
    place.replica.fault(POST, f"^/[a-z-]+/{SLUG}", "status", status=410)
    place.crawl(POST)
    place.replica.withdraw(POST, SLUG)
    for _ in range(2):
        let_a_day_pass(place.database)
        place.crawl(POST)
    place.replica.clear_log()
    let_a_day_pass(place.database)
    place.crawl(POST)
    assert not any(SLUG in entry.path for entry in place.replica.log), "after three days it is given up"
    place.replica.clear_faults()
    place.replica.restore(POST, SLUG)
    place.crawl(POST)
    assert sum(SLUG in key for _, key in place.articles) == 1
