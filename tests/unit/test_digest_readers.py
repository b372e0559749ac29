"""Each reader's digest of one corpus: what concerns whom, in which order, and what became of what was told before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.audience import Subscriber
from core.config import Config
from core.model import Capture, CopyAddress, Draft, Passage
from core.owed import ChangeKind, DigestPeriod
from core.rules import Rule
from core.stories import Likeness, Relation
from notify.composing import Composer, compose, composer
from notify.digest import Digest
from notify.periods import owe_digest
from notify.render import digest_bodies
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR"}
RULES = (Rule(name="land", any=("land",)), Rule(name="courts", any=("court",)), Rule(name="press", any=("press",)))
CONFIG = Config(rules=RULES)
PAGE = "https://post.example.org/a"


def reader(**settings: object) -> Subscriber:
    return Subscriber.model_validate({"name": "anna", "channel": "file"} | settings)


def keep(store: Store, name: str, source: str = "post", language: str = "en", met: tuple[str, ...] = ()) -> int:
    url = f"https://{source}.example.org/{name}"
    draft = Draft(source, url, name, f"Headline {name}", ("A court heard the land case. It goes on.",))
    with store.transaction() as corpus:
        capture = Capture("a.warc.gz", len(name) + 1, 9, f"sha1:{name}", NOW)
        number = corpus.articles.add(replace(draft, language=language), f"t-{name}", f"c-{name}", NOW, NOW, capture)
        for rule in met:
            corpus.matches.add(number, 1, rule, Passage("A court heard the land case.", ((18, 22),)), NOW)
    return number


def edit(store: Store, number: int, text: str, title: str = "Headline", *, is_correction: bool = False) -> int:
    draft = Draft("post", "https://post.example.org/edited", str(number), title, (text,))
    with store.transaction() as corpus:
        return corpus.articles.revise(number, draft, text, text + title, NOW, is_correction=is_correction)


def due(store: Store, subscriber: Subscriber | None = None) -> DigestPeriod:
    period = owe_digest(store, CONFIG, TITLES, NOW, None, subscriber)
    assert period is not None
    return period


def told(store: Store, period: DigestPeriod, subscriber: Subscriber | None = None) -> Digest:
    with store.reading() as corpus:
        return compose(corpus, period, CONFIG, TITLES, NOW, subscriber)


def all_of(store: Store, subscriber: Subscriber | None = None) -> Digest:
    return told(store, DigestPeriod(0, 0, 99, NOW, 0, 99, 0, 99), subscriber)


def sections(found: Digest) -> dict[str, list[int]]:
    return {section.source: [item.article_id for item in section.entries] for section in found.sections}


def test_a_reader_is_told_of_the_sources_and_languages_that_were_asked_for(store: Store) -> None:
    for name, source, language in (("a", "post", "en"), ("b", "ohchr", "fr"), ("c", "ohchr", "en"), ("d", "post", "")):
        keep(store, name, source, language)
    assert sections(all_of(store)) == {"Phnom Penh Post": [4, 1], "OHCHR": [3, 2]}
    assert sections(all_of(store, reader(sources=("ohchr",)))) == {"OHCHR": [3, 2]}
    assert sections(all_of(store, reader(languages=("en",)))) == {"Phnom Penh Post": [4, 1], "OHCHR": [3]}
    assert [line.source for line in all_of(store, reader(sources=("ohchr",))).coverage] == ["OHCHR"]


def test_a_reader_of_rules_is_told_of_what_met_one_with_the_passage_in_place_of_the_lead(store: Store) -> None:
    keep(store, "a", met=("land", "press"))
    keep(store, "b", met=("courts",))
    keep(store, "c")
    found = all_of(store, reader(rules=("courts", "land")))
    assert sections(found) == {"Phnom Penh Post": [2, 1]}
    first = found.sections[0].entries[1]
    assert first.rules == ("land",)
    assert "".join(f"*{part.text}*" if part.marked else part.text for part in first.stretches) == (
        "A court heard the *land* case."
    )
    assert "A court heard the *land* case." in digest_bodies(found).text
    assert found.watched == "You are told of what met land and courts: courts 1, land 1."


def test_grouped_by_rule_a_story_stands_under_its_first_rule_and_names_the_others(store: Store) -> None:
    keep(store, "a", met=("courts", "land"))
    keep(store, "b", met=("courts",))
    keep(store, "c", "ohchr")
    found = all_of(store, reader(group="rule"))
    assert sections(found) == {"land": [1], "courts": [2], "No rule met": [3]}
    assert found.sections[0].entries[0].rules == ("courts",)
    assert "Met too: courts" in digest_bodies(found).text
    assert "OHCHR · no date given" in digest_bodies(found).text
    assert found.subject == "tonle: 3 new — land 1, courts 1, No rule met 1"


def test_readers_of_one_view_are_given_the_same_digest_and_others_another(store: Store) -> None:
    keep(store, "a", met=("land",))
    period = DigestPeriod(0, 0, 1, NOW)
    with store.reading() as corpus:
        desk: Composer = composer(corpus, CONFIG, TITLES, NOW)
        one = desk.digest(period, reader(rules=("land",)))
        assert desk.digest(replace(period, id=2), reader(name="ben", rules=("land",), quiet="22:00-06:00")) is one
        for other in (
            reader(),
            reader(rules=("land",), zone="Europe/Paris"),
            reader(rules=("land",), group="rule"),
            reader(rules=("land",), languages=("en",)),
        ):
            assert desk.digest(period, other) is not one
        assert desk.digest(replace(period, upto=2), reader(rules=("land",))) is not one


def test_several_edits_of_an_article_are_told_as_one_with_the_words_that_went_and_came(store: Store) -> None:
    number = keep(store, "a")
    due(store)
    edit(store, number, "A court heard 20 families in the land case. It goes on.")
    edit(store, number, "A court heard 30 families in the land case. It goes on.", "Headline b")
    found = told(store, due(store))
    assert found.sections == ()
    (entry,) = found.edited.entries
    first = entry.alterations[0]
    assert (first.label, first.gone.text, first.new.text) == (
        "headline",
        "Headline a",
        "Headline b",
    )
    assert entry.command == "tonle diff 1 --from 1 --to 3"
    assert found.subject == "tonle: nothing new; 1 edited"
    assert found.totals == "No new article since the last digest. 1 article told of before was edited."
    text = digest_bodies(found).text
    assert "- headline: [-Headline a-] {+Headline b+}" in text
    assert "30 families" in text
    assert "20 families" not in text


def test_an_edit_of_a_new_article_is_a_note_at_its_entry(store: Store) -> None:
    number = keep(store, "a")
    edit(store, number, "Another text of the land case stands here now.")
    found = told(store, due(store))
    assert found.edited.number == 0
    assert found.sections[0].entries[0].notices == ("Edited since it was first read: this is revision 2.",)


def test_a_correction_of_tonle_s_own_is_no_edit_and_one_on_the_way_is_named(store: Store) -> None:
    number = keep(store, "a")
    due(store)
    edit(store, number, "A court heard the land case. It goes on and on.", is_correction=True)
    assert owe_digest(store, CONFIG, TITLES, NOW) is None
    edit(store, number, "A court heard the land case. It went on.")
    edit(store, number, "A court heard the land case. It went on there.", is_correction=True)
    edit(store, number, "A court heard the land case. It went on here.")
    (entry,) = told(store, due(store)).edited.entries
    assert entry.notices == ("Revision 4 on the way is a correction of tonle’s own.",)


def test_edits_concern_the_readers_of_their_sources_and_rules_and_those_of_rules_come_first(store: Store) -> None:
    numbers = [keep(store, "a", met=("land",)), keep(store, "b"), keep(store, "c", "ohchr")]
    due(store)
    for number in numbers:
        edit(store, number, f"Text {number} was edited, and is another now.")
    period = due(store)
    assert [each.article_id for each in told(store, period).edited.entries] == [1, 3, 2]
    assert [each.article_id for each in told(store, period, reader(sources=("ohchr",))).edited.entries] == [3]
    assert [each.article_id for each in told(store, period, reader(rules=("land",))).edited.entries] == [1]


def test_copies_that_come_later_are_told_with_the_story_that_they_carry(store: Store) -> None:
    first, second = keep(store, "a"), keep(store, "b")
    due(store)
    third = keep(store, "c", "ohchr")
    with store.transaction() as corpus:
        corpus.stories.make((first, third), first, NOW)
        corpus.stories.link(third, first, Likeness(Relation.REWRITE), NOW)
        for number, name in ((first, "d"), (second, "e"), (third, "f")):
            corpus.articles.add_copy(number, CopyAddress("ohchr", f"https://ohchr.example.org/{name}", NOW))
    found = told(store, due(store))
    assert [(each.article_id, [place.label for place in each.places]) for each in found.carried] == [
        (1, ["OHCHR (told anew)", "OHCHR (told anew)", "OHCHR"]),
        (2, ["OHCHR"]),
    ]


def test_what_came_before_and_did_not_concern_a_reader_was_not_told(store: Store) -> None:
    first = keep(store, "a", "ohchr")
    due(store)
    second = keep(store, "b", met=("land",))
    with store.transaction() as corpus:
        corpus.stories.make((first, second), first, NOW)
    period = due(store)
    assert sections(told(store, period)) == {}
    assert sections(told(store, period, reader(sources=("post",)))) == {"Phnom Penh Post": [2]}
    assert sections(told(store, period, reader(rules=("land",)))) == {"Phnom Penh Post": [2]}


@pytest.mark.parametrize(
    ("revision", "is_late", "why"),
    [(2, False, "after an edit"), (2, True, "when its page was read anew by better rules")],
)
def test_a_rule_met_without_an_alert_is_a_note(store: Store, revision: int, is_late: bool, why: str) -> None:
    old, other = keep(store, "a"), keep(store, "x")
    due(store)
    new = keep(store, "b")
    edit(store, old, "A court heard the land case and the press.")
    with store.transaction() as corpus:
        for number in (old, new, other):
            passage = Passage("and the press", ((8, 13),))
            match = corpus.matches.add(number, revision, "press", passage, NOW, is_late=is_late)
            assert match
            corpus.changes.add(ChangeKind.MATCH, number, match, NOW)
    note = f"Met press too, {why}; no alert was sent."
    period = due(store)
    found = told(store, period)
    assert found.sections[0].entries[0].notices == (note,)
    assert found.edited.entries[0].notices == (note,)
    assert [(each.article_id, each.notices) for each in found.unheard] == [(other, (note,))]
    assert "and the *press*" in digest_bodies(found).text
    unconcerned = told(store, period, reader(rules=("land",)))
    assert unconcerned.is_empty


def test_a_digest_of_nothing_is_one_line_that_says_how_the_sources_are(store: Store) -> None:
    for source in TITLES:
        crawled(store, source, "finished")
    found = told(store, DigestPeriod(0, 0, 0, NOW))
    assert found.is_empty
    assert found.summary == "Nothing new since the last digest; all sources were crawled well."
    assert "How the crawls went" not in digest_bodies(found).text
    crawled(store, "ohchr", "failed")
    found = told(store, DigestPeriod(0, 0, 0, NOW))
    assert found.summary == "Nothing new since the last digest; OHCHR needs a look."
    assert [line.source for line in found.ledger] == ["OHCHR"]


def crawled(store: Store, source: str, status: str, hours: int = 1) -> None:
    at = NOW - timedelta(hours=hours)
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(source, "schedule", at), status, at)


def test_the_ledger_tells_quiet_from_broken_and_counts_what_failed(store: Store) -> None:
    keep(store, "a")
    for source, status, hours in (("post", "finished", 3), ("ohchr", "failed", 2), ("ohchr", "finished", 1)):
        crawled(store, source, status, hours)
    post, ohchr = told(store, due(store)).coverage
    assert not any("Nothing" in sentence for sentence in post.sentences)
    assert ohchr.sentences[1:] == (
        "1 of 2 crawls since the last digest failed.",
        "Nothing has come from it yet, and it was crawled well: it is quiet.",
    )
    crawled(store, "post", "failed", 0)
    keep(store, "b", "ohchr")
    post, ohchr = told(store, due(store)).coverage
    assert post.sentences[-1] == "Nothing new came, which may mean that it is broken, not that it is quiet."


@pytest.mark.parametrize(
    ("replay", "link", "command"),
    [
        (
            "https://replay.example.org/tonle/",
            "https://replay.example.org/tonle/20260714003000/https://post.example.org/a",
            "",
        ),
        (None, "", "tonle page 1"),
    ],
)
def test_each_entry_leads_to_its_archived_page(store: Store, replay: str | None, link: str, command: str) -> None:
    keep(store, "a")
    config = CONFIG.model_copy(update={"archive": CONFIG.archive.model_copy(update={"replay": replay})})
    with store.reading() as corpus:
        found = compose(corpus, DigestPeriod(0, 0, 1, NOW), config, TITLES, NOW)
    (entry,) = found.sections[0].entries
    assert entry.kept
    assert (entry.kept.url, entry.kept.command) == (link, command)
    for body in (digest_bodies(found).html, digest_bodies(found).text):
        assert (link or command) in body
