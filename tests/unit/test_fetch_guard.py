"""What the guard lets pass: the site, its documents' servers, and robots.txt wherever it is moved to in public."""

import asyncio

import pytest
from scrapy import Request

from core.model import Reason
from core.site import Site
from crawler.failures import RefusedError
from crawler.middlewares.guard import GuardMiddleware

HOME = "https://www.ohchr.org"


def judged(site: Site, url: str, *, is_robots: bool = False) -> Reason | str:
    """Return why a request is refused, or where it goes."""
    request = Request(url, meta={"is_robots": True} if is_robots else {})
    try:
        turned = asyncio.run(GuardMiddleware(site).process_request(request))
    except RefusedError as error:
        return error.skipped.reason
    return (turned or request).url


@pytest.mark.parametrize("url", ["https://static.example.org/robots.txt", "http://93.184.215.14/r"])
def test_a_live_sites_robots_txt_may_be_moved_to_another_public_host(ohchr: Site, url: str) -> None:
    assert judged(ohchr, url, is_robots=True) == url
    assert judged(ohchr, url) is Reason.OUTSIDE_SITE


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/robots.txt", "http://169.254.169.254/x", "http://2130706433/x", "http://localhost./x"]
)
def test_robots_txt_is_never_followed_to_a_private_address(ohchr: Site, url: str) -> None:
    assert judged(ohchr, url, is_robots=True) is Reason.PRIVATE_ADDRESS


def test_a_stand_ins_robots_txt_does_not_leave_it(ohchr: Site) -> None:
    mirror = ohchr.at("http://127.0.0.1:8000/mirror")
    assert judged(mirror, "http://127.0.0.1:8000/robots.txt", is_robots=True) == "http://127.0.0.1:8000/robots.txt"
    assert judged(mirror, f"{HOME}/robots.txt", is_robots=True) == "http://127.0.0.1:8000/mirror/robots.txt"
    assert judged(mirror, "https://static.example.org/robots.txt", is_robots=True) is Reason.OUTSIDE_SITE
    assert judged(mirror, "http://127.0.0.1:9000/robots.txt", is_robots=True) is Reason.PRIVATE_ADDRESS


def test_a_server_of_documents_is_asked_where_it_stands_for_documents_alone(ohchr: Site) -> None:
    document = "https://docstore.ohchr.org/SelfServices/FilesHandler.ashx?enc=abc"
    assert judged(ohchr, document) == document
    assert judged(ohchr, "https://docstore.ohchr.org/login") is Reason.OUTSIDE_SITE
    robots = "https://docstore.ohchr.org/robots.txt"
    assert judged(ohchr, robots, is_robots=True) == robots


@pytest.mark.parametrize("url", ["data:text/plain,x", "https://user@www.ohchr.org.example.org/en/x"])
def test_what_is_no_address_of_the_site_is_refused(ohchr: Site, url: str) -> None:
    assert judged(ohchr, url) is Reason.OUTSIDE_SITE


def test_the_sites_other_hosts_and_schemes_lead_to_its_base(ohchr: Site) -> None:
    assert judged(ohchr, "http://ohchr.org/en/latest") == f"{HOME}/en/latest"
    assert judged(ohchr, f"{HOME}/en/latest") == f"{HOME}/en/latest"
