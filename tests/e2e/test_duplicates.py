"""Stories as people see them: one release on three sites, told of once, its versions named, put right by hand."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from core.model import Article
from tests.e2e.places import CAMBODIA, OHCHR, POST, Place

RELEASE, STUB, PAPER = (
    "cambodia-un-experts-alarmed-repeated-summonses-land-defenders",
    "/en/news/un-experts-alarmed-repeated-summonses-land-defenders",
    "summons-alarm",
)


@pytest.fixture(scope="module")
def numbers(copied: Place) -> dict[str, int]:
    """The articles of one release: on OHCHR, its stub at the country office, what the Post printed of it."""
    held: dict[tuple[str, str], Article] = copied.articles
    ends = {RELEASE: OHCHR, STUB: CAMBODIA, PAPER: POST}
    return {
        source: next(article.id for article in held.values() if article.source == source and article.url.endswith(slug))
        for slug, source in ends.items()
    }


def story_of(place: Place, number: int) -> dict[str, Any]:
    return place.tonle("duplicates", str(number), "--json").json


def members(place: Place, number: int) -> set[int]:
    return {version["id"] for version in story_of(place, number)["versions"]}


def test_a_crawl_ends_in_a_story_of_the_release_its_stub_and_what_a_paper_printed(
    copied: Place, numbers: dict[str, int]
) -> None:
    story = story_of(copied, numbers[POST])
    found = {version["source"]: version for version in story["versions"]}
    assert {source: version["id"] for source, version in found.items()} == numbers
    assert found[OHCHR]["representative"]
    assert (found[CAMBODIA]["relation"], found[POST]["relation"]) == ("excerpt", "excerpt")
    assert found[CAMBODIA]["paragraphs_less"] > found[POST]["paragraphs_less"] > 0
    assert found[CAMBODIA]["share"] < found[POST]["share"] < 1
    assert any(link["passages"] for link in story["links"] if link["version"])


def test_duplicates_lists_stories_with_outlets_and_relations(copied: Place, numbers: dict[str, int]) -> None:
    listed = copied.tonle("duplicates").out
    for words in ("OHCHR Cambodia", "Phnom Penh Post", "excerpt"):
        assert words in listed
    rows = copied.tonle("duplicates", "--source", POST, "--json").json["stories"]
    assert [{version["id"] for version in row["versions"]} for row in rows] == [set(numbers.values())]
    assert (rows[0]["representative"], rows[0]["relations"]) == (numbers[OHCHR], ["excerpt"])
    assert len(copied.tonle("duplicates", "--limit", "1", "--json").json["stories"]) == 1


def test_duplicates_of_an_article_tells_who_carried_it_when_and_what_was_cut(
    copied: Place, numbers: dict[str, int]
) -> None:
    told = copied.tonle("duplicates", str(numbers[CAMBODIA])).out
    for words in ("3 versions at", "stands for the story", "excerpt, ", "words less", "Why they are one", "“"):
        assert words in told
    address = next(article.url for article in copied.articles.values() if article.id == numbers[POST])
    assert copied.tonle("duplicates", address).out == copied.tonle("duplicates", str(numbers[POST])).out


def test_duplicates_of_an_article_that_stands_alone_names_its_word_for_word_copies(copied: Place) -> None:
    article = next(each for each in copied.articles.values() if each.copies)
    told = copied.tonle("duplicates", str(article.id)).out
    assert "stands alone" in told
    assert "word for word at" in told
    assert article.copies[0].url in told


def test_show_names_the_other_versions_and_what_they_cut(copied: Place, numbers: dict[str, int]) -> None:
    shown = copied.tonle("show", str(numbers[OHCHR])).out
    assert f"also as {numbers[CAMBODIA]} at OHCHR Cambodia" in shown
    assert "(excerpt, " in shown
    found = copied.tonle("show", str(numbers[OHCHR]), "--json").json
    assert {version["id"] for version in found["versions"]} == {numbers[CAMBODIA], numbers[POST]}
    assert found["story"] == story_of(copied, numbers[OHCHR])["story"]


def test_search_shows_a_story_once_and_gives_scripts_every_hit(copied: Place, numbers: dict[str, int]) -> None:
    words = "land", "experts", "summonses"
    shown = copied.tonle("search", *words).out
    assert sum(shown.count(f"\n{number}  ") + shown.startswith(f"{number}  ") for number in numbers.values()) == 1
    assert "also 2 versions: " in shown
    rows = [json.loads(line) for line in copied.tonle("search", *words, "--json").out.splitlines()]
    story = story_of(copied, numbers[OHCHR])["story"]
    assert {row["id"] for row in rows if row["story"] == story} == set(numbers.values())


def test_status_counts_articles_and_stories(copied: Place) -> None:
    status = copied.tonle("status", "--json").json
    stories = copied.tonle("duplicates", "--limit", "99", "--json").json["stories"]
    assert status["articles"] - status["stories"] == sum(len(story["versions"]) - 1 for story in stories) > 0
    assert f"{status['articles']} articles in {status['stories']} stories" in copied.tonle("status").out


def test_each_rule_is_alerted_of_once_a_story(copied: Place, numbers: dict[str, int]) -> None:
    with copied.corpus() as corpus:
        matched = [match for match in corpus.matches.of_articles(list(numbers.values())) if match.rule == "experts"]
        owed = [match for match in matched if corpus.outbox.by_key(f"alert:{match.article.id}:experts")]
    assert {match.article.id for match in matched} == {numbers[OHCHR], numbers[CAMBODIA]}
    assert len(owed) == 1


def test_articles_are_split_and_joined_by_hand_and_the_index_made_anew_keeps_to_it(
    copied: Place, numbers: dict[str, int]
) -> None:
    office, paper, release = (str(numbers[source]) for source in (CAMBODIA, POST, OHCHR))
    alone = next(article.id for article in copied.articles.values() if article.copies)
    assert f"Article {paper} has left the story of {release}" in copied.tonle("duplicates", "split", paper, release).out
    assert members(copied, numbers[POST]) == {numbers[POST]}
    assert "are not one story; it is kept" in copied.tonle("duplicates", "split", paper, release).out
    assert "of 2 versions" in copied.tonle("duplicates", "join", paper, str(alone)).out
    assert "are two stories (said " in copied.tonle("duplicates", paper).out
    rebuilt = copied.tonle("db", "rebuild", "fingerprints")
    assert (rebuilt.code, "were made anew" in rebuilt.out) == (0, True)
    assert {numbers[POST], alone} <= members(copied, numbers[POST])
    assert numbers[POST] not in members(copied, numbers[OHCHR])
    assert copied.tonle("duplicates", "split", paper, str(alone)).code == 0
    copied.tonle("duplicates", "join", office, release)
    copied.tonle("duplicates", "split", office, paper)
    joined = copied.tonle("duplicates", "join", release, paper).out
    assert joined.count("is taken back") == 1
    assert members(copied, numbers[POST]) == set(numbers.values())


def test_errors_say_what_to_do(copied: Place, numbers: dict[str, int]) -> None:
    one = str(numbers[OHCHR])
    same = copied.tonle("duplicates", "join", one, one)
    assert (same.code, "are the same article" in same.only_error) == (2, True)
    unknown = copied.tonle("duplicates", "split", one, "99999")
    assert (unknown.code, "no article 99999" in unknown.only_error) == (2, True)
    source = copied.tonle("duplicates", "--source", "ohcr")
    assert (source.code, "`ohcr`" in source.only_error) == (2, True)


def test_the_check_names_the_command_where_another_program_made_the_fingerprints(copied: Place) -> None:
    with closing(sqlite3.connect(copied.database)) as older, older:
        older.execute("UPDATE fingerprints SET scheme = 0")
    found = copied.tonle("db", "check")
    assert (found.code, "`tonle db rebuild fingerprints`" in found.only_error) == (4, True)
    copied.tonle("db", "rebuild", "fingerprints")
    assert copied.tonle("db", "check").code == 0
