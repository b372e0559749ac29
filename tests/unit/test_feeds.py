"""Feeds on a real corpus: what stands in them, what stays as it was, and what no page can do to them."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from core.audience import Feeds
from core.config import Config
from core.errors import StorageError
from core.model import CopyAddress, Draft, Passage, Reason, Skipped
from core.owed import Reach
from core.rules import Rule
from core.stories import Likeness, Relation
from notify.feeds import FeedsReport, write_feeds
from storage.store import Store
from tests.unit.feed_rules import ATOM, faults_of_atom, faults_of_json

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR"}
PUBLIC = "https://tonle.example.org/feeds"
LEAD = "The court heard the farmers. It will rule in May."
HOSTILE = {
    "markup": "<script>alert('x')</script> & <b>bold</b> &amp; &#60;",
    "cdata": "before ]]> after <![CDATA[ again ]]>",
    "control": "a\x00b\x08c\x0bd\x1be\x7ff\x85g\u2028h",
    "bidi": "plain \u202edesrever\u202c \u2066isolated\u2069",
    "surrogate": "half \ud83d of one \udfff",
    "nothing": "\ufffe\uffff\ufdd0",
    "khmer": "អ្នកភូមិ\u200bត្រូវបានបណ្តេញចេញ។ តុលាការនឹងសម្រេច។",
    "arabic": "قال الخبراء إن الأرض للقرية.",
    "long": "word " * 5000,
}


def settings(folder: Path, **feeds: object) -> Config:
    rules = (Rule(name="land", any=("farmers",)), Rule(name="press", any=("journalist",)))
    chosen = Feeds.model_validate({"enabled": True, **feeds})
    return Config(data=folder, rules=rules, feeds=chosen)


def draft(name: str, text: str = LEAD, **changes: object) -> Draft:
    values: dict[str, object] = {
        "source": "post",
        "url": f"https://www.example.org/{name}",
        "key": name,
        "title": f"Headline {name}",
        "paragraphs": tuple(text.split("\n")),
        "published_at": NOW - timedelta(hours=3),
        "language": "en",
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


def keep(store: Store, name: str, text: str = LEAD, **changes: object) -> int:
    with store.transaction() as corpus:
        return corpus.articles.add(draft(name, text, **changes), f"t-{name}", f"c-{name}", NOW, NOW)


def meet(store: Store, article: int, rule: str, passage: Passage) -> None:
    with store.transaction() as corpus:
        assert corpus.matches.add(article, 1, rule, passage, NOW)


def join(store: Store, *articles: int, first: int) -> None:
    with store.transaction() as corpus:
        for one, other in zip(articles[1:], articles, strict=False):
            corpus.stories.link(one, other, Likeness(Relation.COPY, 1.0, 1.0), NOW)
        corpus.stories.make(articles, first, NOW)


def touch(store: Store, name: str) -> None:
    """Write something to the corpus that concerns no feed."""
    with store.transaction() as corpus:
        corpus.subscribers.join(name, Reach(), NOW)


def written(store: Store, config: Config, now: datetime = NOW) -> FeedsReport:
    report = write_feeds(store, config, TITLES, now)
    for path in (*report.written, *report.unchanged):
        faults = faults_of_json if path.suffix == ".json" else faults_of_atom
        assert faults(path.read_bytes()) == [], path.name
    return report


def items(config: Config, name: str = "all") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((config.data / f"feeds/{name}.json").read_bytes())["items"]
    return found


def parsed(config: Config, name: str = "all") -> Any:  # noqa: ANN401 - feedparser has no types
    feed = feedparser.parse((config.data / f"feeds/{name}.atom.xml").read_bytes())
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def test_there_is_a_pair_of_files_for_all_stories_and_one_for_each_rule(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    meet(store, keep(store, "a"), "land", Passage(LEAD, ((16, 27),)))
    keep(store, "b")
    report = written(store, config)
    names = [f"{name}{end}" for name in ("all", "rule-land", "rule-press") for end in (".atom.xml", ".json")]
    assert [path.name for path in report.written] == names
    assert [item["title"] for item in items(config)] == ["Headline b", "Headline a"]
    assert [item["title"] for item in items(config, "rule-land")] == ["Headline a"]
    assert items(config, "rule-press") == parsed(config, "rule-press").entries == []


def test_an_entry_says_who_when_where_and_why(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path, url=PUBLIC)
    ict = timezone(timedelta(hours=7))
    published, authors = datetime(2026, 7, 13, 9, 30, tzinfo=ict), ("Keo Rathana", "Chan Dara")
    article = keep(store, "a", published_at=published, authors=authors, section="National")
    meet(store, article, "land", Passage("The court heard the farmers.", ((20, 27),)))
    written(store, config)
    feed = parsed(config)
    assert (feed.version, feed.feed.title, feed.feed.author) == ("atom10", "tonle: all stories", "tonle")
    assert [(link.rel, link.href) for link in feed.feed.links] == [("self", f"{PUBLIC}/all.atom.xml")]
    entry = feed.entries[0]
    assert (entry.title, entry.link) == ("Headline a", "https://www.example.org/a")
    assert (entry.published, entry.updated) == ("2026-07-13T09:30:00+07:00", "2026-07-14T00:30:00+00:00")
    assert [author.name for author in entry.authors] == ["Keo Rathana", "Chan Dara"]
    assert [tag.term for tag in entry.tags] == ["land", "National"]
    assert entry.summary == "The court heard the farmers."
    item = items(config)[0]
    assert item["content_html"].split("\n") == [
        "<p>Phnom Penh Post, 13 July 2026, 09:30</p>",
        f'<p dir="ltr" lang="en">{LEAD}</p>',
        '<p><b>land: </b><span dir="ltr" lang="en">The court heard the <mark>farmers</mark>.</span></p>',
    ]
    raw = etree.fromstring((tmp_path / "feeds/all.atom.xml").read_bytes())
    assert raw.findtext(f"{ATOM}entry/{ATOM}content") == item["content_html"]
    assert {name: item[name] for name in ("id", "url", "summary", "date_published", "date_modified", "tags")} == {
        "id": entry.id,
        "url": entry.link,
        "summary": entry.summary,
        "date_published": entry.published,
        "date_modified": entry.updated,
        "tags": ["land", "National"],
    }
    whole = json.loads((tmp_path / "feeds/all.json").read_bytes())
    assert whole["feed_url"] == f"{PUBLIC}/all.json"


def test_a_feed_gives_lead_and_passage_and_never_the_whole_text(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    text = f"{LEAD}\nA third sentence. A fourth one.\nThe journalist wrote it."
    meet(store, keep(store, "a", text), "press", Passage("The journalist wrote it.", ((4, 14),)))
    written(store, config)
    for ending in (".atom.xml", ".json"):
        data = (tmp_path / f"feeds/all{ending}").read_text(encoding="utf-8")
        assert "rule in May" in data
        assert "wrote it" in data
        assert "third" not in data


def test_an_article_without_author_or_date_has_the_source_for_author_and_no_date(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    keep(store, "a", published_at=None)
    written(store, config)
    entry = parsed(config).entries[0]
    assert (entry.author, "published" in entry, entry.updated) == (
        "Phnom Penh Post",
        False,
        "2026-07-14T00:30:00+00:00",
    )


def test_a_story_stands_once_by_what_stands_for_it_and_names_its_copies(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    stub, whole = keep(store, "stub"), keep(store, "whole", source="ohchr")
    join(store, stub, whole, first=whole)
    with store.transaction() as corpus:
        corpus.articles.add_copy(stub, CopyAddress("post", "https://www.example.org/stub-again", NOW))
    meet(store, stub, "land", Passage("farmers", ((0, 7),)))
    written(store, config)
    for name in ("all", "rule-land"):
        (entry,) = parsed(config, name).entries
        assert entry.title == "Headline whole"
        assert "Also: <a href" in entry.content[0].value
        related = [link.href for link in entry.links if link.rel == "related"]
        assert related == ["https://www.example.org/stub", "https://www.example.org/stub-again"]
    assert items(config)[0] == items(config, "rule-land")[0]


def test_the_id_of_a_story_stays_when_it_is_edited_copied_and_told_by_another_version(
    store: Store, tmp_path: Path
) -> None:
    config = settings(tmp_path)
    first = keep(store, "a")
    written(store, config)
    (before,) = items(config)
    with store.transaction() as corpus:
        corpus.articles.revise(first, draft("a", title="Another headline"), "t2", "c2", LATER)
    written(store, config)
    (edited,) = items(config)
    join(store, first, keep(store, "b"), first=2)
    written(store, config)
    (told,) = items(config)
    assert [each["title"] for each in (before, edited, told)] == ["Headline a", "Another headline", "Headline b"]
    assert {each["id"] for each in (before, edited, told)} == {"tag:tonle.invalid,2026:tonle/stories/1"}
    assert edited["date_modified"] == "2026-07-15T00:30:00+00:00"


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        (None, "tonle.invalid"),
        ("https://feeds.example.org:8443/tonle", "feeds.example.org"),
        ("http://10.0.0.5:8000", "10.0.0.5"),
        ("http://[::1]:8000", "tonle.invalid"),
        ("http://my_host.example.org", "tonle.invalid"),
    ],
)
def test_ids_are_named_by_the_host_of_the_public_address(
    store: Store, tmp_path: Path, url: str | None, authority: str
) -> None:
    config = settings(tmp_path, url=url)
    keep(store, "a")
    written(store, config)
    assert items(config)[0]["id"] == f"tag:{authority},2026:tonle/stories/1"


def test_only_so_many_entries_stand_in_a_feed_the_newest_of_them_first(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path, entries=3)
    for number in range(6):
        meet(store, keep(store, str(number), published_at=NOW - timedelta(hours=number)), "land", Passage("farmers"))
    written(store, config)
    for name in ("all", "rule-land"):
        assert [item["title"] for item in items(config, name)] == ["Headline 0", "Headline 1", "Headline 2"]


def test_what_did_not_change_is_not_written_again(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    meet(store, keep(store, "a"), "land", Passage("farmers", ((0, 7),)))
    first = written(store, config)
    os.utime(tmp_path / "feeds/all.json", (1, 1))
    touch(store, "dara")
    again = written(store, config, LATER)
    assert (again.written, again.unchanged) == ((), first.written)
    assert (tmp_path / "feeds/all.json").stat().st_mtime == 1
    keep(store, "b")
    assert [path.name for path in written(store, config, LATER).written] == ["all.atom.xml", "all.json"]


def test_while_nobody_writes_to_the_corpus_nothing_is_read_of_it(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    keep(store, "a")
    first = written(store, config)
    closed = Store.open(tmp_path / "other.sqlite")  # whoever asks this one finds nothing
    assert write_feeds(closed, config, TITLES, LATER).unchanged == first.written
    for changed in (settings(tmp_path, entries=1), config.model_copy(update={"rules": config.rules[:1]})):
        assert write_feeds(closed, changed, TITLES, LATER).written
        assert written(store, config).written
    (tmp_path / "feeds/all.json").unlink()
    assert [path.name for path in written(store, config).written] == ["all.json"]
    closed.close()


def test_what_another_process_wrote_stands_in_the_feeds(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    written(store, config)
    other = Store.open(tmp_path / "corpus.sqlite")
    keep(other, "a")
    other.close()
    assert [item["title"] for item in items(config)] == []
    written(store, config)
    assert [item["title"] for item in items(config)] == ["Headline a"]


def test_an_empty_feed_is_as_old_as_its_first_writing(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    written(store, config)
    touch(store, "dara")
    assert written(store, config, LATER).written == ()
    assert parsed(config).feed.updated == "2026-07-14T00:30:00+00:00"
    (tmp_path / "feeds/all.atom.xml").write_text("no feed")
    touch(store, "sokha")
    assert [path.name for path in written(store, config, LATER).written] == ["all.atom.xml"]


def test_anybody_may_read_the_files_whatever_the_umask(store: Store, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        report = written(store, settings(tmp_path))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in report.written} == {0o644}
    assert stat.S_IMODE(report.folder.stat().st_mode) == 0o755
    assert {path.name for path in report.folder.iterdir()} == {".state", *(path.name for path in report.written)}


def test_files_of_a_rule_that_is_no_more_stay_and_are_named(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    written(store, config)
    report = written(store, config.model_copy(update={"rules": config.rules[:1]}))
    assert [path.name for path in report.left] == ["rule-press.atom.xml", "rule-press.json"]
    assert all(path.exists() for path in report.left)


def test_nothing_is_written_where_feeds_are_not_enabled(store: Store, tmp_path: Path) -> None:
    keep(store, "a")
    assert write_feeds(store, settings(tmp_path, enabled=False), TITLES, NOW).written == ()
    assert not (tmp_path / "feeds").exists()


def test_a_folder_that_cannot_be_used_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file")
    (tmp_path / "feeds").chmod(0o600)
    with pytest.raises(StorageError, match=r"feeds cannot be written into .*feeds: "):
        write_feeds(store, settings(tmp_path), TITLES, NOW)
    assert (tmp_path / "feeds").stat().st_mode & 0o777 == 0o600


def test_feeds_do_not_make_the_folder_of_a_corpus_that_was_taken_away(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="No such file or directory"):
        write_feeds(store, settings(tmp_path / "gone"), TITLES, NOW)
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_from_the_web_breaks_a_feed(store: Store, tmp_path: Path, name: str) -> None:
    config, text = settings(tmp_path), HOSTILE[name]
    # The corpus holds no lone surrogate, for UTF-8 has none; whoever hands in other texts is held to the same.
    text = text.encode("utf-8", "replace").decode() if name == "surrogate" else text
    article = keep(store, "a", f"{text} {LEAD}", title=text, authors=(text, "Keo"), section=text)
    meet(store, article, "land", Passage(text, ((0, 4),)))
    written(store, config)
    entry = parsed(config, "rule-land").entries[0]
    assert entry.title
    assert "<script" not in entry.content[0].value
    assert len(json.dumps(items(config))) < 12_000


def test_a_withdrawn_article_says_so_and_counts_as_updated(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    article = keep(store, "a")
    with store.transaction() as corpus:
        corpus.absences.note(article, Skipped(Reason.GONE), LATER, is_certain=True)
    written(store, config)
    (item,) = items(config)
    assert "<em>Withdrawn:" in item["content_html"]
    assert item["date_modified"] == "2026-07-15T00:30:00+00:00"
