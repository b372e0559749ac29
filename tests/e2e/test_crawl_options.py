"""`tonle crawl` with its options: what it asks, and what it stores."""

import signal
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place, truth_of

RELEASE = "cambodia-un-experts-alarmed-repeated-summonses-land-defenders"


def test_a_dry_run_stores_nothing_and_asks_for_no_article(place: Place) -> None:
    ended = place.crawl("--dry-run")
    truth = {entry.path for source in place.replica.base_urls for entry in place.replica.truth(source)}
    assert not truth & {entry.path.partition("?")[0] for entry in place.replica.log}
    with place.corpus() as corpus:
        assert (corpus.articles.highest_id(), corpus.runs.recent(10), corpus.outbox.waiting()) == (0, (), 0)
        later = datetime.now(UTC) + timedelta(days=400)
        assert [corpus.sources.due(source, later) for source in place.replica.base_urls] == [()] * 3
    found = {source: {lead["url"] for lead in leads} for source, leads in ended.json["found"].items()}
    bases = place.replica.base_urls
    offices = {truth.path for truth in place.replica.truth(CAMBODIA)}
    assert {unquote(urlsplit(url).path) for url in found[CAMBODIA]} == set(map(unquote, offices))
    assert len(found[POST]) > 15
    assert len(found[OHCHR]) > 15
    assert all(url.startswith(bases[source]) for source, urls in found.items() for url in urls)
    assert set(ended.json["found"][OHCHR][0]) == {"url", "title", "published_at", "via"}
    place.crawl(CAMBODIA)
    again = place.tonle("crawl", "--dry-run", OHCHR, CAMBODIA)
    assert f"{CAMBODIA}: 0 would be fetched" in again.out
    assert f"{OHCHR}: {len(found[OHCHR])} would be fetched" in again.out


def test_a_limit_holds_for_each_source_and_the_next_crawl_completes_it(place: Place, filled: Place) -> None:
    first = place.crawl("--limit", "3")
    for source in (POST, OHCHR, CAMBODIA):
        row = first.row(source)
        assert row["saved"] + row["copy"] + row["skipped"] == 3
    place.crawl()
    assert place.snapshot() == filled.snapshot()
    pages = [url for url, what, _ in place.outcomes() if what != "listing"]
    assert len(pages) == len(set(pages)) > 30


def test_since_leaves_out_what_the_listings_date_before(place: Place) -> None:
    day = (place.replica.now - timedelta(days=2)).date().isoformat()
    # A page prints a day, a feed the hour: what is of the day itself or the one before may be in or out.
    before = (place.replica.now - timedelta(days=3)).date().isoformat()
    ended = place.crawl(OHCHR, CAMBODIA, "--since", day)
    asked = {entry.path for entry in place.replica.log}
    for source in (OHCHR, CAMBODIA):
        truth = [entry for entry in place.replica.truth(source) if entry.language == "en"]
        older = {entry.path for entry in truth if str(entry.published_at)[:10] < before}
        newer = {entry.path for entry in truth if str(entry.published_at)[:10] > day}
        assert older
        assert newer
        assert not older & asked
        assert newer <= asked
        assert ended.row(source)["status"] == "finished"


def test_url_asks_for_that_address_and_nothing_else(place: Place) -> None:
    path = truth_of(place.replica, CAMBODIA, "villagers").path
    ended = place.crawl("--url", f"https://cambodia.ohchr.org{path}?utm_source=mail")
    assert [(entry.site, entry.path) for entry in place.replica.log] == [(CAMBODIA, "/robots.txt"), (CAMBODIA, path)]
    assert [row["source"] for row in ended.json["sources"]] == [CAMBODIA]
    assert ended.row(CAMBODIA)["saved"] == 1
    with place.corpus() as corpus:
        run = corpus.runs.last(CAMBODIA)
        assert run
        # What the daemon does for the day is not done by it.
        assert (run.trigger, corpus.runs.last(CAMBODIA, whole=True)) == ("part", None)


def test_url_asks_for_the_documents_of_that_page_too(place: Place) -> None:
    path = truth_of(place.replica, OHCHR, RELEASE).path
    place.crawl("--url", f"https://www.ohchr.org{path}?utm_source=mail")
    asked = [entry.path for entry in place.replica.log]
    assert asked[:2] == ["/robots.txt", path]
    assert asked[2:]
    assert all(".pdf" in each or "FilesHandler" in each for each in asked[2:])
    assert {article.kind for article in place.articles.values()} == {"press-release", "document"}


def test_pages_bounds_how_many_pages_of_a_listing_are_read(place: Place) -> None:
    place.crawl(POST, "--pages", "1", "--limit", "1")
    numbers = {path.partition("page=")[2] for path in place.replica.requests(POST) if "page=" in path}
    assert numbers == {"0", "1"}
    assert [path for path in place.replica.requests(POST) if path.startswith("/politics-0")] == ["/politics-0?page=0"]


def test_a_crawl_shows_a_table_with_the_reasons(place: Place) -> None:
    path = truth_of(place.replica, CAMBODIA, "villagers").path
    place.replica.fault(CAMBODIA, f"^{path}$", "status", status=404)
    ended = place.tonle("crawl", CAMBODIA)
    assert ended.code == 0
    assert ended.err == ""
    assert "OHCHR Cambodia" in ended.out
    assert "not-found" in ended.out
    assert "alerts and digests handed over" in ended.out


def test_a_crawl_that_waits_for_a_mail_server_ends_when_it_is_told_to_and_what_it_found_stays_owed(
    build: Build,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        alerts = {"channel": "smtp", "to": ["reader@example.org"]}
        mail = {"host": "127.0.0.1", "port": silent.getsockname()[1], "timeout": "50s"}
        place = build(alerts=alerts, mail=mail)
        running = place.start("crawl", CAMBODIA)
        connection, _ = silent.accept()
        running.send(signal.SIGTERM)
        assert running.wait(20).code == -signal.SIGTERM
        connection.close()
    with place.corpus() as corpus:
        run = corpus.runs.last(CAMBODIA)
        assert run
        assert run.status == "finished"
        assert corpus.outbox.waiting()
