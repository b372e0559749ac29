"""`tonle feeds`, as people call it."""

import feedparser

from tests.e2e.places import RULES, Place


def test_feeds_are_written_where_it_is_said_and_once(copied: Place) -> None:
    ended = copied.tonle("feeds")
    assert (ended.code, ended.err) == (0, "")
    folder = copied.folder / "data" / "feeds"
    names = [
        f"{name}{end}" for name in ("all", *(f"rule-{r['name']}" for r in RULES)) for end in (".atom.xml", ".json")
    ]
    for name in names:
        assert f"{folder / name}  written" in ended.out
    assert "The daemon does not write them: `feeds.enabled` is false." in ended.out
    feed = feedparser.parse((folder / "all.atom.xml").read_bytes())
    assert not feed.bozo
    assert len(feed.entries) > 5
    assert copied.tonle("feeds").out.count("as it was") == len(names)
    copied.configure(rules=RULES[:1], feeds={"enabled": True, "url": "https://tonle.example.org/feeds"})
    changed = copied.tonle("feeds").out
    assert "Public at https://tonle.example.org/feeds/" in changed
    assert f"  {folder / 'rule-experts.json'}\n" in changed.partition("Left as they are, 4 files")[2]
    assert "The daemon" not in changed
