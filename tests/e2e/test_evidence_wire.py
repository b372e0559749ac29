"""What goes over the wire, archived as it came: packed, in chunks, redirected, refused."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive import Exchange
from crawler.archive.foreign import pages_in
from tests.e2e.places import Build, Place
from tests.e2e.servers import Stub

PAGE = (
    "<html><body><main><article><h1>News of the map</h1><p>1 March 2026</p>"
    "<p>In {} the villagers met the commune chief and asked for a map.</p></article></main></body></html>"
)


def exchanges(place: Place) -> dict[str, Exchange]:
    """Return the last answer of each path."""
    (path,) = (place.folder / "data" / "archive").glob("*/*.warc.gz")
    found = [each for each in pages_in(path, lambda _: True, 10_000_000) if isinstance(each, Exchange)]
    return {each.url.partition("://")[2].partition("/")[2]: each for each in found}


@pytest.fixture(scope="module")
def place(build_once: Build) -> Place:
    stub = Stub()
    place = build_once(crawl={"retries": 1}).at(ohchr_cambodia=stub.url)
    place.settings["contact"] = ""
    stub.list_news("/en/news/packed", "/en/news/chunks", "/en/news/moved", "/en/news/refused", "/en/news/failing")
    packed = gzip.compress(PAGE.format("Kandal").encode())
    html = {"Content-Type": "text/html; charset=utf-8"}
    stub.pages["/en/news/packed"] = (
        200,
        html | {"Content-Encoding": "gzip", "X-Odd": "\xe9", "Set-Cookie": "s=1"},
        packed,
    )
    text = PAGE.format("Takeo").encode()
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (20, text[:20], len(text) - 20, text[20:])
    stub.pages["/en/news/chunks"] = 200, html | {"Transfer-Encoding": "chunked"}, [chunks]
    stub.pages["/en/news/moved"] = 301, {"Location": "/en/news/moved/"}, b"moved"
    stub.pages["/en/news/moved/"] = 200, html, PAGE.format("Kep").encode()
    stub.pages["/en/news/refused"] = 403, html, b"<p>no</p>"
    stub.pages["/en/news/failing"] = 500, html, b"<p>sorry</p>"
    stub.show("/robots.txt", "User-agent: *\nDisallow: /private\n")
    place.tonle("crawl", "--json")
    stub.close()
    return place


def test_a_packed_page_is_kept_packed_and_read_unpacked(place: Place) -> None:
    kept = exchanges(place)["en/news/packed"]
    assert gzip.decompress(kept.body) == kept.decoded() == PAGE.format("Kandal").encode()
    assert kept.response.get("Content-Encoding") == "gzip"
    assert (kept.response.get("X-Odd"), kept.response.get("Set-Cookie")) == ("\xe9", "s=1")
    assert kept.ip == "127.0.0.1"


def test_chunks_are_kept_put_together_and_no_head_speaks_of_them(place: Place) -> None:
    kept = exchanges(place)["en/news/chunks"]
    assert kept.body == PAGE.format("Takeo").encode()
    assert kept.response.get("Transfer-Encoding") == ""


def test_redirects_refusals_errors_and_robots_files_are_kept_too(place: Place) -> None:
    found = exchanges(place)
    assert (found["en/news/moved"].status, found["en/news/moved"].response.get("Location")) == (301, "/en/news/moved/")
    statuses = {
        path: found[path].status for path in ("en/news/moved/", "en/news/refused", "en/news/failing", "robots.txt")
    }
    assert list(statuses.values()) == [200, 403, 500, 200]
    assert found["robots.txt"].body == b"User-agent: *\nDisallow: /private\n"


def test_each_try_of_a_page_is_kept(place: Place) -> None:
    (path,) = (place.folder / "data" / "archive").glob("*/*.warc.gz")
    with path.open("rb") as stream:
        addresses = [
            record.rec_headers.get_header("WARC-Target-URI")
            for record in ArchiveIterator(stream, check_digests="raise")
            if record.rec_type in {"response", "revisit"}
        ]
    assert sum(str(address).endswith("/failing") for address in addresses) == 2


def test_the_revision_behind_a_redirect_has_the_page_and_not_the_redirect(place: Place) -> None:
    with place.corpus() as corpus:
        revisions = [each for article in corpus.articles.newest(10) for each in corpus.articles.revisions(article.id)]
    assert len(revisions) == 3, place.outcomes()
    pages = [place.tonle("page", str(each.article_id)).out for each in revisions]
    assert all(page.startswith("<html>") for page in pages)


def on_a_terminal(place: Place, *args: str) -> tuple[int, str]:
    """Run tonle with a terminal as its standard output; return the exit code and what it showed and said."""
    ear, terminal = os.openpty()
    command = [sys.executable, "-m", "app", "--config", str(place.folder / "config.yaml"), *args]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        command, cwd=place.folder, env=environ, stdout=terminal, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(terminal)
    shown = b""
    try:
        while data := os.read(ear, 65536):
            shown += data
    except OSError:  # how Linux says that the terminal was closed
        pass
    os.close(ear)
    return ended.returncode, shown.decode() + ended.stderr.decode()


def test_a_terminal_is_never_steered_by_a_page(build: Build, stub: Stub) -> None:
    place = build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url)
    stub.list_news("/en/news/evil", "/en/news/old")
    evil = PAGE.format("Kandal \x1b[31mred\x07").encode()
    stub.pages["/en/news/evil"] = 200, {"Content-Type": "text/html; charset=utf-8"}, evil
    stub.pages["/en/news/old"] = (
        200,
        {"Content-Type": "text/html; charset=latin-1"},
        PAGE.format("Ch\xe2teau").encode("latin-1"),
    )
    place.crawl()
    with place.corpus() as corpus:
        ids = {article.url.rpartition("/")[2]: str(article.id) for article in corpus.articles.newest(10)}
    code, shown = on_a_terminal(place, "page", ids["evil"])
    assert code == 0
    assert "villagers met" in shown
    assert not {"\x1b", "\x07"} & set(shown)
    code, shown = on_a_terminal(place, "page", ids["old"])
    assert (code, "name a file with --output" in shown) == (2, True)
    assert place.tonle("page", ids["evil"]).out.encode() == evil
