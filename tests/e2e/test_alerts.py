"""What a monitor does with rules: see how they have done, say what was worth it, try them, and ask why."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from core.model import Draft, Passage
from storage.store import Corpus, Store
from tests.e2e.places import OHCHR, POST, Build, Place

EVICTED, DRY = "Villagers were evicted from the shore on Monday.", "The wells of the district ran dry."
SETTINGS = [
    {"name": "land", "any": ["evict*", "land grab*"], "none": ["football"]},
    {"name": "press", "query": "title:journalist* OR press NEAR/3 freedom", "sources": [POST], "on": ["new"]},
]
SUBSCRIBERS = [
    {"name": "anna", "to": "anna@example.org", "rules": ["land"], "schedule": ["immediate", "weekly monday 08:00"]},
    {"name": "bora", "to": "bora@example.org", "sources": [OHCHR], "quiet": "22:00-06:00", "schedule": "immediate"},
]


@dataclass(frozen=True)
class Scene:
    """A corpus of a few articles; matches are by the keys of their articles."""

    place: Place
    articles: dict[str, int]
    matches: dict[str, int]

    def tonle(self, *args: str) -> str:
        ended = self.place.tonle("alerts", *args)
        assert (ended.code, ended.err) == (0, "")
        return ended.out

    def refused(self, *args: str) -> str:
        ended = self.place.tonle("alerts", *args)
        assert (ended.code, ended.out) == (2, "")
        return ended.err


@contextmanager
def writing(place: Place) -> Iterator[Corpus]:
    store = Store.open(place.database)
    try:
        with store.transaction() as corpus:
            yield corpus
    finally:
        store.close()


@pytest.fixture(scope="module")
def scene(build_once: Build, now: datetime) -> Scene:
    place = build_once(rules=SETTINGS, subscribers=SUBSCRIBERS)
    articles, matches = {}, {}
    with writing(place) as corpus:

        def keep(key: str, days: int, text: str, source: str = POST, rule: str = "", *, is_told: bool = False) -> None:
            at = now - timedelta(days=days)
            draft = Draft(source, f"https://{source}.test/{key}", key, f"Title of {key}", (text,), published_at=at)
            articles[key] = corpus.articles.add(draft, key, key, at, at)
            if rule:
                spans = ((15, 22),) if text == EVICTED else ()
                made = corpus.matches.add(articles[key], 1, rule, Passage(text, spans), at, is_told=is_told)
                matches[key] = made or 0

        keep("ancient", 200, EVICTED, rule="land")
        keep("old", 60, EVICTED, rule="land", is_told=True)
        keep("lost", 9, DRY, rule="land", is_told=True)
        keep("told", 2, EVICTED, rule="land", is_told=True)
        keep("copy", 1, EVICTED, OHCHR, rule="land")
        keep("new", 9, EVICTED)
        keep("gone", 3, DRY, rule="former")
        corpus.stories.make([articles["told"], articles["copy"]], articles["told"], now)
    return Scene(place, articles, matches)


def test_the_list_tells_of_each_rule_what_it_asks_how_it_has_done_and_who_hears(scene: Scene) -> None:
    told = scene.tonle()
    assert told == scene.tonle("list")
    land, press, former = told.rstrip().split("\n\n")
    for words in ("land\n", '(evict* OR "land grab*") -football', "fired 5 times (3 in 30 days), last on "):
        assert words in land
    assert "3 alerts told" in land
    assert "anna (at once and in the digest); bora (at once)" in " ".join(land.split())
    for words in ("press\n", "title:journalist* OR press NEAR/3 freedom", "never fired", f"only {POST}; of new texts"):
        assert words in press
    assert "anna" not in press
    assert former.startswith("former  no longer in the settings")


def test_the_list_gives_scripts_the_same(scene: Scene) -> None:
    land, press, former = scene.place.tonle("alerts", "--json").json["rules"]
    assert (land["fired"], land["fired_30_days"], land["told"], land["precision"]) == (5, 3, 3, None)
    assert [(each["name"], each["at_once"], each["digest"]) for each in land["heard_by"]] == [
        ("", True, False),
        ("", False, True),
        ("anna", True, True),
        ("bora", True, False),
    ]
    assert (press["on"], press["sources"], press["last_at"]) == (["new"], [POST], None)
    assert (former["name"], former["in_force"], former["fired"]) == ("former", False, 1)


def test_a_rule_lists_its_newest_matches_with_numbers_and_the_words_marked(scene: Scene) -> None:
    told = scene.tonle("land", "--limit", "3")
    for key in ("told", "copy", "lost"):
        assert f"{scene.matches[key]}  Title of {key}" in told
    assert "Villagers were *evicted* from the shore" in told
    assert "… and 2 older" in told
    assert f"article {scene.articles['copy']} · met " in told
    found = scene.place.tonle("alerts", "list", "land", "--json").json["matches"]
    assert [match["id"] for match in found] == sorted((match["id"] for match in found), reverse=True)
    assert (found[1]["article"], found[1]["spans"], found[1]["told"]) == (scene.articles["told"], [[15, 22]], True)
    assert "former" in scene.tonle("former")


def test_feedback_makes_a_record_and_a_percentage_only_of_five_answers(scene: Scene) -> None:
    one, two, three, four, five = (str(scene.matches[key]) for key in ("told", "copy", "lost", "old", "ancient"))
    said = scene.tonle("feedback", one, f"#{two}", "good")
    assert said.count(": good\n") == 2
    assert "land: 2 of 2 good (fewer than 5 answers say little)" in said
    assert "noise, no longer good" in scene.tonle("feedback", two, "noise")
    scene.tonle("feedback", three, four, "noise")
    assert "feedback: 1 of 4 good (fewer than 5" in scene.tonle()
    assert "Title of copy  noise" in scene.tonle("land")
    assert "land: 2 of 5 good (40%)" in scene.tonle("feedback", five, "good")
    taken = scene.tonle("feedback", "--undo", one, two, three, four, five)
    assert (taken.count("good is taken back"), taken.count("noise is taken back")) == (2, 3)
    assert "no feedback yet" in taken
    assert "nothing was said" in scene.tonle("feedback", one, "--undo")


def test_of_feedback_that_names_a_match_that_is_none_nothing_is_kept(scene: Scene) -> None:
    one = str(scene.matches["told"])
    assert "999 is no match" in scene.refused("feedback", one, "999", "good")
    for wrong in (["feedback", one], ["feedback", "good"], ["feedback", one, "bad"], ["feedback", "x", "good"]):
        assert scene.refused(*wrong).startswith("error: ")
    assert scene.place.tonle("alerts", "--json").json["rules"][0]["good"] == 0


def test_a_rule_is_tried_on_what_the_corpus_has(scene: Scene) -> None:
    told = scene.tonle("test", "land", "--days", "30")
    for words in (
        "Held against the newest texts of 5 articles of the last 30 days",
        "It would have fired for 2 stories (3 articles).",
        "It fired for 1 article that it would not fire for now.",
        "Alerts were told of 1 of these stories.",
        "OHCHR 1",
        "Asia/Phnom_Penh",
        f"{scene.articles['new']}  Title of new",
        "Villagers were *evicted* from the shore",
        "Fired, and would not now",
        f"{scene.articles['lost']}  Title of lost",
    ):
        assert words in told
    found = scene.place.tonle("alerts", "test", "land", "--json").json
    assert (found["stories"], found["articles"], found["lost"], found["told_stories"]) == (3, 4, 1, 2)
    assert sum(week["stories"] for week in found["weeks"]) == 3
    assert len(found["weeks"]) in {13, 14}
    assert found["sources"] == {POST: 3, OHCHR: 1}
    assert [article["id"] for article in found["gone"]] == [scene.articles["lost"]]


def test_a_query_is_tried_that_stands_in_no_file(scene: Scene) -> None:
    found = scene.place.tonle("alerts", "test", "--query", "wells NEAR/4 dry", "--json").json
    assert (found["rule"], found["stories"], found["lost"]) == (None, 2, None)
    other = scene.place.tonle("alerts", "test", "land", "--query", "dry", "--json").json
    assert (other["rule"], other["stories"], other["fired"], other["lost"]) == ("land", 2, 1, 3)
    assert other["query"] == "dry"
    only = scene.place.tonle("alerts", "test", "--query", "evict*", "--source", OHCHR, "--json").json
    assert [each["id"] for each in only["newest"]] == [scene.articles["copy"]]
    assert "It would have fired for nothing." in scene.tonle("test", "--query", "football")


def test_what_cannot_be_tried_is_refused_with_the_place(scene: Scene) -> None:
    assert "    (evict* OR land\n    ^ " in scene.refused("test", "--query", "(evict* OR land")
    assert "no rule `lnad`; known: land, press" in scene.refused("test", "lnad")
    assert "Name a rule, or write a query" in scene.refused("test")
    assert "Unknown source `ohcr`" in scene.refused("test", "land", "--source", "ohcr")
    assert f"only for {POST}, not for {OHCHR}" in scene.refused("test", "press", "--source", OHCHR)


def test_explain_tells_why_a_rule_fired_of_whom_it_was_told_and_who_hears(scene: Scene) -> None:
    told = " ".join(scene.tonle("explain", "land", str(scene.articles["copy"])).split())
    for words in (
        "Rule land fires for its newest text.",
        "✓ evict*: found once",
        "✗ football: not found",
        f"match {scene.matches['copy']}, no alert was told.",
        f"Of the same story it fired for article {scene.articles['told']} (",
        f"match {scene.matches['told']}, and an alert was told.",
        "Of a story each reader is told once a rule",
        "anna: at once and in the digest",
        "bora: at once, not within 22:00-06:00 (Asia/Phnom_Penh)",
    ):
        assert words in told


def test_explain_tells_why_a_rule_did_not_fire_and_who_hears_nothing(scene: Scene) -> None:
    told = " ".join(scene.tonle("explain", "land", str(scene.articles["lost"])).split())
    for words in (
        "Rule land does not fire for its newest text.",
        "✗ evict*: not found",
        f"match {scene.matches['lost']}, an alert was told.",
        "The rule was changed since.",
        f"not bora: hears of {OHCHR} only",
    ):
        assert words in told
    found = scene.place.tonle("alerts", "explain", "press", str(scene.articles["copy"]), "--json").json
    assert (found["fires"], found["fired"], found["on"]) == (False, [], ["new"])
    assert found["words"]["parts"][0]["what"] == f"sources: {POST}"
    assert not found["words"]["parts"][0]["met"]
    assert [each["name"] for each in found["heard_by"] if not each["why_not"]] == ["", "", "bora"]
    assert "There is no article 999" in scene.refused("explain", "land", "999")
    assert "There is no rule" in scene.refused("explain", "lnad", "1")
