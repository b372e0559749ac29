"""What the replica of www.ohchr.org lists, and the files that its pages link."""

import re
import zlib
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from lxml import html

from replica import DocumentTruth, Replica, Truth
from replica.exchange import Request
from replica.pdf import wrapped

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
OHCHR = "ohchr"
LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
LISTINGS = ("latest", "press-releases", "statements", "statements-and-speeches", "news")


@pytest.fixture(scope="module")
def replica() -> Replica:
    return Replica(now=NOW)


def page(replica: Replica, path: str) -> html.HtmlElement:
    status, _, body = replica.render(OHCHR, path)
    assert status == 200, path
    return html.document_fromstring(body.decode())


def listed(replica: Replica, path: str) -> list[str]:
    """Return the links of a listing's pages, all of them."""
    found, query = [], ""
    while True:
        tree = page(replica, path + query)
        found += [str(p.getparent().get("href")) for p in tree.cssselect("a > p.card-2__eyebrow")]
        following = tree.cssselect("li.pager__item--next > a")
        if not following:
            return found
        query = str(following[0].get("href"))


def document(replica: Replica, state: str, trap: str = "") -> DocumentTruth:
    return next(each for each in replica.documents() if each.state == state and trap in each.url)


def fetched(replica: Replica, address: str) -> tuple[int, str, bytes]:
    parts = urlsplit(address)
    status, headers, body = replica.render(OHCHR, parts.path + (f"?{parts.query}" if parts.query else ""))
    return status, headers["Content-Type"], body


def contents(pdf: bytes) -> list[str]:
    """Return what each page of a PDF draws."""
    streams = re.findall(rb"<<  /Filter /FlateDecode /Length (\d+) >>\nstream\n", pdf)
    starts = [found.end() for found in re.finditer(rb"<<  /Filter /FlateDecode /Length \d+ >>\nstream\n", pdf)]
    return [
        zlib.decompress(pdf[start : start + int(size)]).decode("cp1252")
        for start, size in zip(starts, streams, strict=True)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_is_listed_in_every_language(replica: Replica, language: str) -> None:
    truths = [truth for truth in replica.truth(OHCHR) if truth.language == language and truth.layout == "ohchr"]
    sizes = {name: len(listed(replica, f"/{language}/{name}")) for name in LISTINGS}
    kinds = Counter(truth.kind for truth in truths)
    assert sizes["latest"] == len(truths)
    assert sizes["press-releases"] == kinds["press-release"] >= 2
    assert sizes["statements"] == sizes["statements-and-speeches"] == kinds["statement"]
    assert sizes["news"] == kinds["news"]


def test_latest_takes_cambodia_by_a_number_that_says_nothing(replica: Replica) -> None:
    for number, place in (("1031", "cambodia"), ("1136", "ukraine")):
        query = f"field_geolocation_target_id%5B{number}%5D={number}"
        wanted = [truth for truth in replica.truth(OHCHR) if place in truth.places and truth.language == "en"]
        found = listed_with(replica, query)
        assert len(found) == len([truth for truth in wanted if truth.layout == "ohchr"]) >= 1
    assert listed_with(replica, "field_geolocation_target_id%5B7%5D=7") == []


def listed_with(replica: Replica, query: str) -> list[str]:
    found: list[str] = []
    for number in range(9):
        tree = page(replica, f"/en/latest?{query}&page={number}")
        found += [str(p.getparent().get("href")) for p in tree.cssselect("a > p.card-2__eyebrow")]
    return found


def test_most_of_the_world_wide_listing_does_not_concern_cambodia(replica: Replica) -> None:
    truths = [truth for truth in replica.truth(OHCHR) if truth.language == "en" and truth.layout == "ohchr"]
    elsewhere = [truth for truth in truths if "cambodia" not in truth.places]
    assert len(elsewhere) > len(truths) / 2
    assert len([truth for truth in truths if "elsewhere" in truth.traps]) >= 8


@pytest.mark.parametrize(
    ("trap", "where"),
    [
        ("names-cambodia-in-notes", (False, False, True)),
        ("names-cambodia-in-text", (False, True, False)),
        ("names-cambodia-in-passing", (False, True, False)),
        ("names-cambodia-in-headline-only", (True, False, False)),
        ("elsewhere", (False, False, None)),
    ],
)
def test_cambodia_is_named_where_the_trap_says(
    replica: Replica, trap: str, where: tuple[bool, bool, bool | None]
) -> None:
    def names(*texts: str) -> bool:
        return any("Cambodia" in text for text in texts)

    found = [truth for truth in replica.truth(OHCHR) if trap in truth.traps and truth.state == "live"]
    assert found
    for truth in found:
        told = (names(truth.title), names(*truth.paragraphs), names(*truth.notes))
        assert told[:2] == where[:2], truth.path
        assert where[2] in (told[2], None), truth.path


def test_listings_link_items_with_stray_queries(replica: Replica) -> None:
    links = listed(replica, "/en/latest")
    for query in ("?LangID=E&NewsID=", "?sub-site=HRC"):
        found = [link for link in links if query in link]
        assert found
        assert all(page(replica, link).cssselect("h1") for link in found)


def test_a_release_names_its_translations(replica: Replica) -> None:
    by_language = {truth.language: truth for truth in replica.truth(OHCHR) if "recent" in truth.traps}
    assert set(by_language) == set(LANGUAGES)
    tree = page(replica, by_language["en"].path)
    told = {
        link.get("hreflang"): urlsplit(str(link.get("href"))).path for link in tree.cssselect("link[rel=alternate]")
    }
    assert told == {code: truth.path for code, truth in by_language.items() if code != "en"}


def test_listings_and_feed_answer_conditional_requests_until_they_change() -> None:
    replica = Replica(now=NOW)
    city = replica._city
    for target in ("/en/latest", "/fr/press-releases?page=0", "/en/rss.xml"):
        _, headers, _ = replica.render(OHCHR, target)
        by_tag = Request("GET", target, {"if-none-match": headers["ETag"]})
        by_date = Request("GET", target, {"if-modified-since": headers["Last-Modified"]})
        assert [city.answer(OHCHR, asked).status for asked in (by_tag, by_date)] == [304, 304]
        weak = Request("GET", target, {"if-none-match": f'"x", W/{headers["ETag"]}'})
        assert city.answer(OHCHR, weak).status == 304
        other = {"if-none-match": '"other"', "if-modified-since": headers["Last-Modified"]}
        assert city.answer(OHCHR, Request("GET", target, other)).status == 200
    _, headers, _ = replica.render(OHCHR, "/en/latest")
    replica.advance()
    for asked in ({"if-none-match": headers["ETag"]}, {"if-modified-since": headers["Last-Modified"]}):
        assert city.answer(OHCHR, Request("GET", "/en/latest", asked)).status == 200


def test_an_article_of_www_has_no_validators(replica: Replica) -> None:
    assert not {"ETag", "Last-Modified"} & set(replica.render(OHCHR, replica.truth(OHCHR)[0].path)[1])


def linking(replica: Replica, trap: str) -> Truth:
    return next(truth for truth in replica.truth(OHCHR) if trap in truth.traps)


def test_every_file_is_linked_from_a_page_or_is_another_name_of_one(replica: Replica) -> None:
    links = set()
    for trap in ("pdf-real", "pdf-many", "docstore-link"):
        tree = page(replica, linking(replica, trap).path)
        tree.make_links_absolute("https://www.ohchr.org")
        links |= {str(a.get("href")) for a in tree.cssselect("main a")}
    for each in replica.documents():
        assert any(fetched(replica, link) == fetched(replica, each.url) for link in links), each.url


def test_a_pdf_has_pages_with_a_header_a_number_and_parted_words(replica: Replica) -> None:
    truth = document(replica, "text", "%28Cambodia%29")
    status, kind, body = fetched(replica, truth.url)
    assert (status, kind, body[:8]) == (200, "application/pdf", b"%PDF-1.4")
    pages = contents(body)
    assert len(pages) >= 2
    lines = [re.findall(r"\((.*)\) Tj", each) for each in pages]
    for number, drawn in enumerate(lines, 1):
        assert "advance unedited version" in drawn[0]
        assert drawn[-1] == str(number)
    assert any(line.endswith("-") for drawn in lines for line in drawn)
    whole = " ".join(line for drawn in lines for line in drawn[1:-1]).replace("\\(", "(").replace("\\)", ")")
    together = " ".join(re.sub(r"(?<=\w)- (?=[a-z])", "", whole).split())
    for paragraph in truth.paragraphs:
        assert paragraph in together


def test_lines_of_a_pdf_are_short_and_hold_every_word() -> None:
    text = "    " + "The incomprehensibility of interministerial correspondence " * 20
    lines = wrapped(text)
    assert max(map(len, lines)) <= 78
    assert (
        "".join(line.removesuffix("-") if line.endswith("-") else f"{line} " for line in lines).split() == text.split()
    )


def test_files_that_are_no_text_are_what_they_say(replica: Replica) -> None:
    scan = fetched(replica, document(replica, "scan").url)
    assert scan[:2] == (200, "application/pdf")
    assert all("Tj" not in drawn and "Do" in drawn for drawn in contents(scan[2]))
    assert fetched(replica, document(replica, "missing").url)[:2] == (404, "text/html; charset=utf-8")
    assert fetched(replica, document(replica, "page").url)[:2] == (200, "text/html; charset=utf-8")


def test_the_document_store_has_one_file_under_several_names(replica: Replica) -> None:
    (stored,) = [each for each in replica.documents() if "docstore" in each.url]
    assert stored.also_at
    assert len({fetched(replica, address) for address in (stored.url, *stored.also_at)}) == 1
    assert fetched(replica, "https://docstore.ohchr.org/SelfServices/FilesHandler.ashx?enc=nothing")[0] == 404
