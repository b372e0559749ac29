from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.model import Lead, Page, Reason, Skipped
from core.site import Section, Site
from crawler.discovery.listing import Listing
from crawler.discovery.section import listing_name, read_section, section_address

BuildPage = Callable[..., Page]
ICT = ZoneInfo("Asia/Phnom_Penh")


def sections(site: Site) -> list[Section]:
    return [setting for setting in site.discovery if isinstance(setting, Section)]


def listing(page: Page, site: Site, setting: Section) -> Listing:
    found = read_section(page, site, setting, listing_name(site, setting, setting.sections[0]))
    assert isinstance(found, Listing)
    return found


def day(lead: Lead) -> str:
    assert lead.published is not None
    return lead.published.date().isoformat()


CMS_LISTING = """
<div class="more-contents">
 <div class="more-item"><div class="more-img"><a href="/national/dry-wells"><img src="x.jpg" alt="A well"></a></div>
  <div class="more-text"><a href="/national/dry-wells"><h3>Wells run dry</h3></a>
   <span class="more-date">27 February 2026 | 08:40 | ICT</span><p>Women walk to the quarry for wat</p></div></div>
 <div class="more-item"><div class="more-text"><a href="http://m.phnompenhpost.com/national/ferry-sinks-?utm_source=x">
  <h3>Ferry sinks</h3></a><p>Nine people went down</p></div></div>
 <div class="more-item"><div class="more-text"><p>A card without a link</p></div></div>
 <div class="more-item"><div class="more-text"><a href="https://ads.example/national/buy">Buy</a></div></div>
 <div class="more-item"><div class="more-text"><a href="https://[::1">Broken</a></div></div>
</div><p><a href="/national/not-a-card">Elsewhere</a></p>
"""
DRUPAL_LISTING = """
<div class="view-content"><div class="item-list"><ul>
 <li class="views-row"><div class="article-image"><a href="/politics-0/old-wells"><img alt="Content image"></a></div>
  <span>Fri, 26 August 2016</span><h3><a href="/politics-0/old-wells">Old wells</a></h3><p>Women walk to the</p></li>
 <li class="views-row"><span>Thu, 25 August 2016</span><h3><a href="/politics-0/old-ferry">Old ferry</a></h3></li>
</ul></div></div>
<ul class="pager pager-load-more"><li class="pager-next first last"><a href="/politics-0?page=3">Load more</a></li></ul>
"""


def card(href: str, title: str, date: str, eyebrow: str = "Press releases") -> str:
    return (
        f'<div class="card-2"><a href="{href}"><p class="text--eyebrow card-2__eyebrow eyebrow-3">{eyebrow}</p>'
        f'<p class="card-2__title">{title}</p><p>{date}</p></a></div>'
    )


def test_the_cards_of_the_present_site_give_address_title_summary_and_date(page: BuildPage, post: Site) -> None:
    setting = sections(post)[0]
    found = listing(page(CMS_LISTING, "/national?page=1"), post, setting)
    assert [(lead.key, lead.title, lead.summary) for lead in found.leads] == [
        ("dry-wells", "Wells run dry", "Women walk to the quarry for wat"),
        ("ferry-sinks-", "Ferry sinks", "Nine people went down"),
    ]
    first, second = found.leads
    assert first.published == datetime(2026, 2, 27, 8, 40, tzinfo=ICT)
    assert second.published is None
    assert second.url == "https://www.phnompenhpost.com/national/ferry-sinks-"
    assert (first.via, first.listing) == ("section", "https://www.phnompenhpost.com/national?page=*")
    assert found.follow == ()


def test_the_rows_of_the_old_site_give_their_stories_and_the_next_page(page: BuildPage, post: Site) -> None:
    setting = sections(post)[1]
    found = listing(page(DRUPAL_LISTING, "/politics-0?page=2"), post, setting)
    assert [(lead.key, lead.title) for lead in found.leads] == [("old-wells", "Old wells"), ("old-ferry", "Old ferry")]
    assert [day(lead) for lead in found.leads] == ["2016-08-26", "2016-08-25"]
    assert found.follow == ("https://www.phnompenhpost.com/politics-0?page=3",)


def test_the_last_page_is_followed_by_none(page: BuildPage, post: Site) -> None:
    setting = sections(post)[1]
    assert (
        listing(page(DRUPAL_LISTING.partition('<ul class="pager')[0], "/politics-0?page=9"), post, setting).follow == ()
    )


def test_a_listing_of_ohchr_is_told_by_its_eyebrows(page: BuildPage, ohchr: Site) -> None:
    html = (
        "<main>"
        + card("/en/press-releases/2026/02/open-courts", "Experts call for open courts", "25 February 2026")
        + card("https://www.ohchr.org/zh/2026/02/open-courts", "法院必须开放", "2026年2月25日", "新闻稿")
        + card("/en/stories/overview", "No item", "25 February 2026")
        + '<a href="/en/press-releases/2026/02/not-a-card">Elsewhere</a>'
        + '<ul><li class="pager__item pager__item--next"><a href="?page=3" rel="next">Next</a></li></ul></main>'
    )
    found = listing(page(html, "https://www.ohchr.org/en/latest?page=2"), ohchr, sections(ohchr)[0])
    assert [(lead.key, lead.title, day(lead)) for lead in found.leads] == [
        ("/en/press-releases/2026/02/open-courts", "Experts call for open courts", "2026-02-25"),
        ("/zh/2026/02/open-courts", "法院必须开放", "2026-02-25"),
    ]
    assert found.follow == ("https://www.ohchr.org/en/latest?page=3",)


def test_a_date_in_a_headline_is_not_the_date_of_the_card(page: BuildPage, ohchr: Site) -> None:
    html = card("/en/press-releases/2026/02/x", "Remembering 7 January 1979 in Phnom Penh", "25 February 2026")
    (lead,) = listing(page(html, "https://www.ohchr.org/en/latest"), ohchr, sections(ohchr)[0]).leads
    assert day(lead) == "2026-02-25"


def test_items_of_the_country_office_lose_the_query_that_they_inherit(page: BuildPage, cambodia: Site) -> None:
    html = (
        "<main><div class='views-row'><h3><a href='/en/news/prison-course?page=4&amp;items_per_page=60'>Prison course"
        "</a></h3><span>13 February 2026</span><p>Forty-six officers</p></div>"
        "<div class='views-row'><h3><a href='/en/news/cambodia’s-report?page=4'>Report</a></h3></div></main>"
    )
    url = "https://cambodia.ohchr.org/en/news?page=4&items_per_page=60"
    found = listing(page(html, url), cambodia, sections(cambodia)[0])
    assert [(lead.key, lead.url) for lead in found.leads] == [
        ("/en/news/prison-course", "https://cambodia.ohchr.org/en/news/prison-course"),
        ("/en/news/cambodia%E2%80%99s-report", "https://cambodia.ohchr.org/en/news/cambodia%E2%80%99s-report"),
    ]
    assert [lead.title for lead in found.leads] == ["Prison course", "Report"]
    assert found.leads[0].published == datetime(2026, 2, 13, tzinfo=ICT)


def test_a_listing_read_at_a_stand_in_gives_addresses_there(page: BuildPage, post: Site) -> None:
    placed = post.at("http://127.0.0.1:8000")
    found = listing(page(CMS_LISTING, "http://127.0.0.1:8000/national?page=1"), placed, sections(post)[0])
    assert [lead.url for lead in found.leads] == [
        "http://127.0.0.1:8000/national/dry-wells",
        "http://127.0.0.1:8000/national/ferry-sinks-",
    ]


def test_a_story_on_two_cards_is_one_lead(page: BuildPage, post: Site) -> None:
    found = listing(page(CMS_LISTING * 2, "/national?page=1"), post, sections(post)[0])
    assert [lead.key for lead in found.leads] == ["dry-wells", "ferry-sinks-"]


def test_a_page_without_cards_is_an_empty_listing_and_no_error(page: BuildPage, post: Site) -> None:
    assert listing(page("<p>Nothing here</p>", "/national?page=99"), post, sections(post)[0]) == Listing(())


def test_a_listing_page_never_says_that_what_it_leaves_out_is_gone(page: BuildPage, post: Site) -> None:
    assert not listing(page(CMS_LISTING), post, sections(post)[0]).complete


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": 404}, Reason.NOT_FOUND),
        ({"status": 503}, Reason.SERVER_ERROR),
        ({"body": b""}, Reason.EMPTY),
        ({"body": b"<title>Just a moment...</title>", "status": 403}, Reason.CHALLENGE),
        ({"headers": {"content-type": "application/pdf"}}, Reason.NOT_HTML),
    ],
)
def test_a_listing_that_did_not_come_is_skipped_with_the_reason(
    page: BuildPage, post: Site, changes: dict[str, object], reason: Reason
) -> None:
    answer = page(**({"body": CMS_LISTING, "path": "/national?page=1"} | changes))
    found = read_section(answer, post, sections(post)[0], "name")
    assert isinstance(found, Skipped)
    assert found.reason is reason


def test_pages_are_counted_as_the_site_counts_them(post: Site, ohchr: Site) -> None:
    cms, drupal = sections(post)
    assert section_address(post, cms, "national", 0) == "https://www.phnompenhpost.com/national?page=1"
    assert section_address(post, drupal, "politics-0", 0) == "https://www.phnompenhpost.com/politics-0?page=0"
    assert section_address(ohchr, sections(ohchr)[0], "en", 2) == "https://www.ohchr.org/en/latest?page=2"


def test_all_pages_of_a_section_are_one_listing(post: Site) -> None:
    setting = sections(post)[0]
    assert listing_name(post, setting, "sport") == "https://www.phnompenhpost.com/sport?page=*"
    assert listing_name(post, setting, "sport") != listing_name(post, setting, "national")


def test_a_card_dated_in_the_sites_zone_is_not_a_day_early(page: BuildPage, post: Site) -> None:
    html = CMS_LISTING.replace("08:40", "00:10")
    lead = listing(page(html, "/national?page=1"), post, sections(post)[0]).leads[0]
    assert lead.published is not None
    assert lead.published.astimezone(UTC) == datetime(2026, 2, 26, 17, 10, tzinfo=UTC)
