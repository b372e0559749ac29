"""Khmer pages: their dates, and who wrote them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.site import Site
from core.urls import article_address
from pipelines.dates import found_date
from pipelines.metadata import names_in

ZONE = ZoneInfo("Asia/Phnom_Penh")
MONTHS = "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ".split()  # noqa: SIM905  # read more easily
OLD = "https://www.postkhmer.com/ព័ត៌មានជាតិ/ទំនាស់ដីបឹង"


@pytest.mark.parametrize(("number", "month"), [*enumerate(MONTHS, start=1)])
def test_every_khmer_month_is_read(number: int, month: str) -> None:
    written = f"ថ្ងៃផ្សាយ 9 {month} 2026 | 08:40 ICT"
    assert found_date(written, ["%d %B %Y | %H:%M ICT"], ZONE) == datetime(2026, number, 9, 8, 40, tzinfo=ZONE)


def test_a_date_in_words_and_khmer_figures_is_read() -> None:
    written = "សុខ ដារ៉ាថ្ងៃទី២៣ ខែមេសា ឆ្នាំ២០១៤"
    assert found_date(written, ["ថ្ងៃទី%d ខែ%B ឆ្នាំ%Y"], ZONE) == datetime(2014, 4, 23, tzinfo=ZONE)


def test_names_are_parted_at_the_khmer_and() -> None:
    assert list(names_in("កែវ សុភា និង លី សុវណ្ណ")) == ["កែវ សុភា", "លី សុវណ្ណ"]


@pytest.mark.parametrize(
    ("url", "section"),
    [
        ("https://www.postkhmer.com/national/2024-3-11-1003-255417", "national"),
        ("https://www.postkhmer.com/national/2024-3-11-026-255417?page=2", "national"),
        ("http://m.postkhmer.com/business/2024-12-1-1003-7", "business"),
        (OLD, ""),
    ],
)
def test_both_forms_of_address_are_articles_of_post_khmer(sites: dict[str, Site], url: str, section: str) -> None:
    address = article_address(sites["post-khmer"], url)
    assert address is not None
    assert address.section == section


@pytest.mark.parametrize("path", ["/national", "/national?page=2", "/ព័ត៌មានជាតិ", "/user/login", "/search/node/x", "/"])
def test_listings_and_forms_are_no_articles_of_post_khmer(sites: dict[str, Site], path: str) -> None:
    assert article_address(sites["post-khmer"], f"https://www.postkhmer.com{path}") is None
