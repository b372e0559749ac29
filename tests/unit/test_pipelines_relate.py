"""Stories as they grow: texts come one after another into a real corpus."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.model import Article, Draft, Lead, Outcome, Saved
from core.shingles import shingles
from core.stories import Link, Relation, Story
from pipelines.ingest import Ingest
from storage.fingerprints import MOST_HOLDERS
from storage.store import Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
STORY = (
    "Five fishermen of Koh Sneng were freed on Tuesday after the provincial court found nothing against them.",
    "They had been held for 41 days, accused of taking nets that belonged to a concession of 1,200 hectares.",
    "Judge Prak Sothea said that the prosecutor had shown neither the nets nor anyone who had seen them taken.",
    "The company, Blue Heron Fisheries, declined to comment; its licence was given in 2019 and runs for ten years.",
    "Rights groups counted 17 such arrests along that stretch of the river last year, more than in any before it.",
    "The ministry promised in March to look at all licences again, and has not said since what it found there.",
)
OTHER = (
    "The council of Stung Sen voted to move the market to the old railway yard before the rains come.",
    "Traders had asked for a roof of tin and for water, and were promised both by the governor on Friday.",
    "Of 212 stalls some thirty have been empty since the flood of October carried off the bridge at Prek Toal.",
    "The work is to cost 90,000 dollars, of which the province pays a third, and the rest is a loan of the bank.",
)


@dataclass
class Desk:
    """Takes texts in; each day one."""

    store: Store
    day: int = 0
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        with self.store.transaction() as corpus:
            run_id = corpus.runs.start("ppp", "manual", NOW)
        self.ingest = Ingest(self.store, run_id, (), (timedelta(hours=1),), lambda: NOW + timedelta(days=self.day))

    def take(self, key: str, *paragraphs: str, source: str = "ppp", title: str = "", published: int = 0) -> Outcome:
        """Take a text in that was published so many days after the first."""
        self.day += 1
        at = NOW + timedelta(days=published or self.day)
        draft = Draft(source, f"https://{source}.test/{key}", key, title or key, paragraphs, published_at=at)
        return self.ingest.keep(draft, Lead(source, draft.url, key, "section"), at)

    def story(self, article_id: int) -> Story | None:
        with self.store.reading() as corpus:
            return corpus.stories.of(article_id)

    def links(self, article_id: int) -> tuple[Link, ...]:
        with self.store.reading() as corpus:
            return corpus.stories.links(article_id)

    def article(self, article_id: int) -> Article:
        with self.store.reading() as corpus:
            found = corpus.articles.by_id(article_id)
        assert found
        return found


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store)
    store.close()


def test_a_release_its_stub_and_a_longer_report_of_it_are_one_story(desk: Desk) -> None:
    desk.take("release", *STORY, source="ohchr")
    desk.take("stub", *STORY[:2], "Read the whole statement on the page of the office.", source="ohchr-cambodia")
    desk.take("else", *OTHER)
    desk.take("report", *STORY, OTHER[0], title="Fishermen freed")
    story = desk.story(1)
    assert story
    assert (story.members, story.representative_id) == ((1, 2, 4), 1)
    assert desk.story(3) is None
    assert [(link.other_id, link.likeness.relation) for link in desk.links(2) if link.article_id == 2] == [
        (1, Relation.EXCERPT)
    ]


def test_the_evidence_of_a_likeness_is_kept(desk: Desk) -> None:
    desk.take("release", *STORY)
    desk.take("stub", *STORY[:2], "And nothing else was known of it by the evening.", source="ohchr")
    (link,) = desk.links(2)
    assert link.likeness.share > 0.7
    assert link.likeness.share_of_other < 0.5
    assert link.likeness.passages == (f"{STORY[0]} {STORY[1]}".rstrip("."),)


def test_a_better_original_that_comes_late_stands_for_the_story_and_no_id_changes(desk: Desk) -> None:
    desk.take("cut", *STORY[:4], published=3)
    desk.take("copy", *STORY[:4], "A hearing is set for June.", source="ohchr", published=5)
    before = desk.story(1)
    assert before
    assert before.representative_id == 1
    desk.take("original", *STORY, *OTHER[2:3], source="akp", published=1)
    after = desk.story(3)
    assert after
    assert (after.id, after.members, after.representative_id) == (before.id, (1, 2, 3), 3)


def test_two_stories_that_turn_out_to_be_parts_of_one_keep_the_id_of_the_older(desk: Desk) -> None:
    title = "Five are freed"
    for source in ("ppp", "ohchr"):
        desk.take("first", *STORY[:3], source=source, title=title if source == "ppp" else "Nets")
        desk.take("last", *STORY[3:], source=source, title=title if source == "ppp" else "Licences")
    desk.take("first", *STORY[:3], OTHER[0], source="akp", title="Nets")
    desk.take("last", *STORY[3:], OTHER[1], source="akp", title="Licences")
    one, two = desk.story(1), desk.story(2)
    assert one
    assert two
    assert one.id < two.id
    desk.take("whole", *STORY, source="un", title=title)
    with desk.store.reading() as corpus:
        whole, merged = corpus.stories.of(1), corpus.stories.by_id(two.id)
    assert whole
    assert whole == merged
    assert (whole.id, whole.members) == (one.id, (1, 2, 3, 4, 5))


def test_a_version_that_is_edited_stays_in_its_story_until_it_is_another_text(desk: Desk) -> None:
    desk.take("a", *STORY)
    desk.take("b", *STORY, OTHER[0], source="ohchr")
    desk.take("b", *STORY[:5], "The ministry said in April that it had found nothing.", source="ohchr")
    story = desk.story(2)
    assert story
    assert story.members == (1, 2)
    desk.take("b", *OTHER, source="ohchr")
    assert desk.story(2) is None
    assert desk.story(1) is None
    assert desk.links(1) == ()
    desk.take("c", *OTHER[:3], source="akp")
    again = desk.story(2)
    assert again
    assert (again.members, again.id) == ((2, 3), 2)


def test_releases_of_one_form_stay_apart(desk: Desk) -> None:
    form = (
        "The Ministry of Labour said on {0} that it had received {1} complaints from workers of the {2} plant, and "
        "that {3} of them were settled. The ministry thanked the employers for their cooperation, and asked workers to "
        "bring their complaints to the department of their province. Fines of {4} riel were given to {5}."
    )
    desk.take("may", form.format("4 May", 132, "Sovann", 97, "8,400,000", "Mekong Apparel"))
    desk.take("june", form.format("9 June", 188, "Chamroeun", 141, "6,150,000", "Angkor Stitching"))
    assert desk.story(2) is None


def test_a_round_up_does_not_make_one_of_its_stories(desk: Desk) -> None:
    desk.take("week", *OTHER, *STORY[:2], title="The week on the river")
    desk.take("nets", *STORY[:2], title="Five are freed")
    desk.take("roof", OTHER[2], OTHER[3], title="Market to move")
    assert [desk.story(number) for number in (1, 2, 3)] == [None, None, None]
    assert {link.likeness.relation for link in desk.links(1)} == {Relation.EXCERPT}


def test_variations_of_one_text_without_end_are_one_story_and_fill_no_index(desk: Desk) -> None:
    chance = random.Random(7)
    words = " ".join(STORY).split()
    for number in range(MOST_HOLDERS + 5):
        varied = list(words)
        varied[chance.randrange(len(varied))] = f"word{number}"
        assert desk.take(f"spam-{number}", " ".join(varied), title="Win") == Saved(number + 1)
    story = desk.story(MOST_HOLDERS + 5)
    assert story
    assert len(story.members) == MOST_HOLDERS + 5
    with desk.store.reading() as corpus:
        assert len(corpus.fingerprints.near(shingles(" ".join(STORY)), "Win", 8)) == 8


def test_a_text_that_a_person_kept_apart_does_not_come_back(desk: Desk) -> None:
    desk.take("a", *STORY)
    desk.take("b", *STORY, OTHER[0], source="ohchr")
    with desk.store.transaction() as corpus:
        corpus.stories.rule(2, 1, NOW, is_one=False)
        corpus.stories.leave(2)
    desk.take("b", *STORY, OTHER[1], source="ohchr")
    assert desk.story(2) is None
    assert [link.likeness.relation for link in desk.links(2)] == [Relation.COPY]


def test_what_is_recorded_of_a_copy_is_what_it_is_called_there_and_when_it_came_out(desk: Desk) -> None:
    desk.take("a", *STORY)
    desk.take("b", *STORY, source="ohchr", title="Nets and judges", published=9)
    (copy,) = desk.article(1).copies
    assert (copy.title, copy.published_at) == ("Nets and judges", NOW + timedelta(days=9))
    assert replace(copy, title="") != copy
