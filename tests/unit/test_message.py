"""Messages as MIME, read back from their bytes: headers, both bodies, and texts from the web that mean harm."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from core.config import Config
from core.errors import DeliveryError
from core.model import Article, CopyAddress, Match, Passage, Run
from notify.alert import Alert, alert
from notify.coverage import Crawls, coverage_line
from notify.digest import Digest
from notify.found import Found, digest
from notify.marked import stretches
from notify.message import Envelope, Message, alert_message, digest_message, header_text, message_id
from notify.phrases import Reader
from notify.plain import columns, wrapped
from notify.render import alert_bodies, digest_bodies

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR"}, ZoneInfo("Asia/Phnom_Penh"))
ENVELOPE = Envelope("digest:0-7", "tonle@example.org", ("a@example.org", "b@example.org"), NOW)
WICKED = "<script>alert('x')</script> & \"quoted\" <img src=//evil.example/p.gif>"
ARTICLE = Article(
    id=41,
    source="post",
    key="41",
    url="https://www.example.org/41?a=1&b=2",
    title="Court hears land case",
    text="A court heard the case. It goes on.",
    first_seen=NOW,
    fetched_at=NOW,
    published_at=NOW - timedelta(hours=3),
)


def article(number: int, source: str = "post") -> Article:
    url = f"https://www.example.org/{source}/{number}"
    title = f"Headline number {number} about a hearing in a provincial court"
    return replace(ARTICLE, id=number, source=source, key=str(number), url=url, title=title)


def told(articles: Sequence[Article], matches: Sequence[Match] = ()) -> Digest:
    bad = Run(1, "ohchr", "schedule", NOW, NOW, "failed", "robots.txt: 503 <b>")
    coverage = [coverage_line(Crawls("ohchr", last=bad), Config(), READER, NOW)]
    return digest(Found(articles, matches, 1204), coverage, READER, NOW)


def alerted(found: Article = ARTICLE, passage: Passage | None = None) -> Alert:
    return alert(Match(7, "land", found, passage or Passage("The land case goes on.", ((4, 8),)), NOW), READER)


def arrived(message: Message) -> EmailMessage:
    parsed = message_from_bytes(message.mail.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def bodies(message: Message) -> tuple[str, str]:
    """Return text and HTML as a mail program would show them."""
    parsed = arrived(message)
    assert parsed.get_content_type() == "multipart/alternative"
    text, page = parsed.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(page, EmailMessage)
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert (text.get_content_charset(), page.get_content_charset()) == ("utf-8", "utf-8")
    return text.get_content(), page.get_content()


def read(page: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page.encode())


def folded(text: str) -> str:
    return " ".join(text.split())


def links(page: str) -> list[str]:
    return [str(address) for address in read(page).xpath("//a/@href")]


def lines_that_are_links(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if re.fullmatch(r" *https?://\S+", line)]


def test_a_digest_says_in_its_headers_what_it_is() -> None:
    message = arrived(digest_message(told([*(article(number) for number in range(5)), article(8, "ohchr")]), ENVELOPE))
    assert message["Subject"] == "tonle: 6 new — Phnom Penh Post 5, OHCHR 1"
    assert message["From"] == "tonle <tonle@example.org>"
    assert [address.addr_spec for address in message["To"].addresses] == ["a@example.org", "b@example.org"]
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == message_id("digest:0-7")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "tonle digest <digest.tonle.invalid>"
    assert not message.defects


def test_the_subject_names_four_sources_and_counts_the_others() -> None:
    many = [article(number, f"source-{number}") for number in range(9)]
    subject = digest_message(told(many), ENVELOPE).subject
    assert subject == "tonle: 9 new — source-0 1, source-1 1, source-2 1, source-3 1, 5 more"


def test_a_message_id_is_its_key_s_alone() -> None:
    assert message_id("digest:0-7") != message_id("digest:0-8")
    assert re.fullmatch(r"<[0-9a-f]{32}@tonle\.invalid>", message_id("key\r\nBcc: x"))
    again = replace(ENVELOPE, date=NOW + timedelta(days=1))
    first, second = digest_message(told([ARTICLE]), ENVELOPE).mail, digest_message(told([]), again).mail
    assert first["Message-ID"] == second["Message-ID"]


def test_without_addresses_the_recipients_go_unnamed() -> None:
    message = arrived(digest_message(told([ARTICLE]), replace(ENVELOPE, to=())))
    assert message["To"] == "undisclosed-recipients:;"


@pytest.mark.parametrize("address", ["a@b@c.example", "a,b@example.org", "a\r\nBcc: c@example.org", "<a@b.example>"])
def test_an_impossible_address_is_told_as_a_setting_to_put_right(address: str) -> None:
    with pytest.raises(DeliveryError, match="is not an e-mail address"):
        digest_message(told([ARTICLE]), replace(ENVELOPE, to=(address,)))


@pytest.mark.parametrize(
    "title",
    [
        "News\r\nBcc: victim@example.org",
        "News\nX-Injected: yes\n\nbody",
        "News\x0bBcc: a\x0cBcc: b\x1cBcc: c\x85Bcc: d\u2028Bcc: e\u2029Bcc: f",
        "=?utf-8?q?News=0D=0ABcc:_victim@example.org?=",
        "=?utf-8?b?TmV3cw0KQmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?= more",
        "News \u202egnp.exe\u202c \x00\x1b[31m",
        "News \ud800 with half a character",
        "\u1781\u17d2\u1798\u17c2\u179a " * 60,
    ],
    ids=["crlf", "lf", "other-breaks", "encoded-q", "encoded-b", "bidi", "surrogate", "khmer"],
)
def test_no_title_can_break_a_header(title: str) -> None:
    message = alert_message(alerted(replace(ARTICLE, title=title)), ENVELOPE)
    head = message.mail.as_bytes().split(b"\r\n\r\n", 1)[0]
    names = {line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))}
    ours = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Id"}
    assert names == ours | {"MIME-Version", "Content-Type"}
    subject = arrived(message)["Subject"]
    assert subject.startswith("tonle alert: land — ")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800]", subject)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_whatever_a_title_holds_the_subject_arrives_as_it_was_meant(title: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "tonle: " + header_text(title)
    head = message.as_bytes().split(b"\r\n\r\n", 1)[0]
    assert all(line.startswith((b"Subject:", b" ")) for line in head.split(b"\r\n"))
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    assert "".join(parsed["Subject"].split()) == "".join(("tonle: " + header_text(title)).split())


def test_every_text_from_the_web_is_escaped() -> None:
    wicked = replace(
        ARTICLE,
        title=WICKED,
        text=f"{WICKED} one. Two {WICKED}.",
        authors=(WICKED,),
        kind=WICKED,
        source="<b>site</b>",
        url='https://www.example.org/"><script>alert(1)</script>',
        language='en"><script>',
        copies=(CopyAddress("<i>other</i>", 'https://www.example.org/" onclick="x', NOW),),
    )
    match = Match(1, "<rule>", wicked, Passage(f"{WICKED} marked", ((0, 8), (9, 14))), NOW)
    pages = [digest_bodies(told([wicked], [match])).html, alert_bodies(alert(match, READER)).html]
    for page in pages:
        tree = read(page)
        assert not tree.xpath("//script | //img | //i | //@onclick | //@onload | //iframe | //link | //form")
        assert tree.xpath("string(//h3/a | //h1/a)") == WICKED
        assert escape("<script>", quote=False) in page
        assert len(links(page)) >= 2
        assert all(re.fullmatch(r"https://www\.example\.org/[^\"<> ]*", address) for address in links(page))


def test_nothing_is_fetched_when_a_message_is_opened() -> None:
    for page in (digest_bodies(told([ARTICLE])).html, alert_bodies(alerted()).html):
        assert not read(page).xpath(
            "//img | //link | //script | //@src | //@background | //iframe | //video | //object"
        )
        assert "url(" not in page
        assert "@import" not in page


def test_text_and_html_tell_of_the_same_articles() -> None:
    copy = CopyAddress("ohchr", "https://copy.example.org/1", NOW)
    many = [replace(article(number), copies=(copy,) if number == 3 else ()) for number in range(400)]
    text, page = bodies(digest_message(told(many), ENVELOPE))
    assert len(links(page)) > 100
    assert sorted(lines_that_are_links(text)) == sorted(links(page))
    shown = read(page).text_content()
    assert re.findall(r"no\.\s(\d+)", shown) == re.findall(r"no\.\s(\d+)", text)
    assert re.findall(r"Headline number \d+", folded(shown)) == re.findall(r"Headline number \d+", folded(text))


@pytest.mark.parametrize("number", [1, 60, 2_000])
def test_the_html_stays_below_100_kb(number: int) -> None:
    articles = [
        replace(article(each), title=article(each).title + " \u1785\u17d2\u1794\u17b6\u1794\u17cb" * 9)
        for each in range(number)
    ]
    page = digest_bodies(told(articles)).html
    assert len(page.encode()) < 100_000
    assert number < 2_000 or len(page.encode()) > 98_000


def test_odd_articles_of_any_size_do_not_break_the_bound() -> None:
    huge = [
        replace(
            article(number),
            title="\u1781\u17d2\u1798\u17c2\u179a" * 2_000,
            text="word " * 9_000,
            authors=("A. Writer",) * 3_000,
            url="https://www.example.org/" + "\u1781" * 3_000,
            copies=tuple(CopyAddress(f"s{each}", f"https://www.example.org/{'y' * 1_900}", NOW) for each in range(200)),
        )
        for number in range(40)
    ]
    assert len(digest_bodies(told(huge)).html.encode()) < 100_000


def test_what_is_left_out_is_said_and_counted() -> None:
    text, page = bodies(digest_message(told([article(number) for number in range(2_000)]), ENVELOPE))
    for shown in (folded(text), folded(read(page).text_content())):
        found = re.search(r"(\d+) articles are named by title alone and ([\d,]+) articles are only counted", shown)
        assert found
        in_full = len(re.findall(r"no\.\s\d+", shown))
        assert in_full + int(found[1]) + int(found[2].replace(",", "")) == 2_000
        assert f"And {found[2]} other articles, kept in the corpus." in shown


def test_plain_text_is_wrapped_and_links_stand_on_lines_of_their_own() -> None:
    khmer = replace(article(2), title="\u179f\u17b6\u179b\u17b6\u1780\u17d2\u179a\u17bb\u1784" * 16)
    matches = [Match(1, "land", khmer, Passage("x"), NOW)]
    for text in (
        digest_bodies(told([replace(article(1), authors=("A. Writer",) * 12), khmer], matches)).text,
        alert_bodies(alerted(passage=Passage("The land case goes on. " * 30, ((4, 8),)))).text,
    ):
        others = [line for line in text.splitlines() if not re.fullmatch(r" *https?://\S+", line)]
        assert 60 < max(map(columns, others)) <= 78
        assert all("http" not in line for line in others)


def test_wrapping_breaks_no_khmer_syllable_and_loses_nothing() -> None:
    title = "\u179f\u17b6\u179b\u17b6\u1780\u17d2\u179a\u17bb\u1784\u1794\u17be\u1780" * 8
    for width in range(5, 40):
        lines = wrapped(title, width=width).splitlines()
        assert len(lines) > 2
        assert "".join(lines) == title
        assert not any(re.match("[\u17b6-\u17d3]", line) for line in lines)
        assert not any(line.endswith("\u17d2") for line in lines)
    word, other = "\u179f\u17b6\u179b\u17b6", "\u1780\u17d2\u179a\u17bb\u1784"
    assert wrapped(f"{word}\u200b{other}", width=6).splitlines() == [word, other]


def test_an_alert_gives_rule_title_source_time_passage_link_and_where_it_is_kept() -> None:
    message = alert_message(alerted(), ENVELOPE)
    assert message.subject == "tonle alert: land — Court hears land case (Phnom Penh Post)"
    text, page = bodies(message)
    tree = read(page)
    assert "The *land* case goes on." in text
    assert tree.xpath("string(//blockquote)") == "The land case goes on."
    assert tree.xpath("//blockquote/b/text()") == ["land"]
    for shown in (text, tree.text_content()):
        for part in ("land", "Court hears land case", "Phnom Penh Post", "14 July 2026, 04:30", "tonle show 41"):
            assert part in shown
    assert ARTICLE.url in lines_that_are_links(text)
    assert ARTICLE.url in links(page)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        (((0, 3), (8, 12)), "*The* old *land* case"),
        (((8, 12), (0, 3)), "*The* old *land* case"),
        (((0, 7), (4, 12)), "*The old* land case"),
        (((-3, 2), (5, 5), (15, 90)), "The old land case"),
        ((), "The old land case"),
    ],
)
def test_spans_are_marked_in_order_and_impossible_ones_left_out(
    spans: tuple[tuple[int, int], ...], expected: str
) -> None:
    parts = stretches(Passage("The old land case", spans))
    assert "".join(f"*{part.text}*" if part.marked else part.text for part in parts) == expected


def test_a_long_passage_is_cut_around_what_matched() -> None:
    text = "before " * 500 + "land " + "after " * 500
    shown = "".join(part.text for part in stretches(Passage(text, ((3500, 3504),))))
    assert shown.startswith("…before ")
    assert shown.endswith("after…")
    assert " land " in shown
    assert len(shown) < 1_000


def test_dark_mode_and_narrow_screens_survive_the_inlining() -> None:
    page = digest_bodies(told([ARTICLE])).html
    assert "@media (prefers-color-scheme: dark)" in page
    assert "@media (max-width: 480px)" in page
    assert 'style="' in page


def luminance(colour: str) -> float:
    shares = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colours(css: str) -> list[tuple[str, str]]:
    """Return (text, background) of each rule that colours text; where a rule sets no background, the page's."""
    page = re.search(r"body \{[^}]*background-color: (#\w{6})", css)
    assert page
    found = []
    for block in re.findall(r"\{([^{}]*)\}", css):
        text = re.search(r"(?<![-\w])color: (#\w{6})", block)
        ground = re.search(r"background-color: (#\w{6})", block)
        if text:
            found.append((text[1], ground[1] if ground else page[1]))
    return found


def test_all_text_contrasts_with_what_is_behind_it_in_light_and_dark() -> None:
    page = alert_bodies(alerted()).html
    dark = page[page.index("@media (prefers-color-scheme: dark)") : page.index("@media (max-width")]
    body = re.search(r'<body style="([^"]*)"', page)
    assert body
    inlined = [f"body {{{body[1]}}}", *(f"x {{{style}}}" for style in re.findall(r'style="([^"]*)"', page))]
    for css in (dark, "\n".join(inlined)):
        pairs = colours(css)
        assert len(pairs) >= 5
        assert min(contrast(text, ground) for text, ground in pairs) >= 4.5


def test_a_page_names_its_language_and_has_one_first_heading() -> None:
    title = "\u179f\u17b6\u179b\u17b6"
    khmer = replace(ARTICLE, title=title, text="\u0633\u0644\u0627\u0645.", language="ar")
    for page in (digest_bodies(told([khmer])).html, alert_bodies(alerted(khmer)).html):
        tree = read(page)
        assert tree.xpath("string(/html/@lang)") == "en"
        assert len(tree.xpath("//h1")) == 1
        assert tree.xpath("string(//title)")
        assert tree.xpath("string(//*[@lang='km'])") == title
    assert read(digest_bodies(told([khmer])).html).xpath("//p[@lang='ar'][@dir='rtl']")


def test_the_ledger_of_crawls_stands_in_both_forms() -> None:
    text, page = bodies(digest_message(told([ARTICLE]), ENVELOPE))
    for form in (folded(text), folded(read(page).text_content())):
        assert "Needs a look. The last crawl failed, 14 July 2026, 07:30 (just now): robots.txt: 503 <b>." in form
        assert "OHCHR may have more than is told here" in form
