"""The replica with thousands of stories, for benchmarks."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from lxml import html

from replica import Replica

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POST = "phnom-penh-post"
MANY = 300


@pytest.fixture(scope="module")
def many() -> Replica:
    return Replica(now=NOW, stories=MANY)


def slugs(replica: Replica, path: str) -> list[str]:
    tree = html.document_fromstring(replica.render(POST, path)[2])
    return [str(link.get("href")).partition("?")[0].rpartition("/")[2] for link in tree.cssselect("div.more-text > a")]


def test_the_stories_asked_for_stand_beside_the_written_ones(many: Replica) -> None:
    written = Replica(now=NOW)
    added = {site: len(many.truth(site)) - len(written.truth(site)) for site in (POST, "ohchr", "ohchr-cambodia")}
    assert added == {POST: MANY, "ohchr": MANY // 20, "ohchr-cambodia": MANY // 20}
    assert len({truth.path for truth in many.truth(POST)}) == len(many.truth(POST))


def test_listings_and_sitemap_lead_to_every_one_of_many_stories(many: Replica) -> None:
    found: set[str] = set()
    for section in ("national", "national-politics", "business", "opinion"):
        number = 1
        while page := slugs(many, f"/{section}?page={number}"):
            found |= set(page)
            number += 1
    generated = {truth.path.rpartition("/")[2] for truth in many.truth(POST) if truth.traps == ("rights",)}
    assert len(generated) >= MANY
    assert generated <= found
    mapped = many.render(POST, "/sitemap-news.xml")[2].decode()
    assert all(f"/{slug}<" in mapped for slug in generated)


def test_no_two_of_many_stories_share_a_paragraph(many: Replica) -> None:
    paragraphs = [paragraph for truth in many.truth(POST) for paragraph in truth.paragraphs]
    assert len(set(paragraphs)) == len(paragraphs)


def test_a_page_that_was_rendered_before_is_the_same_bytes_until_something_changes() -> None:
    replica = Replica(now=NOW)
    before = replica.render(POST, "/national")[2]
    assert replica.render(POST, "/national")[2] is before
    replica.advance()
    assert replica.render(POST, "/national")[2] != before


def test_only_the_sites_asked_for_are_served_and_moved() -> None:
    with Replica(now=NOW, sites=["ohchr"]) as replica:
        assert urlsplit(replica.base_url("ohchr")).hostname == "127.0.0.1"
        assert list(replica.base_urls) == list(replica.advance()) == ["ohchr"]
    with pytest.raises(ValueError, match="no such site"):
        Replica(now=NOW, sites=["nowhere"])


def test_all_five_sites_are_served_unless_others_are_asked_for() -> None:
    with Replica(now=NOW) as replica:
        assert list(replica.base_urls) == [POST, "ohchr", "ohchr-cambodia", "post-khmer", "mekong-rights-journal"]
        assert list(replica.advance()) == list(replica.base_urls)


def test_the_program_serves_as_many_stories_of_the_sites_that_it_is_told() -> None:
    command = [sys.executable, "-m", "replica", "--stories", "30", "--feeds", "--sites", POST, "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        told = json.loads(process.stdout.readline())
        with urlopen(f"{told['sites'][POST]}/sitemap-news.xml", timeout=10) as answer:  # noqa: S310 - our own
            mapped = answer.read()
        with urlopen(f"{told['sites'][POST]}/rss.xml", timeout=10) as answer:  # noqa: S310 - as above
            assert answer.read().startswith(b"<?xml")
        process.stdin.close()
        assert process.wait(timeout=20) == 0
    assert list(told["sites"]) == [POST]
    assert mapped.count(b"<url>") > 30
