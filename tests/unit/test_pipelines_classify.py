from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model import Draft, Page, Reason, Skipped
from core.site import Site
from pipelines.classify import is_challenge, refused, retry_after
from pipelines.process import process

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
CHALLENGE = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
SCRIPT = "<html><body><script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script></body></html>"
BuildPage = Callable[..., Page]


def reason_of(result: Draft | Skipped | None) -> Reason | None:
    return result.reason if isinstance(result, Skipped) else None


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.FORBIDDEN),
        (403, Reason.FORBIDDEN),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (429, Reason.RATE_LIMITED),
        (500, Reason.SERVER_ERROR),
        (502, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (599, Reason.SERVER_ERROR),
        (204, Reason.HTTP_ERROR),
        (206, Reason.HTTP_ERROR),
        (304, Reason.HTTP_ERROR),
        (400, Reason.HTTP_ERROR),
        (418, Reason.HTTP_ERROR),
        (451, Reason.HTTP_ERROR),
    ],
)
def test_each_status_has_its_reason_however_good_the_body_looks(
    page: BuildPage, cms: Callable[..., str], post: Site, status: int, reason: Reason
) -> None:
    answer = page(cms("<p>The well is dry.</p>"), status=status)
    assert refused(answer) == Skipped(reason, f"HTTP {status}")
    assert process(answer, post) == refused(answer)


def test_a_page_that_came_is_not_refused(page: BuildPage) -> None:
    assert refused(page()) is None


@pytest.mark.parametrize("status", [200, 403, 429, 503])
@pytest.mark.parametrize(
    "title", ["Just a moment...", "Just a moment…", " just a moment ", "Attention Required! | Cloudflare"]
)
def test_a_challenge_is_told_by_its_title_whatever_the_status(page: BuildPage, status: int, title: str) -> None:
    answer = page(CHALLENGE.replace("Just a moment...", title), status=status)
    assert refused(answer) == Skipped(Reason.CHALLENGE, f"HTTP {status}")


@pytest.mark.parametrize(("status", "expected"), [(403, True), (503, True), (200, False), (404, False)])
def test_a_script_of_cloudflare_is_a_challenge_only_on_a_refusal(
    page: BuildPage, status: int, *, expected: bool
) -> None:
    assert is_challenge(page(SCRIPT, status=status)) == expected


def test_an_article_whose_headline_begins_like_a_challenge_is_an_article(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    draft = process(page(cms("<p>The fan was switched off.</p>", title="Just a moment of calm at the ferry")), post)
    assert isinstance(draft, Draft)
    assert draft.title == "Just a moment of calm at the ferry"


def test_a_challenge_keeps_what_the_server_asked_for(page: BuildPage) -> None:
    answer = page(CHALLENGE, status=503, headers={"retry-after": "120"})
    assert refused(answer) == Skipped(Reason.CHALLENGE, "HTTP 503", timedelta(minutes=2))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("00120", timedelta(minutes=2)),
        ("999999999999999999999999", timedelta(days=7)),
        ("9" * 5000, timedelta(days=7)),
        ("Sun, 01 Mar 2026 09:30:00 GMT", timedelta(hours=1, minutes=30)),
        ("Sun, 01 Mar 2026 09:30:00", timedelta(hours=1, minutes=30)),
        ("Sunday, 01-Mar-26 09:30:00 GMT", timedelta(hours=1, minutes=30)),
        ("Sun Mar  1 09:30:00 2026", timedelta(hours=1, minutes=30)),
        ("Sun, 01 Mar 2026 16:00:00 +0700", timedelta(hours=1)),
        ("Sun, 01 Mar 2026 07:00:00 GMT", timedelta(0)),
        ("Tue, 01 Mar 2033 07:00:00 GMT", timedelta(days=7)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_and_is_a_week_at_most(value: str, expected: timedelta | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == expected


def test_no_header_asks_for_no_wait() -> None:
    assert retry_after({}, NOW) is None


@given(st.text(max_size=30))
@example("²")
def test_no_wait_however_odd_raises(value: str) -> None:
    wait = retry_after({"retry-after": value}, NOW)
    assert wait is None or timedelta(0) <= wait <= timedelta(days=7)


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_refusal_carries_the_wait_that_the_server_asked_for(page: BuildPage, status: int) -> None:
    result = refused(page(status=status, headers={"retry-after": "60"}))
    assert result is not None
    assert result.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize("body", [b"", b" \n\t "])
def test_nothing_is_empty(page: BuildPage, body: bytes) -> None:
    assert refused(page(body)) == Skipped(Reason.EMPTY)


@pytest.mark.parametrize("body", ["<!-- only a comment -->", "<html></html>", "<script>let x = 1</script>"])
def test_markup_without_a_word_is_no_article(page: BuildPage, post: Site, body: str) -> None:
    assert reason_of(process(page(body), post)) in {Reason.EMPTY, Reason.NO_BODY}


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "image/png", "application/json", "application/octet-stream", "TEXT/CSS; a=b"]
)
def test_another_type_of_content_is_not_html_and_is_named(page: BuildPage, content_type: str) -> None:
    result = refused(page("<p>x</p>", headers={"content-type": content_type}))
    assert result == Skipped(Reason.NOT_HTML, content_type.partition(";")[0].lower())


@pytest.mark.parametrize(
    "content_type", ["text/html", "TEXT/HTML; charset=x", "application/xhtml+xml", "text/plain", ""]
)
def test_markup_passes_under_each_of_its_types(page: BuildPage, content_type: str) -> None:
    assert refused(page("<p>x</p>", headers={"content-type": content_type})) is None


def test_markup_passes_without_any_type(page: BuildPage) -> None:
    assert refused(page("<p>x</p>", headers={})) is None


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n1 0 obj",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0JFIF",
        b"GIF89a",
        b"PK\x03\x04zip",
        b"\x1f\x8b\x08gzip",
        bytes(range(256)),
        b"<html>\x00\x00</html>",
    ],
)
def test_bytes_that_are_no_text_are_not_html_whatever_their_type_says(page: BuildPage, body: bytes) -> None:
    assert refused(page(body)) == Skipped(Reason.NOT_HTML, "binary content")


def test_utf_16_is_text_for_all_its_null_bytes(page: BuildPage) -> None:
    assert refused(page("<p>Text</p>".encode("utf-16"))) is None


def test_a_form_that_asks_for_a_password_is_a_log_in_wall(page: BuildPage, post: Site) -> None:
    wall = "<html><body><h1>Members</h1><form><input type='text'><input type='password'></form></body></html>"
    assert process(page(wall), post) == Skipped(Reason.LOGIN_WALL)


def test_an_article_with_a_log_in_box_beside_it_is_an_article(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    with_box = cms("<p>The well is dry.</p>", below="<form><input type='password'></form>")
    assert isinstance(process(page(with_box), post), Draft)


@pytest.mark.parametrize(
    "front",
    [
        "<body class='front'><p>News</p></body>",
        "<body><div class='home-page'>News</div></body>",
        "<head><title>Phnom Penh Post</title></head><body>News</body>",
        "<head><title>PHNOM PENH  POST</title></head><body>News</body>",
        "<head><link rel='canonical' href='https://www.phnompenhpost.com/'></head><body>News</body>",
        "<head><link rel='canonical' href='https://m.phnompenhpost.com'></head><body>News</body>",
        "<body>" + "".join(f"<a href='/national/story-{n}'>Story {n}</a>" for n in range(12)) + "</body>",
    ],
)
def test_a_front_page_that_answers_for_a_dead_address_is_a_soft_404(page: BuildPage, post: Site, front: str) -> None:
    answer = page(f"<html>{front}</html>", "/index.php/2012050155/National-news/old-story.html")
    assert reason_of(process(answer, post)) is Reason.SOFT_404


def test_fewer_links_to_stories_do_not_make_a_listing(page: BuildPage, post: Site) -> None:
    links = "".join(f"<a href='/national/story-{n}'>Story {n}</a>" for n in range(11))
    twice = links + "<a href='http://m.phnompenhpost.com/business/story-3'>Story 3 again</a>"
    assert reason_of(process(page(f"<html><body>{twice}</body></html>"), post)) is Reason.NO_BODY


def test_an_article_with_many_links_beside_it_is_an_article(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    links = "".join(f"<p><a href='/national/story-{n}'>Story {n}</a></p>" for n in range(30))
    assert isinstance(process(page(cms("<p>The well is dry.</p>", below=links)), post), Draft)


def test_a_story_that_was_redirected_to_a_listing_is_a_soft_404(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    answer = page(
        cms("<p>The well is dry.</p>"), "/national", requested_url="https://www.phnompenhpost.com/national/gone"
    )
    assert reason_of(process(answer, post)) is Reason.SOFT_404


def test_a_story_that_was_redirected_to_another_section_is_an_article(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    answer = page(
        cms("<p>The well is dry.</p>"),
        "/national-politics/dry-wells",
        requested_url="http://m.phnompenhpost.com/national/dry-wells",
    )
    assert isinstance(process(answer, post), Draft)


def test_an_article_of_which_only_the_beginning_is_shown_is_not_kept(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    stub = cms("<p>The well is</p><p>Contact PhnomPenh Post for full article</p>")
    assert reason_of(process(page(stub), post)) is Reason.PAYWALL


def test_the_line_about_full_articles_below_a_whole_article_is_no_paywall(
    page: BuildPage, cms: Callable[..., str], post: Site
) -> None:
    whole = cms("<p>The well is dry.</p>", below="<p>Contact PhnomPenh Post for full article</p>")
    assert isinstance(process(page(whole), post), Draft)
