"""`tonle extract` and `tonle import`: single pages, by hand."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from replica import Truth
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place, truth_of
from tests.e2e.processes import Ended

LAND = "land-activists-summoned-41-times-in-six-months-monitor-says"
RELEASE = "cambodia-un-experts-alarmed-repeated-summonses-land-defenders"


@dataclass(frozen=True)
class Saved:
    """A page saved from the replica, and what is true of it."""

    path: Path
    truth: Truth


def saved(place: Place, site: str, slug: str) -> Saved:
    truth = truth_of(place.replica, site, slug)
    _, _, body = place.replica.render(site, truth.path)
    path = place.folder / f"{slug}.html"
    path.write_bytes(body)
    return Saved(path, truth)


def is_true(told: dict[str, Any], truth: Truth) -> bool:
    published = datetime.fromisoformat(told["published_at"])
    return (
        told["title"] == truth.title
        and told["authors"] == list(truth.authors)
        and told["text"].splitlines() == list(truth.paragraphs)
        and told["notes"] == list(truth.notes)
        and told["language"] == truth.language
        and published.utcoffset() is not None
        and published.date().isoformat() == str(truth.published_at)[:10]
    )


def test_extract_reads_a_saved_page_and_stores_nothing(place: Place) -> None:
    page = saved(place, OHCHR, RELEASE)
    url = f"https://www.ohchr.org{page.truth.path}"
    ended = place.tonle("extract", str(page.path), "--source", OHCHR, "--url", url)
    assert ended.code == 0, ended.err
    told = ended.json
    assert {"source", "url", "title", "authors", "published_at", "language", "text", "notes"} <= set(told)
    assert told["source"] == OHCHR
    assert urlsplit(told["url"]).path == page.truth.path
    assert len(page.truth.notes) > 0
    assert is_true(told, page.truth)
    assert place.is_untouched


def test_extract_explains_each_line_of_a_copied_text(place: Place) -> None:
    text = place.folder / "wells.txt"
    well = "The well in Ta Prok has run dry, the women said."
    text.write_text(f"Wells run dry\n\nBy Keo Rathana\n\n{well}\n\nShare this story\n", encoding="utf-8")
    ended = place.tonle("extract", str(text), "--source", OHCHR, "--explain")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert any("+" in line and well in line for line in lines)
    assert any("-" in line and "By Keo Rathana" in line and "text: byline" in line for line in lines)
    assert "1 line kept, 3 dropped" in ended.out


def test_extract_fetches_an_address_as_a_crawl_does_and_stores_nothing(place: Place) -> None:
    truth = truth_of(place.replica, POST, LAND)
    ended = place.tonle("extract", f"https://m.phnompenhpost.com{truth.path}", "--source", POST)
    assert ended.code == 0, ended.err
    assert is_true(ended.json, truth)
    assert place.replica.requests(POST) == ["/robots.txt", truth.path]
    assert not (place.folder / "data").exists()


def test_extract_of_a_page_without_an_article_is_exit_code_1_with_the_reason(place: Place) -> None:
    (place.folder / "front.html").write_bytes(place.replica.render(POST, "/")[2])
    (place.folder / "empty.html").write_bytes(b"")
    url = "https://www.phnompenhpost.com/national/x"
    for name, reason in (("front.html", "soft-404"), ("empty.html", "empty")):
        ended = place.tonle("extract", name, "--source", POST, "--url", url)
        assert (ended.code, ended.json["source"], ended.json["skipped"]) == (1, POST, reason)
        assert ended.err == ""
    dead = place.tonle("extract", url, "--source", POST)
    assert (dead.code, dead.json["skipped"]) == (1, "soft-404")
    gone = place.tonle("extract", "https://cambodia.ohchr.org/en/news/x", "--source", CAMBODIA)
    assert (gone.code, gone.json["skipped"]) == (1, "not-found")


TEXT = """Phnom Penh Post - Villagers ask the commune for a map

Villagers from three hamlets asked the commune on Monday for a map of the land that a company has fenced off.

"We only want to see where the line is," said one of the land activists among them.
"""


@pytest.fixture(scope="module")
def imported(build_once: Build) -> tuple[Place, list[Ended]]:
    """A saved page and a copied text, imported three times, once with a file that is not there; then a crawl."""
    place = build_once()
    page = saved(place, POST, LAND)
    (place.folder / "copied.txt").write_text(TEXT)
    files = [str(page.path), "copied.txt"]
    runs = [place.tonle("import", "--json", *files), place.tonle("import", *files, "--json")]
    runs.append(place.tonle("import", "--json", "nosuch.html", *files))
    runs.append(place.tonle("status", "--json"))
    place.crawl(POST)
    return place, runs


def test_import_takes_each_file_once(imported: tuple[Place, list[Ended]]) -> None:
    _, runs = imported
    assert [run.code for run in runs[:2]] == [0, 0]
    assert [run.json["counts"] for run in runs[:2]] == [{"saved": 2}, {"unchanged": 2}]


def test_import_gives_a_page_to_the_site_that_it_names_and_a_text_to_that_of_its_masthead(
    imported: tuple[Place, list[Ended]],
) -> None:
    place, _ = imported
    articles = place.articles
    assert articles[POST, LAND].text.splitlines() == list(truth_of(place.replica, POST, LAND).paragraphs)
    (text,) = [article for (_, key), article in articles.items() if key.startswith("text:")]
    assert (text.source, text.title) == (POST, "Villagers ask the commune for a map")
    assert text.text == TEXT.partition("\n\n")[2].replace("\n\n", "\n").strip()


def test_a_file_that_cannot_be_read_is_exit_code_3_and_the_others_are_imported(
    imported: tuple[Place, list[Ended]],
) -> None:
    _, runs = imported
    assert runs[2].code == 3
    assert runs[2].err.startswith("error: Not read: nosuch.html")
    assert runs[2].json["counts"] == {"skipped": 1, "unchanged": 2}


def test_nobody_is_alerted_of_what_is_imported_but_the_match_is_kept(imported: tuple[Place, list[Ended]]) -> None:
    place, runs = imported
    assert runs[3].json["waiting"] == 0
    with place.corpus() as corpus:
        of_imported = [
            match for match in corpus.matches.newest(100) if match.article.url.endswith((LAND, "copied.txt"))
        ]
        keys = [f"alert:{match.article.id}:{match.rule}" for match in of_imported]
        assert len(keys) >= 2
        assert [corpus.outbox.by_key(key) for key in keys] == [None] * len(keys)


def test_a_page_that_was_imported_is_not_saved_again_by_a_crawl(imported: tuple[Place, list[Ended]]) -> None:
    place, _ = imported
    what = [what for url, what, _ in place.outcomes() if url.endswith(LAND)]
    assert what == ["saved", "unchanged", "unchanged"]
    assert place.articles[POST, LAND].revision == 1


def test_files_that_hold_no_text_are_no_articles(place: Place) -> None:
    (place.folder / "report.pdf").write_bytes(b"%PDF-1.7\n1 0 obj")
    (place.folder / "noise.jpg").write_bytes(bytes(range(256)) * 8)
    ended = place.tonle("import", "report.pdf", "noise.jpg", "--json")
    assert [row["reason"] for row in ended.json["files"]] == ["not-html", "not-html"]
    assert place.articles == {}


def test_a_page_is_markup_whatever_stands_before_it(place: Place) -> None:
    page = saved(place, POST, LAND)
    page.path.write_bytes(b"<!-- saved from url=(0060)https://www.phnompenhpost.com/ -->\n" + page.path.read_bytes())
    place.tonle("import", page.path.name)
    (article,) = place.articles.values()
    assert article.text.splitlines() == list(page.truth.paragraphs)


def test_a_text_in_utf_16_is_read(place: Place) -> None:
    (place.folder / "notes.txt").write_text("The dam’s gate was opened at dawn, the villagers said.", encoding="utf-16")
    place.tonle("import", "notes.txt")
    assert [article.text for article in place.articles.values()] == [
        "The dam’s gate was opened at dawn, the villagers said."
    ]


def test_a_file_name_used_again_is_another_text(place: Place) -> None:
    for text in ("The first text speaks of wells that ran dry.", "The second tells of a bridge that was closed."):
        (place.folder / "page.txt").write_text(text)
        assert place.tonle("import", "page.txt", "--json").json["counts"] == {"saved": 1}
    assert len(place.articles) == 2


def test_an_imported_text_gets_its_date_and_address_when_it_is_crawled(place: Place) -> None:
    truth = truth_of(place.replica, POST, LAND)
    (place.folder / "notes.txt").write_text("\n\n".join(truth.paragraphs))
    place.tonle("import", "notes.txt")
    place.at(phnom_penh_post=place.replica.base_url(POST))
    place.crawl("--url", place.replica.base_url(POST) + truth.path)
    (article,) = place.articles.values()
    assert (article.source, article.key) == (POST, LAND)
    assert article.published_at is not None


def test_a_saved_front_page_is_no_article_though_its_links_are_relative(place: Place) -> None:
    _, _, body = place.replica.render(POST, "/")
    (place.folder / "front.html").write_bytes(body)
    ended = place.tonle("extract", "front.html", "--source", POST)
    assert ended.code == 1
    assert ended.json["skipped"] == "soft-404"


def test_a_day_without_a_time_is_shown_as_the_source_gave_it(place: Place) -> None:
    page = saved(place, OHCHR, RELEASE)
    place.tonle("import", page.path.name)
    shown = place.tonle("show", "1").out.splitlines()[1]
    day = datetime.fromisoformat(page.truth.published_at or "")
    assert shown.endswith(f"· {day.day} {day:%B %Y}")
