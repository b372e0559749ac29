"""What a hostile or broken web server can send: each bad answer is one counted outcome, and the crawl goes on."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from scrapy import Request

from core.model import Article, Reason
from core.site import Site, load_sites
from crawler import SITES
from crawler.failures import RefusedError
from crawler.middlewares.guard import GuardMiddleware
from replica import LogEntry
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Filled
from tests.e2e.processes import Ended
from tests.e2e.servers import Stub

MEGABYTE = 1024 * 1024
WRONG_CHARSET = "land-activists-summoned-41-times-in-six-months-monitor-says"
ELSEWHERE = "audit-finds-prison-kitchens-spend-half-their-ration-money"

# site, slug, kind of fault, its options, the reason it must be counted under.
FAULTS: list[tuple[str, str, str, dict[str, str | int | float], Reason]] = [
    (POST, "late-header-sends-takeo-rovers-to-the-final", "huge", {}, Reason.TOO_LARGE),
    (POST, "fragrant-rice-price-climbs-as-mills-run-short", "gzip-bomb", {}, Reason.TOO_LARGE),
    (POST, "cool-air-to-last-until-midweek-forecasters-say", "redirect-loop", {}, Reason.REDIRECT_LOOP),
    (
        POST,
        "draft-rules-would-let-ministry-audit-small-associations",
        "redirect",
        {"to": "https://www.example.org/national/x"},
        Reason.OUTSIDE_SITE,
    ),
    (
        POST,
        "union-organiser-freed-on-bail-after-eleven-weeks",
        "redirect",
        {"to": "http://10.1.2.3/national/x"},
        Reason.PRIVATE_ADDRESS,
    ),
    (POST, "committee-takes-up-access-to-information-bill-again", "status", {"status": 403}, Reason.FORBIDDEN),
    (POST, "who-owns-the-shore-of-the-great-lake-", "status", {"status": 404}, Reason.NOT_FOUND),
    (POST, "garment-workers-march-ends-in-arrests", "status", {"status": 410}, Reason.GONE),
    (POST, "dam-families-refuse-to-move-before-the-flood", "status", {"status": 500}, Reason.SERVER_ERROR),
    (
        POST,
        "monks-barred-from-pagoda-after-blessing-evicted-villagers",
        "status",
        {"status": 503},
        Reason.SERVER_ERROR,
    ),
    (POST, "dry-wells", "reset", {}, Reason.CONNECTION_LOST),
    (POST, "widow-s-petition-reaches-court-of-appeal-after-nine-years", "hang", {}, Reason.TIMEOUT),
    (POST, "seven-ways-to-cook-with-the-season-s-last-lotus", "redirect", {"to": "/"}, Reason.SOFT_404),
    (OHCHR, "island-states-need-a-right-to-remain-expert-tells-council", "slow", {}, Reason.TIMEOUT),
    (OHCHR, "eritrea-conscripts-without-end-must-be-released-expert-says", "empty", {}, Reason.EMPTY),
    (OHCHR, "pacific-states-need-loss-funding-now-committee-chairs-say", "binary", {}, Reason.NOT_HTML),
    (OHCHR, "council-adopts-text-digital-identity-and-stateless-children", "login-wall", {}, Reason.LOGIN_WALL),
    (OHCHR, "peru-glaciers-and-the-right-to-water", "status", {"status": 418}, Reason.HTTP_ERROR),
]
LISTINGS: list[tuple[str, str, str, Reason]] = [
    (OHCHR, "/en/rss.xml", "html-for-xml", Reason.NOT_A_FEED),
    (POST, "/rss.xml", "entity-bomb", Reason.BROKEN_XML),
]


@dataclass(frozen=True)
class Faulty:
    """A crawl with every fault at once, one without any into another corpus, and one after the faults were mended."""

    ended: Ended
    log: list[LogEntry]
    outcomes: list[tuple[str, str, str]]
    articles: dict[str, Article]
    mended: Ended
    snapshot: dict[str, Any]
    clean_outcomes: list[tuple[str, str, str]]
    clean: Ended
    clean_snapshot: dict[str, Any]

    def of(self, site: str, slug: str) -> list[tuple[str, str]]:
        """Return outcome and reason of each settling of a story."""
        return [row[1:] for row in self.outcomes if row[0].startswith(site + "/") and unquote(row[0]).endswith(slug)]


@pytest.fixture(scope="module")
def faulty(build_once: Build, first_crawl: Filled) -> Faulty:
    place = build_once(crawl={"request_timeout": "2s", "retries": 0, "max_page": "1MB"})
    clean = first_crawl.place
    replica = place.replica
    for site, slug, kind, options, _ in FAULTS:
        replica.fault(site, f"^/.*/{re.escape(slug)}$", kind, None, **options)
    for site, path, kind, _ in LISTINGS:
        replica.fault(site, path, kind)
    replica.fault(POST, f"^/.*/{ELSEWHERE}$", "redirect", to=f"{replica.base_urls[CAMBODIA]}/en/news")
    replica.fault(POST, f"^/.*/{WRONG_CHARSET}$", "wrong-charset")
    replica.fault(POST, "/sitemap-news.xml", "truncated-xml")
    ended = place.tonle("crawl", "--json")
    log, outcomes = replica.log, place.outcomes()
    articles = {article.url.rpartition("/")[2]: article for article in place.articles.values()}
    replica.clear_faults()
    place.make_due()
    mended = place.tonle("crawl", "--json")
    told = log, outcomes, articles, mended, place.snapshot(), clean.outcomes()
    return Faulty(ended, *told, first_crawl.ended, clean.snapshot())


def test_a_crawl_with_every_fault_at_once_goes_on_and_ends_as_finished(faulty: Faulty) -> None:
    assert faulty.ended.code == 0, faulty.ended.err
    assert [row["status"] for row in faulty.ended.json["sources"]] == ["finished"] * 3
    saved, clean = (sum(what == "saved" for _, what, _ in rows) for rows in (faulty.outcomes, faulty.clean_outcomes))
    assert saved == clean - len(FAULTS) - 1


@pytest.mark.parametrize(("site", "slug", "kind", "options", "reason"), FAULTS, ids=[f"{f[2]}-{f[4]}" for f in FAULTS])
def test_a_bad_page_is_counted_once_under_its_reason(
    faulty: Faulty, site: str, slug: str, kind: str, options: dict[str, object], reason: Reason
) -> None:
    del kind, options
    assert faulty.of(site, slug) == [("skipped", reason.value)]


@pytest.mark.parametrize(("site", "path", "kind", "reason"), LISTINGS)
def test_a_bad_listing_is_counted_once_under_its_reason(
    faulty: Faulty, site: str, path: str, kind: str, reason: Reason
) -> None:
    del kind
    assert faulty.of(site, path) == [("listing", reason.value)]
    assert faulty.ended.row(site)["listings_not_read"] == {reason.value: 1}


def test_the_figures_add_up_to_the_faults(faulty: Faulty) -> None:
    reasons: Counter[str] = Counter()
    for row in faulty.ended.json["sources"]:
        assert sum(row["reasons"].values()) == row["skipped"]
        reasons.update(row["reasons"])
    # The private address is also another port here.
    own = Counter(reason for _, what, reason in faulty.clean_outcomes if what == "skipped")
    assert reasons == own + Counter([fault[4].value for fault in FAULTS] + ["private-address"])


def test_a_redirect_to_another_port_of_this_machine_is_never_followed(faulty: Faulty) -> None:
    assert faulty.of(POST, ELSEWHERE) == [("skipped", "private-address")]
    asked = [entry.path for entry in faulty.log if entry.site == CAMBODIA]
    assert "/en/news" not in asked


def test_a_page_in_another_charset_than_it_says_is_read_right(faulty: Faulty) -> None:
    assert faulty.of(POST, WRONG_CHARSET) == [("saved", "")]
    text = faulty.articles[WRONG_CHARSET].text
    assert text == next(
        article["text"] for name, article in faulty.clean_snapshot["articles"].items() if WRONG_CHARSET in name
    )


def test_a_truncated_sitemap_gives_what_stands_before_the_break(faulty: Faulty) -> None:
    assert faulty.of(POST, "/sitemap-news.xml") == []
    assert faulty.of(POST, "inside-the-commune-where-nobody-will-sign") == [("skipped", "paywall")]


def test_a_date_in_the_future_is_not_believed(faulty: Faulty) -> None:
    article = faulty.articles["a-harbour-plan-for-the-next-generation"]
    assert article.published_at is None
    assert "date-in-future" in article.remarks


def test_a_bad_page_is_asked_for_once_when_no_retries_are_set(faulty: Faulty) -> None:
    asked = Counter((entry.site, entry.path.rpartition("/")[2]) for entry in faulty.log)
    loops = {slug for _, slug, _, _, reason in FAULTS if reason is Reason.REDIRECT_LOOP}
    assert {asked[site, slug] for site, slug, *_ in FAULTS if slug not in loops} == {1}
    assert [asked[POST, slug] for slug in loops] == [7]


def test_huge_pages_and_bombs_take_no_memory(faulty: Faulty) -> None:
    assert faulty.ended.peak < faulty.clean.peak + 40 * MEGABYTE


def test_no_fault_brings_a_traceback(faulty: Faulty) -> None:
    assert "Traceback" not in faulty.ended.err


def test_when_the_faults_are_mended_a_crawl_ends_with_the_corpus_of_one_without_faults(faulty: Faulty) -> None:
    assert faulty.mended.code == 0, faulty.mended.err
    assert faulty.snapshot["articles"] == faulty.clean_snapshot["articles"]
    assert faulty.snapshot["matches"] == faulty.clean_snapshot["matches"]
    assert faulty.snapshot["deliveries"] == faulty.clean_snapshot["deliveries"]


def test_a_bad_sitemap_or_feed_of_every_kind_is_told_in_a_dry_run(build: Build) -> None:
    place = build(crawl={"request_timeout": "2s", "retries": 0, "max_page": "1MB"})
    place.replica.fault(POST, "/sitemap.xml", "entity-bomb")
    place.replica.fault(POST, "/rss.xml", "huge")
    place.replica.fault(OHCHR, "/en/rss.xml", "gzip-bomb")
    ended = place.tonle("crawl", "--dry-run", "--json")
    assert ended.code == 0, ended.err
    errors = {row["source"]: place.without_ports(row["error"]) for row in ended.json["sources"]}
    assert f"{POST}/sitemap.xml: broken-xml" in errors[POST]
    assert f"{POST}/rss.xml: too-large" in errors[POST]
    assert f"{OHCHR}/en/rss.xml: too-large" in errors[OHCHR]
    assert errors[CAMBODIA] == ""


def test_a_truncated_feed_gives_what_stands_before_the_break(build: Build) -> None:
    place = build(crawl={"retries": 0})
    place.replica.fault(OHCHR, "/en/rss.xml", "truncated-xml")
    place.replica.fault(OHCHR, r"^/[a-z]{2}/[a-z-]+\?", "status", status=500)
    row = place.crawl(OHCHR).row(OHCHR)
    assert row["status"] == "finished"
    assert 0 < row["saved"] < 9
    assert set(row["listings_not_read"]) == {"server-error"}


def endless(length: int) -> Iterator[bytes]:
    yield b"<html><body><main><article><h1>x</h1>"
    for _ in range(length // 65536):
        yield b"<p>and so on</p>" * 4096


def test_what_a_page_of_no_stated_length_or_of_another_type_comes_to(build: Build, stub: Stub) -> None:
    stub.list_news("/en/news/endless", "/en/news/pdf", "/en/news/undated", "/en/news/tomorrow", "/en/news/good")
    stub.pages["/en/news/endless"] = 200, {"Content-Type": "text/html"}, endless(50 * MEGABYTE)
    stub.pages["/en/news/pdf"] = 200, {"Content-Type": "application/pdf"}, b"%PDF-1.7"
    stub.show_news("/en/news/undated", date="")
    tomorrow = datetime.now(UTC) + timedelta(days=9)
    stub.show_news("/en/news/tomorrow", date=f"{tomorrow.day} {tomorrow:%B %Y}")
    stub.show_news("/en/news/good", date="1 March 2026")
    place = build(crawl={"max_page": "1MB", "retries": 0}).at(ohchr_cambodia=stub.url)
    assert place.crawl().row(CAMBODIA)["reasons"] == {"too-large": 1, "not-html": 1}
    told = {key.rpartition("/")[2]: article.published_at for (_, key), article in place.articles.items()}
    assert set(told) == {"undated", "tomorrow", "good"}
    assert told["undated"] is None
    assert told["tomorrow"] is None
    assert told["good"]
    assert told["good"].date().isoformat() in {"2026-02-28", "2026-03-01"}


def test_links_in_a_listing_that_leave_the_site_are_never_asked(build: Build, stub: Stub, stranger: Stub) -> None:
    there = f"127.0.0.1:{stranger.server_address[1]}"
    stub.list_news(
        "/en/news/good",
        f"http://{there}/en/news/other-port",
        f"http://localhost:{stranger.server_address[1]}/en/news/localhost",
        f"//{there}/en/news/no-scheme",
        f"http://cambodia.ohchr.org@{there}/en/news/user",
        "http://10.0.0.7/en/news/private",
        "http://169.254.169.254/en/news/metadata",
        "http://[::1]/en/news/six",
        "https://news.example.org/en/news/foreign",
        "https://cambodia.ohchr.org.example.org/en/news/looks-alike",
        "javascript:fetch('/en/news/script')",
        "mailto:x@example.org?subject=/news/mail",
        "file:///etc/news/passwd",
        "http://[broken/en/news/broken",
    )
    stub.show_news("/en/news/good")
    place = build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url)
    assert place.crawl().row(CAMBODIA)["saved"] == 1
    assert [url for url, what, _ in place.outcomes() if what != "listing"] == [f"{CAMBODIA}/en/news/good"]
    assert stranger.asked == []
    asked = {path for path in stub.paths if not path.startswith("/km/")}
    assert asked == {"/robots.txt", "/en/news?page=0", "/en/news?page=1", "/en/news/good"}


@pytest.fixture(scope="module")
def public() -> Site:
    return load_sites(SITES)[OHCHR]


def refusal(site: Site, url: str) -> Reason | None:
    guard = GuardMiddleware(site)
    try:
        asyncio.run(guard.process_request(Request(url)))
    except RefusedError as error:
        return error.skipped.reason
    return None


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.5/en/x",
        "http://127.0.0.1/en/x",
        "http://127.0.0.1:8000/en/x",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
        "http://db.localhost./",
    ],
)
def test_a_redirect_from_a_public_site_to_a_private_address_is_refused(public: Site, url: str) -> None:
    assert refusal(public, url) is Reason.PRIVATE_ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/en/x",
        "https://www.ohchr.org.example.org/en/x",
        "https://www.ohchr.org@example.org/en/x",
        "https://www.ohchr.org:8443/en/x",
        "ftp://www.ohchr.org/en/x",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_from_a_public_site_to_another_host_is_refused(public: Site, url: str) -> None:
    assert refusal(public, url) is Reason.OUTSIDE_SITE


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "0177.0.0.1"])
def test_a_private_address_in_an_unusual_form_is_refused(public: Site, host: str) -> None:
    assert refusal(public.at(f"http://{host}:8000"), f"http://{host}:8000/en/latest") is Reason.PRIVATE_ADDRESS


def test_a_base_that_hides_a_private_address_behind_a_name_is_never_asked(build: Build, stub: Stub) -> None:
    place = build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url.replace("127.0.0.1", "2130706433"))
    ended = place.tonle("crawl", "--json")
    assert ended.code == 3
    assert "private-address" in ended.err
    assert stub.asked == []
