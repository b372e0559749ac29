"""The replica of cambodia.ohchr.org: two editions, sticky queries, and validators."""

from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit

import pytest
from lxml import html

from replica import Replica
from replica.exchange import Request

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
OFFICE = "ohchr-cambodia"


@pytest.fixture
def replica() -> Replica:
    return Replica(now=NOW)


def page(replica: Replica, path: str) -> html.HtmlElement:
    status, _, body = replica.render(OFFICE, path)
    assert status == 200, path
    return html.document_fromstring(body.decode())


def links(replica: Replica, path: str) -> list[str]:
    return [str(a.get("href")) for a in page(replica, path).cssselect(".view-content a")]


def test_each_edition_lists_its_own_items(replica: Replica) -> None:
    for language in ("en", "km"):
        wanted = {unquote(truth.path) for truth in replica.truth(OFFICE) if truth.language == language}
        assert {unquote(link) for link in links(replica, f"/{language}/news")} == wanted
    assert len(links(replica, "/km/news")) == 3


def test_an_item_in_two_languages_names_both_and_one_in_one_language_none(replica: Replica) -> None:
    def told(path: str) -> dict[str, str]:
        found = page(replica, path).cssselect("link[rel=alternate]")
        return {str(link.get("hreflang")): urlsplit(str(link.get("href"))).path for link in found}

    both = {path.partition("/news/")[2] for path in links(replica, "/km/news")}
    for truth in replica.truth(OFFICE):
        slug = truth.path.partition("/news/")[2]
        expected = {code: f"/{code}/news/{slug}" for code in ("en", "km")} if slug in both else {}
        assert told(truth.path) == expected


def test_curly_apostrophes_are_linked_escaped_and_as_they_are(replica: Replica) -> None:
    found = links(replica, "/en/news?page=0&items_per_page=60")
    assert any("%E2%80%99" in link for link in found)
    (raw,) = [link for link in found if "’" in link]
    assert raw.endswith("?page=0&items_per_page=60")
    assert replica.render(OFFICE, raw)[2] == replica.render(OFFICE, quote(raw.partition("?")[0]))[2]


def test_listings_have_validators_that_change_with_them(replica: Replica) -> None:
    _, headers, _ = replica.render(OFFICE, "/en/news")
    asked = [
        Request("GET", "/en/news", {"if-none-match": headers["ETag"]}),
        Request("GET", "/en/news", {"if-modified-since": headers["Last-Modified"]}),
        Request("HEAD", "/en/news", {"if-none-match": "*"}),
    ]
    answers = [replica._city.answer(OFFICE, each) for each in asked]
    assert [(answer.status, answer.body) for answer in answers] == [(304, b"")] * 3
    assert answers[0].headers["ETag"] == headers["ETag"]
    assert replica._city.answer(OFFICE, Request("POST", "/en/news", {"if-none-match": "*"})).status == 200
    replica.advance()
    assert [replica._city.answer(OFFICE, each).status for each in asked[:2]] == [200, 200]
    assert replica.render(OFFICE, "/en/news")[1]["ETag"] != headers["ETag"]


def test_a_date_that_cannot_be_read_is_no_condition(replica: Replica) -> None:
    for since in ("yesterday", "", "Fri, 32 Nov 2026 05:00:00 GMT"):
        assert replica._city.answer(OFFICE, Request("GET", "/en/news", {"if-modified-since": since})).status == 200
