"""Addresses of documents, and addresses as aliases."""

import re

import pytest

from core.site import Documents, Site
from core.urls import alias_of, article_address, document_address, rebased

FILES = Documents(
    include=(re.compile(r"(?i)/sites/default/files/.+\.pdf"), re.compile(r"/SelfServices/FilesHandler\.ashx\?enc=.+")),
    hosts=("docstore.ohchr.org", "bücher.example"),
)
HANDLER = "docstore.ohchr.org/SelfServices/FilesHandler.ashx?enc="
RELEASE = "/en/press-releases/2026/11/experts-call-for-open-courts"


@pytest.fixture
def shelf(ohchr: Site) -> Site:
    return ohchr.model_copy(update={"documents": FILES})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("/sites/default/files/2026-11/report.pdf", "/sites/default/files/2026-11/report.pdf"),
        ("/sites/default/files/2026-11/REPORT.PDF#page=3", "/sites/default/files/2026-11/REPORT.PDF"),
        ("/sites/default/files/a report (final) [2].pdf", "/sites/default/files/a%20report%20(final)%20%5B2%5D.pdf"),
        (
            "/sites/default/files/a%20report%20%28final%29%20[2].pdf",
            "/sites/default/files/a%20report%20(final)%20%5B2%5D.pdf",
        ),
        ("/sites/default/files/d\u00e9j\u00e0.pdf", "/sites/default/files/d%C3%A9j%C3%A0.pdf"),
        ("/sites/default/files/de\u0301ja\u0300.pdf", "/sites/default/files/d%C3%A9j%C3%A0.pdf"),
        ("/sites/default/files/d%c3%a9j%C3%A0.pdf", "/sites/default/files/d%C3%A9j%C3%A0.pdf"),
        ("/sites/default/files/100%.pdf", "/sites/default/files/100%25.pdf"),
        ("/sites/default/files/100%25.pdf", "/sites/default/files/100%25.pdf"),
        ("/sites/default/files/report.pdf?utm_source=x&itok=7", "/sites/default/files/report.pdf"),
    ],
)
def test_the_name_of_a_file_survives_in_one_spelling(shelf: Site, written: str, key: str) -> None:
    for host in ("", "https://www.ohchr.org", "http://ohchr.org:80"):
        address = document_address(shelf, host + written, f"https://www.ohchr.org{RELEASE}")
        assert address is not None
        assert (address.key, address.url) == (key, f"https://www.ohchr.org{key}")
        assert document_address(shelf, address.url) == address
        assert rebased(shelf, address.url) == address.url


def test_a_document_on_a_server_of_its_own_is_asked_there_and_known_by_its_query(shelf: Site) -> None:
    address = document_address(shelf, f"http://{HANDLER}6QkG%2b1d%2bAb&utm_source=x")
    assert address is not None
    assert (address.url, address.key) == (f"http://{HANDLER}6QkG%2B1d%2BAb", f"{HANDLER}6QkG%2B1d%2BAb")
    other = document_address(shelf, f"http://{HANDLER}6qkg%2b1d%2bab")
    assert other is not None
    assert other.key != address.key
    assert document_address(shelf, "https://BÜCHER.example./sites/default/files/x.pdf") is not None


@pytest.mark.parametrize(
    "written",
    [
        "/sites/default/files/report.docx",
        "/sites/default/files/report.pdf.html",
        RELEASE,
        "https://docstore.ohchr.org/SelfServices/FilesHandler.ashx",
        "https://docstore.ohchr.org/login",
        "https://docstore.ohchr.org:8443/sites/default/files/report.pdf",
        "https://other.example/sites/default/files/report.pdf",
        "mailto:files@ohchr.org",
        "https://[::1",
        "",
    ],
)
def test_what_no_pattern_accepts_is_no_document_and_its_server_is_not_asked(shelf: Site, written: str) -> None:
    assert document_address(shelf, written) is None
    if "docstore" in written or "other" in written:
        assert rebased(shelf, written) is None


def test_a_server_of_documents_holds_no_articles(shelf: Site) -> None:
    assert article_address(shelf, f"https://docstore.ohchr.org{RELEASE}") is None
    assert rebased(shelf, f"https://docstore.ohchr.org{RELEASE}") is None


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://mirror.example/un"])
def test_a_stand_in_stands_for_the_servers_of_documents_too(shelf: Site, base: str) -> None:
    placed = shelf.at(base)
    handler = document_address(placed, f"https://{HANDLER}6QkG")
    assert handler is not None
    assert (handler.url, handler.key) == (f"{base}/SelfServices/FilesHandler.ashx?enc=6QkG", f"{HANDLER}6QkG")
    assert rebased(placed, f"https://{HANDLER}6QkG") == handler.url
    assert rebased(placed, handler.url) == handler.url
    for written in ("/sites/default/files/x.pdf", "https://ohchr.org/sites/default/files/x.pdf"):
        file = document_address(placed, written, f"{base}{RELEASE}")
        assert file is not None
        assert (file.url, file.key) == (f"{base}/sites/default/files/x.pdf", "/sites/default/files/x.pdf")


def test_a_site_without_documents_has_none(ohchr: Site) -> None:
    plain = ohchr.model_copy(update={"documents": Documents()})
    assert document_address(plain, "/sites/default/files/report.pdf") is None


@pytest.mark.parametrize(
    ("written", "alias"),
    [
        ("https://www.phnompenhpost.com/national/dry-wells", ""),
        ("https://www.phnompenhpost.com/national/dry-wells?utm_source=x#top", ""),
        ("https://www.phnompenhpost.com/national/dry%2Dwells?page=3", ""),
        ("http://M.phnompenhpost.com:80/national/dry-wells?fbclid=1", "http://m.phnompenhpost.com/national/dry-wells"),
        ("https://phnompenhpost.com/national/dry-wells", "https://phnompenhpost.com/national/dry-wells"),
        (
            "https://www.phnompenhpost.com/national/dry-wells?a=1&page=2",
            "https://www.phnompenhpost.com/national/dry-wells?a=1",
        ),
        (
            "https://www.phnompenhpost.com/index.php/2012/old.html",
            "https://www.phnompenhpost.com/index.php/2012/old.html",
        ),
        ("https://other.example/national/dry-wells", ""),
        ("/national/dry-wells", ""),
        ("mailto:desk@phnompenhpost.com", ""),
        ("https://[::1", ""),
    ],
)
def test_an_alias_is_the_address_as_written_without_what_passes(post: Site, written: str, alias: str) -> None:
    assert alias_of(post, written) == alias


def test_the_other_section_of_a_story_is_an_alias_of_the_first(post: Site) -> None:
    own = "https://www.phnompenhpost.com/national/dry-wells"
    other = "https://www.phnompenhpost.com/national-politics/dry-wells"
    assert alias_of(post, other, own) == other
    assert alias_of(post, own, own) == ""


def test_neither_the_public_nor_the_fetched_address_of_a_story_at_a_stand_in_is_an_alias(post: Site) -> None:
    placed = post.at("http://127.0.0.1:8000")
    assert alias_of(placed, "https://www.phnompenhpost.com/national/dry-wells") == ""
    assert alias_of(placed, "http://127.0.0.1:8000/national/dry-wells?page=2") == ""
    assert (
        alias_of(placed, "http://m.phnompenhpost.com/national/dry-wells")
        == "http://m.phnompenhpost.com/national/dry-wells"
    )
