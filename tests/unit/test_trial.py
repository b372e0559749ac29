"""A rule held against the corpus: what it would have brought, and what really came."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.text import Text

from app.cli.passages import told
from app.trial import Findings, Trial, Week, ranked, week_of
from app.trial_rule import rule_of
from core.config import Config
from core.errors import UsageError
from core.model import Draft, Passage
from core.query import printed
from core.rules import Event, Rule
from storage.store import Store

ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)  # a Sunday
SINCE = datetime(2026, 2, 1, tzinfo=ZONE)  # the Sunday four weeks before
EVICTED, DRY = "Villagers were evicted from the shore.", "Wells ran dry."
RULE = Rule(name="land", any=("evict*",))
Keep = Callable[..., int]


@pytest.fixture
def keep(store: Store) -> Keep:
    """Keep an article, so many days old, and a match of a rule if one is named; return its id."""

    def kept(days: float, text: str = EVICTED, source: str = "ppp", rule: str = "", *, is_told: bool = False) -> int:
        with store.transaction() as corpus:
            key = str(corpus.articles.highest_id() + 1)
            at = NOW - timedelta(days=days)
            draft = Draft(source, f"https://{source}.test/{key}", key, f"Title {key}", (text,), published_at=at)
            number = corpus.articles.add(draft, key, key, NOW, NOW)
            if rule:
                corpus.matches.add(number, 1, rule, Passage(text), NOW, is_told=is_told)
            return number

    return kept


def tried(store: Store, rule: Rule = RULE, known: str | None = "land", most: int = 9, *sources: str) -> Findings:
    findings = Findings(SINCE, ZONE, most)
    trial = Trial(store, rule, SINCE, sources, known)
    assert list(trial.steps(findings)) == list(range(1, trial.number() + 1))
    return findings


def one_story(store: Store, *articles: int) -> int:
    with store.transaction() as corpus:
        return corpus.stories.make(articles, articles[0], NOW)


def test_what_meets_the_rule_is_counted_by_article_story_and_source(store: Store, keep: Keep) -> None:
    one, two = keep(1), keep(2, source="ohchr")
    story = one_story(store, one, two)
    alone = keep(3)
    keep(4, DRY)
    keep(40)
    found = tried(store)
    assert (found.looked, found.articles, found.stories) == (4, 3, 2)
    assert ranked(found.sources) == [("ppp", 2), ("ohchr", 1)]
    assert [(hit.article.id, hit.story) for hit in found.newest] == [(one, story), (alone, -alone)]
    assert found.newest[0].passage == Passage(EVICTED, ((15, 22),))


def test_a_story_counts_in_the_week_of_its_first_version_and_weeks_of_nothing_stand(store: Store, keep: Keep) -> None:
    one_story(store, keep(1), keep(8))
    keep(2)
    found = tried(store)
    assert found.weeks(NOW) == (
        Week(date(2026, 1, 26)),
        Week(date(2026, 2, 2)),
        Week(date(2026, 2, 9)),
        Week(date(2026, 2, 16), stories=1, articles=1),
        Week(date(2026, 2, 23), stories=1, articles=2),
    )


def test_a_week_begins_on_monday_where_the_reader_is() -> None:
    sunday = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert week_of(sunday, ZONE) == date(2026, 3, 2)
    assert week_of(sunday, ZoneInfo("UTC")) == date(2026, 2, 23)
    # A day without a time is that day everywhere.
    assert week_of(datetime(2026, 3, 2, tzinfo=timezone(timedelta(hours=14))), ZONE) == date(2026, 3, 2)


def test_it_is_held_against_what_really_fired(store: Store, keep: Keep) -> None:
    heard, silent, new = keep(1, rule="land", is_told=True), keep(2, rule="land"), keep(3)
    lost = keep(4, DRY, rule="land", is_told=True)
    keep(5, DRY, rule="press")
    found = tried(store)
    assert [(hit.article.id, hit.has_fired, hit.is_told) for hit in found.newest] == [
        (heard, True, True),
        (silent, True, False),
        (new, False, False),
    ]
    assert (found.fired, found.lost, [article.id for article in found.gone]) == (2, 1, [lost])
    assert found.told_stories == 1


def test_a_story_was_told_of_if_any_of_its_versions_was(store: Store, keep: Keep) -> None:
    one_story(store, keep(1), keep(2, DRY, rule="land", is_told=True))
    found = tried(store)
    assert (found.stories, found.told_stories) == (1, 1)


def test_a_query_is_held_against_what_any_rule_met(store: Store, keep: Keep) -> None:
    keep(1, rule="press", is_told=True)
    keep(2, DRY, rule="land")
    found = tried(store, known=None)
    assert (found.fired, found.lost, found.told_stories) == (1, 0, 1)


def test_only_sources_that_are_asked_for_are_looked_at(store: Store, keep: Keep) -> None:
    keep(1)
    other = keep(2, source="ohchr")
    for found in (
        tried(store, RULE, "land", 9, "ohchr"),
        tried(store, Rule(name="land", any=("evict*",), sources=("ohchr",))),
    ):
        assert (found.looked, [hit.article.id for hit in found.newest]) == (1, [other])


def test_of_many_only_the_newest_are_remembered(store: Store, keep: Keep) -> None:
    newest = [keep(0), keep(0.5)]
    with store.transaction() as corpus:
        for number in range(450):  # more than two portions
            key, at = f"old{number}", NOW - timedelta(days=1, hours=number)
            draft = Draft("ppp", f"https://ppp.test/{key}", key, key, (EVICTED,), published_at=at)
            corpus.articles.add(draft, key, key, NOW, NOW)
    found = tried(store, most=2)
    assert (found.articles, found.looked) == (452, 452)
    assert [hit.article.id for hit in found.newest] == newest


def test_a_query_takes_the_place_of_a_rules_own_and_leaves_the_rest() -> None:
    rule = Rule(name="land", any=("evict*",), sources=("ohchr",), languages=("en",), on=(Event.NEW,))
    made = rule_of("shore NEAR/3 lake", rule, Config(), ["ohchr"])
    assert (made.name, made.sources, made.languages, made.on) == ("land", ("ohchr",), ("en",), (Event.NEW,))
    assert printed(made.wanted) == "shore NEAR/3 lake"


def test_a_query_knows_the_groups_of_the_settings() -> None:
    made = rule_of("@water -sport", "query", Config(groups={"water": ("lake", "river*")}), [])
    assert printed(made.wanted) == "(lake OR river*) -sport"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("(evict* OR land", "\n    (evict* OR land\n    ^ "),
        ("land @water", "unknown group `water`\n    land @water\n         ^ "),
        ("land source:nowhere", "unknown source `nowhere`\n    land source:nowhere\n                ^ known: ohchr"),
        ("", "the query is empty"),
    ],
)
def test_an_error_in_a_query_points_at_the_character(query: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        rule_of(query, "query", Config(), ["ohchr"])
    assert str(caught.value).startswith("--query: ")
    assert words in str(caught.value)


LONG = " ".join(f"word{number}" for number in range(60))


def output(**settings: object) -> Console:
    return Console(file=StringIO(), color_system="truecolor", **settings)  # type: ignore[arg-type]


def test_a_passage_is_shown_around_its_words_with_colour_where_there_is_any() -> None:
    at = LONG.index("word40")
    passage = Passage(LONG, ((at, at + 6),))
    assert told(output(force_terminal=True), passage, 60) == (
        "…word38 word39 [bold yellow]word40[/] word41 word42 word43 word44…"
    )
    for plain in (output(force_terminal=True, no_color=True), output(force_terminal=False)):
        assert "word39 *word40* word41" in told(plain, passage, 60)


def test_what_a_page_wrote_is_no_markup() -> None:
    passage = Passage("[bold]Land[/] was \x1b[31msold", ((6, 10),))
    assert Text.from_markup(told(output(), passage, 60)).plain == "[bold]*Land*[/] was [31msold"
