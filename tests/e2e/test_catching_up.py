"""What lies between two crawls, however much of it there is, is found."""

import pytest

from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place

MANY = 25  # releases: five listing pages, where the site's file asks for three


def publish(place: Place, number: int) -> None:
    for each in range(number):
        story = {
            "slug": f"release-of-the-flood-{each:03}",
            "title": f"Experts speak for the {each}th time",
            "kind": "press-release",
            "ago": f"{each + 1}m",
            "body": f"GENEVA ({{date}}) – Statement number {each} was read out.\n\nIt had {each + 2} points.",
        }
        place.replica.publish(OHCHR, story)


def flood(place: Place) -> set[str]:
    return {key for source, key in place.articles if source == OHCHR and "release-of-the-flood" in key}


@pytest.fixture
def ohchr(build: Build) -> Place:
    place = build()
    return place.at(ohchr=place.replica.base_url(OHCHR))


def test_more_news_than_the_listings_are_deep_is_not_lost(ohchr: Place) -> None:
    ohchr.crawl()
    publish(ohchr, MANY)
    ohchr.crawl()
    assert len(flood(ohchr)) == MANY
    ohchr.replica.clear_log()
    ohchr.crawl()
    assert not [path for path in ohchr.replica.requests(OHCHR) if "page=1" in path]


def test_a_crawl_reaches_back_to_a_day_though_all_it_meets_first_is_known(ohchr: Place) -> None:
    publish(ohchr, MANY)
    ohchr.crawl("--pages", "1")
    assert len(flood(ohchr)) < MANY
    ohchr.crawl("--since", "2001-01-01")
    assert len(flood(ohchr)) == MANY


def test_fewer_pages_by_hand_do_not_shorten_the_crawls_after_it(ohchr: Place) -> None:
    ohchr.crawl("--pages", "1")
    ohchr.replica.clear_log()
    ohchr.crawl()
    assert [path for path in ohchr.replica.requests(OHCHR) if "latest?page=1" in path]


def test_a_dead_section_does_not_make_the_others_be_read_again(build: Build) -> None:
    place = build()
    place.at(phnom_penh_post=place.replica.base_url(POST))
    place.replica.fault(POST, "/kr-tribunal", "status", status=404)
    place.crawl()
    place.replica.clear_log()
    place.crawl()
    assert not [path for path in place.replica.requests(POST) if "page=2" in path]


def test_a_dry_run_says_what_the_crawl_after_it_fetches(build: Build) -> None:
    place = build()
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA))
    place.crawl("--limit", "2")
    place.replica.advance()
    told = {lead["url"] for lead in place.crawl("--dry-run").json["found"][CAMBODIA]}
    place.replica.clear_log()
    place.crawl()
    base = place.replica.base_url(CAMBODIA)
    fetched = {base + path for path in place.replica.requests(CAMBODIA) if "/news/" in path}
    assert len(fetched) >= 3
    assert told == fetched


def test_a_dry_run_names_no_more_than_its_limit(build: Build) -> None:
    place = build()
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA))
    assert len(place.crawl("--dry-run", "--limit", "2").json["found"][CAMBODIA]) == 2


def test_a_dry_run_of_an_address_fetches_and_stores_nothing(build: Build) -> None:
    place = build()
    url = place.replica.base_url(CAMBODIA) + "/en/news/prison-officers-complete-course-on-complaints-by-detainees"
    assert place.crawl("--dry-run", "--url", url).json["found"][CAMBODIA][0]["url"] == url
    assert place.replica.log == []
    assert place.articles == {}


def test_a_mirror_below_a_folder_is_crawled(build: Build) -> None:
    place = build()
    ended = place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA) + "/mirror").tonle("crawl", "--json")
    assert ended.code == 3
    assert "private-address" not in ended.out
    assert any(path.startswith("/mirror/en/news") for path in place.replica.requests(CAMBODIA))


def test_a_pager_that_ends_in_not_found_has_ended(build: Build) -> None:
    place = build()
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA))
    place.replica.fault(CAMBODIA, r"^/en/news\?page=[1-9]", "status", status=404)
    publish_at(place, 14)
    assert place.crawl().row(CAMBODIA)["listings_not_read"] == {}
    place.replica.clear_log()
    assert place.crawl().row(CAMBODIA)["listings_not_read"] == {}
    assert [path for path in place.replica.requests(CAMBODIA) if "page=1" in path] == []


def publish_at(place: Place, number: int) -> None:
    for each in range(number):
        story = {"slug": f"note-{each:02}", "title": f"Note number {each}", "ago": f"{each + 1}h"}
        place.replica.publish(CAMBODIA, {**story, "body": f"Note {each} was read.\n\nIt had {each} lines."})
