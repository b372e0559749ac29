"""A site is redesigned: its texts stay clean, people are told which selector died, and when all is well again."""

from pathlib import Path
from typing import Any

import pytest

from crawler import SITES
from tests.e2e.places import POST, Build, Place

DESK = "desk"
MENDED = (SITES / f"{POST}.yaml").read_text(encoding="utf-8").replace(f"name: {POST}", f"name: {DESK}")
# For the layout it is all one whether the site's markup changes or the file that describes it.
DATED = MENDED.replace("div.article-text", "div.text-of-the-article")
LINES = (
    "The boats of {n} communes came back before noon, and nobody on the pier said a word about the nets.",
    "A fisher said that the ban had been read out over a loudspeaker in {n} villages three days before.",
    "The chief of commune {n} promised a meeting with the ministry by the end of the month.",
)


def describe(place: Place, text: str) -> None:
    (place.folder / "sites").mkdir(exist_ok=True)
    (place.folder / "sites" / f"{DESK}.yaml").write_text(text)


def publish(place: Place, first: int, last: int) -> dict[str, str]:
    """Let the site publish stories; return their texts by slug."""
    texts = {}
    for number in range(first, last):
        body = [line.format(n=number) for line in LINES]
        story: dict[str, object] = {
            "slug": f"boats-{number}",
            "title": f"Boats of {number} communes come back early",
            "ago": f"{number}m",
        }
        story |= {"sections": ["national"], "authors": ["Sok Dara"], "body": "\n\n".join(body)}
        place.replica.publish(POST, story)
        texts[f"boats-{number}"] = "\n".join(body)
    return texts


def status(place: Place) -> dict[str, Any]:
    ended = place.tonle("status", "--json")
    (row,) = (row for row in ended.json["sources"] if row["source"] == DESK)
    found: dict[str, Any] = row
    return found


@pytest.fixture(scope="module")
def redesigned(build_once: Build) -> tuple[Place, dict[str, str]]:
    """A corpus whose site was redesigned after the first crawl, and crawled again; the texts of the second crawl."""
    place = build_once()
    describe(place, MENDED)
    place.at(desk=place.replica.base_url(POST)).crawl()
    assert status(place)["alarms"] == []
    describe(place, DATED)
    texts = publish(place, 1, 5)
    place.crawl()
    return place, texts


def test_the_texts_of_a_redesigned_site_are_still_clean(redesigned: tuple[Place, dict[str, str]]) -> None:
    place, texts = redesigned
    held = {key: article for (_, key), article in place.articles.items() if key in texts}
    assert {key: article.text for key, article in held.items()} == texts
    assert {article.authors for article in held.values()} == {("Sok Dara",)}
    assert all("no-layout" in article.remarks and article.published_at for article in held.values())


def test_status_says_which_selector_has_died(redesigned: tuple[Place, dict[str, str]]) -> None:
    place, _ = redesigned
    row = status(place)
    (alarm,) = row["alarms"]
    assert (alarm["what"], alarm["times"]) == ("layout", 1)
    assert "cms: when div.text-of-the-article" in alarm["detail"]
    assert "cms: body div.text-of-the-article" in alarm["detail"]
    assert (row["texts"]["texts"], row["texts"]["counts"]["unlaid"]) == (4, 4)
    shown = " ".join(place.tonle("status").out.split())
    assert "need a look since" in shown
    assert "4 of 4 newest texts fit no layout" in shown


def test_the_digest_says_it_too(redesigned: tuple[Place, dict[str, str]]) -> None:
    place, _ = redesigned
    written = place.tonle("digest", "--preview").out.split()
    shown = " ".join(Path(written[-1]).read_text(encoding="utf-8").split())
    assert "Needs a look" in shown
    assert "4 of 4 newest texts fit no layout" in shown


def test_the_alarm_is_over_once_the_layout_fits_again(redesigned: tuple[Place, dict[str, str]], build: Build) -> None:
    place = redesigned[0].copy(build().folder)
    describe(place, MENDED)
    publish(place, 5, 11)
    place.crawl()
    row = status(place)
    assert row["alarms"] == []
    assert row["texts"]["counts"].get("unlaid", 0) == 0
    assert "need a look" not in place.tonle("status").out
