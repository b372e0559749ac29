"""The evidence behind the texts: what a crawl archives, how it is given back, and what comes of it elsewhere."""

import random
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from core.model import Article, Revision
from crawler.archive import Exchange, read
from tests.e2e.places import CAMBODIA, POST, Build, Filled, Place
from tests.e2e.processes import Ended

Record = tuple[str, str, int]
TEXT = "The commune council met on Tuesday and agreed on a new map of the fields along the river.\n"


def evidence(place: Place) -> Path:
    return place.folder / "data" / "archive"


def warcs(place: Place) -> list[Path]:
    return sorted(evidence(place).glob("*/*.warc.gz"))


def revisions(place: Place) -> list[Revision]:
    with place.corpus() as corpus:
        return [each for article in corpus.articles.newest(10_000) for each in corpus.articles.revisions(article.id)]


def exchange(place: Place, revision: Revision) -> Exchange:
    assert revision.capture, revision.url
    return read(evidence(place), revision.capture)


def records(path: Path) -> list[Record]:
    """Return type, address and status of each record; the test fails where a digest is wrong."""
    with path.open("rb") as stream:
        return [
            (
                record.rec_type,
                record.rec_headers.get_header("WARC-Target-URI") or "",
                int(record.http_headers.get_statuscode()) if record.rec_type == "response" else 0,
            )
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def an_article(place: Place) -> Article:
    return next(article for (source, _), article in place.articles.items() if source == POST and article.revision == 1)


@dataclass(frozen=True)
class Moved:
    """A place whose WARC files went into a corpus of their own, twice; said is what the imports printed."""

    crawled: Place
    folder: Path
    said: list[Ended]
    crawled_texts: dict[str, Any]
    imported: dict[str, Any]
    proven: int
    revisions: int
    own: list[Path]


@pytest.fixture(scope="module")
def crawled(copied: Place) -> Place:
    return copied


@pytest.fixture(scope="module")
def moved(crawled: Place, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    crawled_texts = crawled.snapshot()["articles"]
    files = [str(path) for path in warcs(crawled)]
    folder = tmp_path_factory.mktemp("moved")
    (folder / "config.yaml").write_text((crawled.folder / "config.yaml").read_text())
    other = Place(folder, crawled.replica, crawled.watch, crawled.starter, dict(crawled.settings), crawled.blank)
    said = [other.tonle("import", "--json", *files) for _ in range(2)]
    kept = revisions(other)
    proven = sum(exchange(other, each).at == each.fetched_at for each in kept)
    return Moved(crawled, folder, said, crawled_texts, other.snapshot()["articles"], proven, len(kept), warcs(other))


def test_every_revision_of_a_crawl_has_the_page_it_was_read_from(crawled: Place) -> None:
    kept = revisions(crawled)
    assert len(kept) > 30
    for revision in kept:
        page = exchange(crawled, revision)
        assert (page.status, page.at) == (200, revision.fetched_at)
        assert page.request is not None
        assert page.request.line.startswith("GET /")


def test_everything_that_was_asked_is_archived_with_its_answer(crawled: Place, first_crawl: Filled) -> None:
    found = [record for path in warcs(crawled) for record in records(path)]
    paths = {address.partition("://")[2].partition("/")[2].partition("?")[0] for _, address, _ in found if address}
    answers = [record for record in found if record[0] in {"response", "revisit"}]
    assert len(answers) == first_crawl.asked
    assert "robots.txt" in paths
    assert any(status >= 400 for _, _, status in answers)
    assert len(answers) == sum(kind == "request" for kind, _, _ in found)


def test_page_gives_back_the_bytes_that_the_server_sent(crawled: Place) -> None:
    article = an_article(crawled)
    page = crawled.tonle("page", str(article.id))
    assert page.code == 0
    assert article.title.split()[0] in page.out
    (revision,) = (each for each in revisions(crawled) if each.article_id == article.id)
    whole = exchange(crawled, revision)
    output = crawled.folder / "page.html"
    assert crawled.tonle("page", str(article.id), "--revision", "1", "--output", str(output)).code == 0
    assert output.read_bytes() == whole.decoded() == page.out.encode()
    heads = crawled.tonle("page", str(article.id), "--headers", "--request").out
    assert heads.startswith("GET /")
    assert "User-Agent: tonle/" in heads
    assert "\n\nHTTP/1.1 200 OK\n" in heads
    assert "Cookie" not in heads.split("\n\n")[0]
    assert crawled.tonle("page", str(article.id), "--headers").out.startswith("HTTP/1.1 200 OK\n")


def test_what_has_no_page_is_said_so(place: Place) -> None:
    (place.folder / "a.txt").write_text(TEXT)
    place.tonle("import", "a.txt")
    missing = place.tonle("page", "1")
    assert missing.code == 2
    assert "The archive holds no page of revision 1 of article 1: it was imported as a text" in missing.only_error
    assert "no article 9" in place.tonle("page", "9").only_error
    assert "no revision 4; it has 1" in place.tonle("page", "1", "--revision", "4").only_error


def test_a_file_of_the_archive_that_is_gone_is_a_storage_error(crawled: Place) -> None:
    article = an_article(crawled)
    (revision,) = (each for each in revisions(crawled) if each.article_id == article.id)
    assert revision.capture
    path = evidence(crawled) / revision.capture.file
    aside = path.rename(path.with_suffix(".aside"))
    try:
        gone = crawled.tonle("page", str(article.id))
    finally:
        aside.rename(path)
    assert gone.code == 4
    assert str(path) in gone.only_error


def test_a_crawl_that_keeps_no_evidence_says_so_in_no_file(build: Build) -> None:
    place = build(archive={"keep": False})
    place.crawl(CAMBODIA, "--limit", "3")
    assert not evidence(place).exists()
    assert all(revision.capture is None for revision in revisions(place))


def test_a_dry_run_archives_nothing(place: Place) -> None:
    assert place.tonle("crawl", "--dry-run", CAMBODIA).code == 0
    assert not evidence(place).exists()


def test_a_second_crawl_of_the_day_adds_to_the_files_that_are_there(crawled: Place) -> None:
    before = warcs(crawled)
    crawled.crawl()
    assert warcs(crawled) == before


def test_our_own_archive_gives_the_same_texts_to_a_new_corpus(moved: Moved) -> None:
    assert [ended.code for ended in moved.said] == [0, 0]
    assert moved.imported == moved.crawled_texts


def test_an_imported_revision_has_its_page_in_the_new_archive(moved: Moved) -> None:
    assert moved.proven == moved.revisions
    assert {path.parent.name for path in moved.own} == {"import"}


def test_importing_again_changes_nothing(moved: Moved) -> None:
    counts = [ended.json["counts"] for ended in moved.said]
    assert counts[0]["saved"] == len(moved.imported)
    assert set(counts[1]) <= {"unchanged", "copy", "skipped"}
    kept = sum(kind == "response" for path in moved.own for kind, _, _ in records(path))
    assert kept == moved.revisions


def test_what_is_no_article_of_a_source_is_left_out_and_counted(moved: Moved) -> None:
    rows = moved.said[0].json["files"]
    assert all(row["broken"] == [] for row in rows)
    assert sum(sum(row["left_out"].values()) for row in rows) > 10  # robots.txt, listings, feeds
    assert any(row["other_answers"] for row in rows)


def test_importing_the_archive_into_its_own_corpus_copies_nothing(crawled: Place) -> None:
    sizes = {path: path.stat().st_size for path in warcs(crawled)}
    ended = crawled.tonle("import", "--json", *map(str, sizes))
    assert "saved" not in ended.json["counts"]
    assert {path: path.stat().st_size for path in warcs(crawled)} == sizes


def test_a_mixed_and_damaged_file_gives_what_is_whole_of_the_source_asked_for(
    build: Build, crawled: Place, tmp_path: Path
) -> None:
    files = warcs(crawled)
    mixed = tmp_path / "mixed.warc.gz"
    mixed.write_bytes(b"".join(b"\0" * 3_000 + path.read_bytes() for path in files)[3_000:])
    place = build(replica=crawled.replica)
    ended = place.tonle("import", "--json", "--source", POST, str(mixed), "nothing.warc.gz")
    assert ended.code == 3
    row, unread = ended.json["files"]
    assert len(row["broken"]) == len(files) - 1
    assert (unread["reason"], row["outcomes"]["saved"] > 10) == ("failed", True)
    assert {source for source, _ in place.articles} == {POST}
    plain = place.tonle("import", "--source", POST, str(mixed))
    assert plain.code == 0
    assert "left out" in plain.out


def kill_at(place: Place, number: int) -> None:
    """Crawl, and kill that at its n-th request."""
    running = place.start("crawl", "--json", POST)

    def kill(count: int) -> None:
        if count == number:
            running.send(signal.SIGKILL)

    place.watch.clear()
    place.watch.on_request = kill
    running.ended.wait(60)
    place.watch.on_request = None


@pytest.mark.timeout(240)
def test_killed_crawls_leave_no_revision_without_its_page(build: Build) -> None:
    place, chance = build(), random.Random(3)
    for _ in range(2):
        kill_at(place, chance.randrange(15, 35))
        for revision in revisions(place):
            assert exchange(place, revision).status == 200
    place.crawl(POST)
    for revision in revisions(place):
        assert exchange(place, revision).at == revision.fetched_at
    for path in warcs(place):
        assert records(path)[0][0] == "warcinfo"


def test_an_archive_that_cannot_be_written_ends_the_crawl_and_loses_nothing(build: Build) -> None:
    place = build()
    evidence(place).mkdir(parents=True)
    blocked = evidence(place) / POST
    blocked.write_text("not a folder")
    ended = place.tonle("crawl", "--json", POST)
    assert ended.code == 4
    assert f"error: The archive cannot be read or written: {blocked}" in ended.err
    assert place.outcomes() == []
    blocked.unlink()
    place.crawl(POST)
    assert len(place.articles) > 10
