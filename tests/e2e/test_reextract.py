"""A layout is mended, and the archived pages are read again by it: `tonle reextract`."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.model import Article, Revision
from crawler import SITES
from tests.e2e.places import CAMBODIA, Build, Place
from tests.e2e.processes import Ended

OFFICE = "office"
MENDED = (SITES / f"{CAMBODIA}.yaml").read_text(encoding="utf-8").replace(f"name: {CAMBODIA}", f"name: {OFFICE}")
BROKEN = MENDED.replace("drop: ['h1',", "drop: ['h1', '.node-text p:first-of-type',")
HELD = "prison-officers-complete-course-on-complaints-by-detainees"
FIRST = "Forty-six officers from 12 prisons completed a four-day course in Kampong Cham"
RULES = [{"name": "course", "any": ["Kampong Cham"]}, {"name": "wall", "any": ["the wall"]}]
EDITED = "Forty-six officers completed a course in Kampong Cham.\n\nIt was the fourth in a series."


def describe(place: Place, text: str) -> None:
    (place.folder / "sites").mkdir(exist_ok=True)
    (place.folder / "sites" / f"{OFFICE}.yaml").write_text(text)


def edit(place: Place) -> None:
    """Let the site change a story."""
    shelf = place.replica._city.site(CAMBODIA).shelf
    story = shelf._items[HELD].story
    shelf.edit(HELD, replace(story, body=EDITED), place.replica.now)
    place.replica._city._memo.clear()


def held(place: Place) -> Article:
    return next(article for (_, key), article in place.articles.items() if key == f"/en/news/{HELD}")


def revisions(place: Place) -> tuple[Revision, ...]:
    number = held(place).id
    with place.corpus() as corpus:
        return corpus.articles.revisions(number)


def owed(place: Place, rule: str) -> bool:
    number = held(place).id
    with place.corpus() as corpus:
        return corpus.outbox.by_key(f"alert:{number}:{rule}") is not None


def reread(place: Place, *args: str, code: int = 0) -> dict[str, Any]:
    """Read again, and return what is said of the source."""
    ended = place.tonle("reextract", "--json", *args)
    assert ended.code == code, ended.err
    return ended.row(OFFICE)


@pytest.fixture(scope="module")
def misread(build_once: Build) -> Place:
    """A corpus whose texts lack their first paragraph, since the layout drops it."""
    place = build_once(rules=RULES)
    describe(place, BROKEN)
    place.at(office=place.replica.base_url(CAMBODIA)).crawl()
    assert FIRST not in held(place).text
    return place


Again = Callable[..., Place]


@pytest.fixture
def again(misread: Place, tmp_path: Path) -> Again:
    """Take the place as it was left, elsewhere, with the layout mended or described otherwise."""

    def copied(description: str = MENDED) -> Place:
        folder = shutil.copytree(misread.folder, tmp_path / "place")
        place = replace(misread, folder=folder, settings=dict(misread.settings))
        describe(place, description)
        return place

    return copied


@dataclass(frozen=True)
class Corrected:
    """What a dry run said, what stood before and after it, what was said of the reading itself, and the place."""

    place: Place
    before: dict[str, Any]
    dry: Ended
    shown: Ended
    after_dry: dict[str, Any]
    done: Ended


@pytest.fixture(scope="module")
def corrected(misread: Place, tmp_path_factory: pytest.TempPathFactory) -> Corrected:
    folder = shutil.copytree(misread.folder, tmp_path_factory.mktemp("corrected") / "place")
    place = replace(misread, folder=folder, settings=dict(misread.settings))
    describe(place, MENDED)
    before = place.snapshot()
    dry, shown = place.tonle("reextract", OFFICE, "--dry-run", "--json"), place.tonle("reextract", "--dry-run")
    after_dry = place.snapshot()
    return Corrected(place, before, dry, shown, after_dry, place.tonle("reextract", "--json"))


def test_rules_that_did_not_change_find_every_page_unchanged(again: Again) -> None:
    place = again(BROKEN)
    row = reread(place)
    assert (row["articles"], row["unchanged"], row["changed"]) == (len(place.articles),) * 2 + (0,)


def test_a_dry_run_says_what_would_be_corrected_and_writes_nothing(corrected: Corrected) -> None:
    assert corrected.after_dry == corrected.before
    (row,) = (each for each in corrected.dry.json["changed"] if each["label"].startswith("Prison officers"))
    assert row["parts"] == ["text"]
    assert (row["paragraphs_gone"], row["paragraphs_added"], row["late_matches"]) == (0, 1, ["course"])
    assert row["added"][0].startswith(FIRST)
    assert "to correct" in corrected.shown.out
    assert (
        f"{row['id']}  Prison officers complete course on complaints by detainees: text (-0 +1" in corrected.shown.out
    )
    assert "late: course" in corrected.shown.out


def test_a_correction_is_a_revision_of_tonles_own(corrected: Corrected) -> None:
    said = {key: value for key, value in corrected.dry.json.items() if key != "dry_run"}
    assert (corrected.done.code, corrected.done.json["dry_run"]) == (0, False)
    assert {key: value for key, value in corrected.done.json.items() if key != "dry_run"} == said
    article, (first, second) = held(corrected.place), revisions(corrected.place)
    assert article.text.startswith(FIRST)
    assert (article.revision, article.corrections, article.edits) == (2, 1, 0)
    assert (first.is_correction, second.is_correction) == (False, True)
    assert (second.text, second.capture, second.fetched_at) == (article.text, first.capture, first.fetched_at)
    shown = corrected.place.tonle("show", str(article.id))
    assert "revision 2 of 2, corrected by tonle from the page read" in shown.out
    assert "corrected by tonle" in corrected.place.tonle("show", str(article.id), "--revision", "2").out
    assert "corrected by tonle" not in corrected.place.tonle("show", str(article.id), "--revision", "1").out
    told = corrected.place.tonle("show", str(article.id), "--json").json["revisions"]
    assert [each["correction"] for each in told] == [False, True]
    assert str(article.id) in corrected.place.tonle("search", "Forty-six officers").out
    assert corrected.place.tonle("page", str(article.id)).out.count(FIRST) == 1


def test_a_digest_does_not_tell_a_correction_as_an_edit(corrected: Corrected) -> None:
    digest = corrected.place.tonle("digest").out
    assert "Prison officers complete course" in digest
    assert "Revised" not in digest


def test_what_was_corrected_is_unchanged_when_it_is_read_or_crawled_again(corrected: Corrected) -> None:
    place = corrected.place
    before = place.snapshot()
    row = reread(place)
    assert (row["changed"], row["unchanged"]) == (0, row["articles"])
    urls = [word for article in place.articles.values() for word in ("--url", article.url)]
    crawled = place.crawl(*urls).row(OFFICE)
    assert (crawled["unchanged"], crawled["revised"], crawled["saved"]) == (row["articles"], 0, 0)
    assert place.snapshot() == before


def test_an_edit_that_follows_a_correction_is_an_edit(build: Build) -> None:
    place = build(rules=RULES)
    describe(place, BROKEN)
    place.at(office=place.replica.base_url(CAMBODIA)).crawl()
    describe(place, MENDED)
    assert reread(place)["changed"] > 0
    edit(place)
    assert place.crawl("--url", held(place).url).row(OFFICE)["revised"] == 1
    assert [each.is_correction for each in revisions(place)] == [False, True, False]
    assert (held(place).edits, held(place).corrections) == (1, 1)
    assert "revision 3 of 3, read" in place.tonle("show", str(held(place).id)).out
    assert "Edited since it was first read" in place.tonle("digest").out
    assert reread(place)["changed"] == 0


def test_a_rule_that_fires_late_alerts_only_when_it_is_asked_for(again: Again) -> None:
    place = again()
    assert owed(place, "wall")
    row = reread(place)
    assert row["late_matches"] == {"course": 1}
    with place.corpus() as corpus:
        found = {match.rule: match.is_late for match in corpus.matches.of_articles([held(place).id])}
    assert found == {"wall": False, "course": True}
    assert not owed(place, "course")


def test_late_alerts_are_owed_on_demand(again: Again) -> None:
    place = again()
    reread(place, "--alerts")
    assert owed(place, "course")


def test_an_article_that_todays_rules_skip_is_kept_and_counted(again: Again) -> None:
    place = again(MENDED.replace("starts_after_date", "drop_text: ['(?s).*']\n    starts_after_date"))
    before = place.snapshot()
    row = reread(place)
    assert row["skipped"] == {"no-body": row["articles"]}
    assert place.snapshot() == before
    assert "no-body" in place.tonle("reextract").out


def test_only_the_named_sources_and_days_are_read(again: Again) -> None:
    place = again()
    assert place.tonle("reextract", "--since", "2999-01-01", "--json").json["changed"] == []
    unknown = place.tonle("reextract", "atlantis")
    assert (unknown.code, "atlantis" in unknown.only_error) == (2, True)
    assert reread(place, OFFICE, "--since", "2001-01-01", "--dry-run")["articles"] == len(place.articles)


def test_texts_without_a_page_are_counted(again: Again) -> None:
    place = again()
    (place.folder / "note.html").write_text(
        f"<main><article><h1>Fields along the river</h1><p>{'The council met on Tuesday. ' * 9}</p></article></main>"
    )
    assert place.tonle("import", "--source", OFFICE, "note.html").code == 0
    assert reread(place)["no_page"] == 1


def test_a_page_that_the_archive_lost_is_named_and_the_others_go_on(again: Again) -> None:
    place = again()
    (path,) = (place.folder / "data" / "archive" / OFFICE).glob("*.warc.gz")
    captures = {each: capture for each in place.articles.values() if (capture := captured(place, each))}
    last = max(captures, key=lambda each: captures[each].offset)
    os.truncate(path, captures[last].offset + captures[last].length // 2)
    ended = place.tonle("reextract", "--json")
    assert (ended.code, "not give back: 1." in ended.err) == (4, True)
    row = ended.row(OFFICE)
    assert (row["unreadable"], row["changed"] + row["unchanged"]) == (1, row["articles"] - 1)
    assert [each["id"] for each in ended.json["unreadable"]] == [last.id]
    assert str(path) in ended.json["unreadable"][0]["why"]
    path.unlink()
    gone = place.tonle("reextract")
    assert (gone.code, "8 unreadable" in " ".join(gone.out.split())) == (4, True)
    assert gone.out.count(str(path)) == len(captures)


def captured(place: Place, article: Article) -> Any:  # noqa: ANN401  # a capture, or None
    with place.corpus() as corpus:
        newest = corpus.articles.newest_revision(article.id)
    return newest and newest.capture


def test_a_reading_that_is_killed_goes_on_when_it_is_run_again(again: Again) -> None:
    place, stuck = again(), "stuck.warc.gz"
    os.mkfifo(place.folder / "data" / "archive" / stuck)
    # Who opens a pipe that nobody writes to waits for ever: so the process can be killed in the middle.
    database = sqlite3.connect(place.database)
    middle = database.execute("SELECT capture_id FROM revisions WHERE article_id = 5").fetchone()
    (file,) = database.execute("SELECT file FROM captures WHERE id = ?", middle).fetchone()
    with database:
        database.execute("UPDATE captures SET file = ? WHERE id = ?", (stuck, *middle))
    running = place.start("reextract", "--json")
    deadline = time.monotonic() + 60
    while not database.execute("SELECT 1 FROM revisions WHERE article_id = 4 AND correction").fetchone():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.send(signal.SIGKILL)
    assert running.wait().code == -signal.SIGKILL
    with database:
        database.execute("UPDATE captures SET file = ? WHERE id = ?", (file, *middle))
    assert {article.revision for article in place.articles.values() if article.id >= 5} == {1}
    row = reread(place)
    assert (row["unchanged"], row["changed"]) == (4, row["articles"] - 4)
    assert {(article.revision, article.corrections) for article in place.articles.values()} == {(2, 1)}
    assert place.tonle("db", "check").code == 0
    database.close()
