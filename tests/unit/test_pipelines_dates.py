from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Draft, Lead, Page
from core.site import Layout, Site
from pipelines.dates import believable, foreign_date, found_date
from pipelines.process import process

ICT = ZoneInfo("Asia/Phnom_Penh")
BuildPage = Callable[..., Page]
Html = Callable[..., str]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
RELEASE = "https://www.ohchr.org/en/press-releases/2026/02/experts-call-for-open-courts"


def layout(site: Site, name: str) -> Layout:
    return next(layout for layout in site.layouts if layout.name == name)


def draft_of(page: Page, site: Site, lead: Lead | None = None) -> Draft:
    draft = process(page, site, lead)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Publication date 23 April 2014 | 00:26 ICT", datetime(2014, 4, 23, 0, 26, tzinfo=ICT)),
        ("Publication date 3 March 2024 | 7:05 ICT", datetime(2024, 3, 3, 7, 5, tzinfo=ICT)),
        ("Publication date\n  23   April 2014 |00:26  ICT", datetime(2014, 4, 23, 0, 26, tzinfo=ICT)),
        ("23 April 2014 | 08:40 | ICT", datetime(2014, 4, 23, 8, 40, tzinfo=ICT)),
        ("23\u00a0April\u00a02014 | 08:40 ICT", datetime(2014, 4, 23, 8, 40, tzinfo=ICT)),
        (", September 12, 2017 | by Keo Rathana", datetime(2017, 9, 12, tzinfo=ICT)),
        ("September 12, 2017 | 18:45 ICT", datetime(2017, 9, 12, 18, 45, tzinfo=ICT)),
        ("Updated 29 February 2024", datetime(2024, 2, 29, tzinfo=ICT)),
        ("29 February 2023", None),
        ("31 April 2014 | 00:26 ICT", None),
        ("23 Avril 2014", None),
        ("April 2014", None),
        ("", None),
    ],
)
def test_each_form_of_the_posts_dates_is_read_in_its_zone(post: Site, text: str, expected: datetime | None) -> None:
    form = layout(post, "cms").date
    assert form is not None
    assert found_date(text, form.formats, post.tz) == expected


def test_a_time_that_is_no_time_leaves_the_day(post: Site) -> None:
    form = layout(post, "cms").date
    assert form is not None
    assert found_date("23 April 2014 | 25:61 ICT", form.formats, post.tz) == datetime(2014, 4, 23, tzinfo=ICT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25 September 2013", datetime(2013, 9, 25, tzinfo=UTC)),
        ("  25  September\u00a02013 ", datetime(2013, 9, 25, tzinfo=UTC)),
        ("2015年5月27日", datetime(2015, 5, 27, tzinfo=UTC)),
        ("25 September 2013.", None),
        ("On 25 September 2013", None),
        ("125 September 2013", None),
    ],
)
def test_a_whole_line_is_a_date_or_it_is_not(ohchr: Site, text: str, expected: datetime | None) -> None:
    form = layout(ohchr, "drupal").date
    assert form is not None
    assert found_date(text, form.formats, UTC, whole=True) == expected


def test_the_first_date_that_exists_is_taken() -> None:
    text = "from 31 June 2013 to 2 July 2013 and 3 July 2013"
    assert found_date(text, ["%d %B %Y"], UTC) == datetime(2013, 7, 2, tzinfo=UTC)


@given(st.dates(datetime(1900, 1, 1, tzinfo=UTC).date(), datetime(2999, 1, 1, tzinfo=UTC).date()))
def test_every_day_is_read_as_it_was_written(day: datetime) -> None:
    for date_format in ("%d %B %Y", "%B %d, %Y", "%Y年%m月%d日", "%d %b %Y", "%d/%m/%Y"):
        found = found_date(f"— {day.strftime(date_format)} —", [date_format], UTC)
        assert found is not None
        assert (found.year, found.month, found.day) == (day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("language", "months"),
    [
        ("fr", "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        ("es", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        ("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
        ("ar", "يناير فبراير مارس أبريل مايو يونيه يوليه أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
    ],
)
def test_every_month_of_the_other_languages_is_known(language: str, months: str) -> None:
    link = " de " if language == "es" else " "
    for number, month in enumerate(months.split(), 1):
        assert foreign_date(f"7{link}{month}{link}2013", language, UTC) == datetime(2013, number, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "month"),
    [
        ("25 كانون الثاني/يناير 2013", 1),
        ("25 أيار/مايو 2013", 5),
        ("25 تشرين الثاني/نوفمبر 2013", 11),
        ("25 كانون الأول/ديسمبر 2013", 12),
    ],
)
def test_the_two_names_that_the_un_gives_months_in_arabic_are_one_month(line: str, month: int) -> None:
    assert foreign_date(line, "ar", UTC) == datetime(2013, month, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "line"),
    [("fr", "1er mai 2014"), ("fr", "le 1 mai 2014"), ("ru", "1 мая 2014 г."), ("zh", "2014 年 5 月 1 日")],
)
def test_the_small_words_around_a_foreign_date_do_not_hide_it(language: str, line: str) -> None:
    assert foreign_date(line, language, UTC) == datetime(2014, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "May 2013"),
        ("en", "2013"),
        ("en", "We count 14 wells in 2013"),
        ("en", "3 dead in March 2013"),
        ("fr", "Le 3 mai 2013, la police arriva"),
        ("fr", "3 mai"),
        ("fr", "Le tribunal a rendu sa décision au sujet des terres le 3 mai 2013"),
        ("", "3 May 2013"),
        ("xx", "3 May 2013"),
        ("fr", ""),
    ],
)
def test_a_line_that_is_more_or_less_than_a_day_is_no_date(language: str, line: str) -> None:
    assert foreign_date(line, language, UTC) is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW, True),
        (NOW + timedelta(days=1), True),
        (NOW + timedelta(days=1, seconds=1), False),
        (datetime(1945, 1, 1, tzinfo=UTC), True),
        (datetime(1944, 12, 31, tzinfo=UTC), False),
        (datetime(1, 1, 1, tzinfo=ICT), False),
        (datetime(9999, 12, 31, 23, 59, tzinfo=ZoneInfo("America/New_York")), False),
    ],
)
def test_what_was_fetched_was_published_before_and_in_the_age_of_the_un(moment: datetime, *, expected: bool) -> None:
    assert believable(moment, NOW) == expected


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        ("31 December 2026 | 12:00 ICT", "date-in-future"),
        ("1 January 1914 | 12:00 ICT", "date-too-old"),
        ("1 January 0001", "date-too-old"),
        ("31 December 9999", "date-in-future"),
    ],
)
def test_a_date_that_cannot_be_is_refused_with_a_remark(
    page: BuildPage, cms: Html, post: Site, written: str, remark: str
) -> None:
    draft = draft_of(page(cms("<p>The well is dry.</p>", date=f"Publication date {written}")), post)
    assert draft.published_at is None
    assert draft.remarks == (remark, "no-date")


def test_the_listings_date_stands_in_for_one_that_cannot_be(
    page: BuildPage, cms: Html, post: Site, lead: Callable[..., Lead]
) -> None:
    listed = lead(published=datetime(2026, 2, 27, 8, 40, tzinfo=ICT))
    draft = draft_of(page(cms("<p>The well is dry.</p>", date="31 December 2026")), post, listed)
    assert draft.published_at == listed.published
    assert draft.remarks == ("date-in-future", "date-from-listing")


def test_a_page_without_a_date_has_none_and_says_so(page: BuildPage, cms: Html, post: Site) -> None:
    draft = draft_of(page(cms("<p>The well is dry since 3 May 2013, he said.</p>", date="")), post)
    assert (draft.published_at, draft.remarks) == (None, ("no-date",))


def test_a_day_without_a_time_is_midnight_where_the_site_is(page: BuildPage, drupal: Html, post: Site) -> None:
    wrapper = "<span></span>, September 12, 2017 | by <a href='/author/k'><span>Keo Rathana</span></a>"
    draft = draft_of(page(drupal("<p>The well is dry.</p>", wrapper=wrapper)), post)
    assert draft.published_at == datetime(2017, 9, 12, tzinfo=ICT)
    assert draft.authors == ("Keo Rathana",)


def test_structured_data_is_asked_only_where_the_visible_text_is_silent(page: BuildPage, cms: Html, post: Site) -> None:
    meta = "<head><meta property='article:published_time' content='2020-01-01T00:00:00+00:00'>"
    meta += "<meta property='article:modified_time' content='2026-02-28T10:00:00+07:00'>"
    visible = draft_of(page(cms("<p>Dry.</p>").replace("<head>", meta)), post)
    silent = draft_of(page(cms("<p>Dry.</p>", date="").replace("<head>", meta)), post)
    assert (visible.published_at, visible.remarks) == (datetime(2026, 2, 27, 8, 40, tzinfo=ICT), ())
    assert (silent.published_at, silent.remarks) == (datetime(2020, 1, 1, tzinfo=UTC), ("date-from-metadata",))
    assert visible.modified_at == silent.modified_at == datetime(2026, 2, 28, 10, tzinfo=ICT)


@pytest.mark.parametrize(("content", "expected"), [("2020-01-01", datetime(2020, 1, 1, tzinfo=ICT)), ("lately", None)])
def test_structured_data_without_a_zone_is_the_sites_time_and_nonsense_is_passed_over(
    page: BuildPage, cms: Html, post: Site, content: str, expected: datetime | None
) -> None:
    meta = f"<head><meta property='article:published_time' content='{content}'>"
    assert draft_of(page(cms("<p>Dry.</p>", date="").replace("<head>", meta)), post).published_at == expected


def test_a_release_without_a_date_line_is_dated_by_its_dateline(page: BuildPage, release: Html, ohchr: Site) -> None:
    body = "<p>GENEVA (25 February 2026) – Courts must open, experts said. (Reuters photograph)</p>"
    draft = draft_of(page(release(body, head=""), RELEASE), ohchr)
    assert draft.published_at == datetime(2026, 2, 25, tzinfo=ohchr.tz)
    assert draft.remarks == ("date-from-dateline",)


def test_the_date_line_goes_before_the_dateline_and_the_address(page: BuildPage, release: Html, ohchr: Site) -> None:
    body = "<p>GENEVA (12 May 2005) – The committee opens its session, it said.</p>"
    url = "https://www.ohchr.org/en/press-releases/2009/10/committee-opens-session"
    draft = draft_of(page(release(body, head="<p>12 May 2006</p>"), url), ohchr)
    assert draft.published_at == datetime(2006, 5, 12, tzinfo=ohchr.tz)
    assert draft.remarks == ("date-disagrees-with-address",)


def test_a_date_below_the_first_sentence_takes_no_paragraph_away(page: BuildPage, release: Html, ohchr: Site) -> None:
    body = "<p>We stay here for as long as it takes to see the courts open.</p><p>20 February 2026</p><p>The office</p>"
    draft = draft_of(page(release(body, head=""), RELEASE), ohchr)
    assert draft.paragraphs[0] == "We stay here for as long as it takes to see the courts open."
    assert draft.paragraphs[-1] == "The office"


def test_a_date_that_stands_in_the_body_as_well_stays_there(page: BuildPage, release: Html, ohchr: Site) -> None:
    body = "<p>Statement of the office</p><p>20 January 2026</p><p>The courts stay closed.</p>"
    draft = draft_of(page(release(body), RELEASE), ohchr)
    assert draft.paragraphs == ("Statement of the office", "20 January 2026", "The courts stay closed.")
    assert draft.published_at == datetime(2026, 2, 25, tzinfo=ohchr.tz)


def test_a_date_that_is_printed_twice_goes_twice(page: BuildPage, release: Html, ohchr: Site) -> None:
    head = "<p>SHORT TITLE</p><p>2026年2月25日</p><p>2026年2月25日</p>"
    url = "https://www.ohchr.org/zh/2026/02/experts-call-for-open-courts"
    draft = draft_of(page(release("<p>日内瓦（2026年2月25日）——法院必须开放。</p>", head=head), url), ohchr)
    assert draft.paragraphs == ("日内瓦（2026年2月25日）——法院必须开放。",)
    assert (draft.language, draft.published_at) == ("zh", datetime(2026, 2, 25, tzinfo=ohchr.tz))


SINCE = date(2014, 4, 24)


def test_a_date_before_the_site_began_is_refused_and_the_next_one_counts(
    page: BuildPage, drupal: Html, post: Site, lead: Callable[..., Lead]
) -> None:
    young = post.model_copy(update={"since": SINCE})
    fetched = page(drupal("<p>Text.</p>"))
    assert draft_of(fetched, post).published_at == datetime(2014, 4, 23, 0, 26, tzinfo=ICT)
    refused = draft_of(fetched, young)
    assert (refused.published_at, refused.remarks) == (None, ("date-before-site", "no-date"))
    listed = datetime(2014, 5, 2, tzinfo=ICT)
    dated = draft_of(fetched, young, lead(published=listed))
    assert (dated.published_at, dated.remarks) == (listed, ("date-before-site", "date-from-listing"))


def test_the_first_day_of_a_site_is_a_day_where_the_site_is(post: Site) -> None:
    young = post.model_copy(update={"since": SINCE})
    assert young.may_date(datetime(2014, 4, 23, 17, 0, tzinfo=UTC)), "midnight in Phnom Penh"
    assert not young.may_date(datetime(2014, 4, 23, 16, 59, tzinfo=UTC))
    assert post.may_date(datetime(1946, 1, 1, tzinfo=UTC)), "without a first day, every day"


def test_a_date_that_no_site_can_have_is_called_too_old_rather_than_before_the_site(
    page: BuildPage, drupal: Html, post: Site
) -> None:
    wrapper = "Publication date 1 January 1900 | 00:00 ICT"
    remarks = draft_of(page(drupal("<p>Text.</p>", wrapper=wrapper)), post.model_copy(update={"since": SINCE})).remarks
    assert remarks == ("date-too-old", "no-date")
