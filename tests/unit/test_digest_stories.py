"""A story counts once in a digest, its versions are named, and what was told of before is no news."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.model import Article, CopyAddress, Match, Passage
from core.stories import Relation, Version
from notify.alert import alert
from notify.digest import Digest
from notify.found import Found, digest
from notify.message import Envelope, digest_message
from notify.phrases import Reader
from notify.render import alert_bodies, digest_bodies
from notify.versions import Versions

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR", "office": "OHCHR Cambodia"}, ZoneInfo("Asia/Phnom_Penh"))


def article(number: int, source: str, hours: float = 1.0) -> Article:
    url = f"https://{source}.example.org/{number}"
    published = NOW - timedelta(hours=hours)
    return Article(number, source, str(number), url, f"Headline {number}", "It was said.", NOW, NOW, (), published)


def story(*versions: Article, first: int) -> dict[int, tuple[Version, ...]]:
    """Return a story as the corpus gives it, of which the article with the id `first` stands for it."""
    made = tuple(
        Version(
            each.id, each.source, each.url, each.title, each.published_at, each.published_at or NOW, 9, each.id == first
        )
        for each in sorted(versions, key=lambda each: (each.published_at or NOW, each.id))
    )
    return {each.id: made for each in versions}


def told(articles: Sequence[Article], versions: Versions, after: int = 0, matches: Sequence[Match] = ()) -> Digest:
    return digest(Found(articles, matches, 99, after=after, versions=versions), (), READER, NOW)


STUB, RELEASE, NEWS = article(4, "office", 3), article(5, "ohchr", 2), article(6, "post", 1)
ALL = story(STUB, RELEASE, NEWS, first=5)
RELATIONS = {(4, 5): Relation.EXCERPT, (6, 5): Relation.REWRITE, (5, 4): Relation.EXTENDED}
KNOWN = Versions(ALL, RELATIONS)


def entries(found: Digest) -> list[tuple[int, list[str]]]:
    return [
        (entry.article_id, [place.label for place in entry.copies])
        for section in found.sections
        for entry in section.entries
    ]


def test_versions_of_one_story_are_one_entry_of_the_version_that_stands_for_it() -> None:
    found = told([STUB, RELEASE, NEWS, article(7, "post")], KNOWN)
    assert entries(found) == [(7, []), (5, ["OHCHR Cambodia (excerpt)", "Phnom Penh Post (told anew)"])]
    assert [place.url for place in found.sections[1].entries[0].copies] == [STUB.url, NEWS.url]
    assert (found.number, found.articles) == (2, 4)
    assert found.summary == "2 new stories in 4 articles: Phnom Penh Post 1 and OHCHR 1."


def test_where_the_version_that_stands_for_it_came_later_the_earliest_is_told_of() -> None:
    found = told([STUB, NEWS], Versions(story(STUB, NEWS, article(9, "ohchr"), first=9), RELATIONS))
    assert entries(found) == [(4, ["Phnom Penh Post (another version)"])]
    assert found.summary == "1 new story in 2 articles: OHCHR Cambodia 1."


def test_a_digest_without_versions_counts_articles_as_before() -> None:
    found = told([article(7, "post"), article(8, "post")], Versions())
    assert found.summary == "2 new articles: Phnom Penh Post 2."
    assert (found.carried, found.articles) == ((), 2)


def test_word_for_word_copies_of_a_version_are_named_as_it_is() -> None:
    copies = (CopyAddress("post", "https://post.example.org/stub", NOW),)
    found = told([replace(STUB, copies=copies), RELEASE], Versions(ALL, RELATIONS, {4: copies}))
    assert entries(found) == [(5, ["OHCHR Cambodia (excerpt)", "Phnom Penh Post (excerpt)"])]


def test_a_near_copy_is_named_by_its_outlet_and_one_of_the_same_outlet_as_such() -> None:
    again = article(6, "ohchr")
    near = {(4, 5): Relation.COPY, (6, 5): Relation.COPY}
    found = told([STUB, RELEASE, again], Versions(story(STUB, RELEASE, again, first=5), near))
    assert entries(found) == [(5, ["OHCHR Cambodia", "OHCHR (another version)"])]


def test_a_story_that_a_digest_told_of_is_no_news_but_is_named_with_who_carries_it_since() -> None:
    found = told([NEWS, article(7, "post")], KNOWN, after=5)
    assert entries(found) == [(7, [])]
    (carried,) = found.carried
    assert (carried.article_id, carried.source, carried.title.text, carried.url) == (
        5,
        "OHCHR",
        "Headline 5",
        RELEASE.url,
    )
    assert [place.label for place in carried.places] == ["Phnom Penh Post (told anew)"]
    assert (found.number, found.articles) == (1, 1)
    assert found.summary == "1 new article: Phnom Penh Post 1."


def test_what_was_told_of_is_named_by_the_version_that_was_told_not_by_a_better_one_that_came() -> None:
    (carried,) = told([RELEASE], KNOWN, after=4).carried
    assert (carried.article_id, carried.title.text) == (4, "Headline 4")
    assert [place.label for place in carried.places] == ["OHCHR (longer)"]


def test_a_digest_of_nothing_but_carriers_says_so() -> None:
    found = told([NEWS], KNOWN, after=5)
    assert found.summary == "Nothing new since the last digest but others who carry what it told of (1)."
    message = digest_message(found, Envelope("digest:5-6", "tonle@example.org", (), NOW)).mail
    assert message["Subject"] == "tonle: nothing new, 1 carried on"


def test_many_carriers_are_counted() -> None:
    pairs = [(article(number, "ohchr"), article(number + 100, "post")) for number in range(1, 26)]
    known = {key: value for pair in pairs for key, value in story(*pair, first=pair[0].id).items()}
    found = told([later for _, later in pairs], Versions(known), after=100)
    assert (len(found.carried), found.more_carried) == (20, 5)
    for body in (digest_bodies(found).html, digest_bodies(found).text):
        assert "And 5 others" in body


def test_a_rule_that_several_versions_met_counts_once_and_any_of_them_counts() -> None:
    matches = [
        Match(number, rule, found, Passage("said"), NOW)
        for number, (rule, found) in enumerate((("land", STUB), ("land", RELEASE), ("press", STUB)))
    ]
    found = told([STUB, RELEASE], KNOWN, matches=matches)
    assert found.watched == "1 of them met an alert rule: land 1, press 1."
    assert found.sections[0].entries[0].rules == ("land", "press")


def test_both_forms_name_versions_with_their_addresses() -> None:
    bodies = digest_bodies(told([STUB, RELEASE, NEWS], KNOWN))
    assert "Also at OHCHR Cambodia (excerpt), Phnom Penh Post (told anew):" in bodies.text
    for body in (bodies.html, bodies.text):
        assert STUB.url in body
        assert NEWS.url in body
    later = digest_bodies(told([NEWS], KNOWN, after=5))
    for body in (later.html, later.text):
        for words in ("Also carried since", "Headline 5", RELEASE.url, NEWS.url, "(told anew)"):
            assert words in body


def test_an_alert_names_copies_and_the_other_versions() -> None:
    copied = replace(RELEASE, copies=(CopyAddress("office", "https://office.example.org/copy", NOW),))
    match = Match(7, "land", copied, Passage("It was said.", ((0, 2),)), NOW)
    bodies = alert_bodies(alert(match, READER, KNOWN.others(5, ALL[5])))
    assert "Also at OHCHR Cambodia, OHCHR Cambodia (excerpt), Phnom Penh Post (told anew):" in " ".join(
        bodies.text.split()
    )
    assert NEWS.url in bodies.html
