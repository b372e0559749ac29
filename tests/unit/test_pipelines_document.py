"""Documents: what is read off a PDF, and what is said of one that cannot be read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import Draft, Lead, Page, Reason, Skipped
from core.site import Site
from pipelines.document import Limits, created_at, read_document
from pipelines.pdf import read_pdf
from pipelines.process import process
from replica import Replica
from tests.unit.pdfs import Line, Pdf, column

BuildPage = Callable[..., Page]
FILE = "/sites/default/files/2026-02/prison-report.pdf"
URL = f"https://www.ohchr.org{FILE}"
HANDLER = "docstore.ohchr.org/SelfServices/FilesHandler.ashx?enc="
ARTICLE = "https://www.ohchr.org/en/press-releases/2026/02/prisons"
TEXT = (
    "The mission visited four provinces in May and spoke to many",
    "families, who said that water comes twice a day there.",
)
SCAN = Pdf([[]], {"Title": "Scanned"}).bytes()


@pytest.fixture
def answer(page: BuildPage) -> BuildPage:
    def build(body: bytes, url: str = URL, content_type: str = "application/pdf", **changes: object) -> Page:
        return page(body, url, headers={"content-type": content_type}, **changes)

    return build


@pytest.fixture
def led(now: datetime) -> Lead:
    title, day = "Prisons: a report of the mission", now - timedelta(days=3)
    return Lead("ohchr", URL, FILE, "document", ARTICLE, title, published=day, is_relevant=True)


def draft_of(result: Draft | Skipped) -> Draft:
    assert isinstance(result, Draft), result
    return result


def titled(answer: BuildPage, ohchr: Site, lead: Lead | None, pdf: Pdf, url: str = URL) -> str:
    return draft_of(process(answer(pdf.bytes(), url), ohchr, lead)).title


def test_a_report_is_read_with_what_its_article_said_of_it(answer: BuildPage, ohchr: Site, led: Lead) -> None:
    pdf = Pdf([column(TEXT)], {"Title": "Draft 7", "CreationDate": "D:20200101", "Author": "clerk"})
    draft = draft_of(process(answer(pdf.bytes()), ohchr, led))
    assert draft == Draft(
        source="ohchr",
        url=URL,
        key=FILE,
        title="Prisons: a report of the mission",
        paragraphs=(" ".join(TEXT),),
        published_at=led.published,
        language="en",
        kind="document",
        remarks=("date-from-article",),
    )


@pytest.mark.parametrize("content_type", ["application/pdf", "application/octet-stream", "text/html", ""])
def test_a_pdf_is_told_by_its_bytes_whatever_its_type_says(
    answer: BuildPage, ohchr: Site, led: Lead, content_type: str
) -> None:
    body = b"\r\n" + Pdf([column(TEXT)]).bytes()
    assert draft_of(process(answer(body, content_type=content_type), ohchr, led)).kind == "document"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body><h1>Page not found</h1></body></html>", Reason.NOT_A_DOCUMENT),
        (b"PK\x03\x04 a word file", Reason.NOT_A_DOCUMENT),
        (b"<p>%PDF is a format</p>" + b" " * 2000 + b"%PDF-1.4", Reason.NOT_A_DOCUMENT),
        (Pdf([column(TEXT)], password="secret").bytes(), Reason.PROTECTED),
        (SCAN, Reason.NO_BODY),
        (Pdf([[Line("Page 1 of 2", 30)], [Line("Page 2 of 2", 30)]]).bytes(), Reason.NO_BODY),
        (Pdf([[Line("RECEIVED 4 MAY", 400)]]).bytes(), Reason.NO_BODY),
        (Pdf([]).bytes(), Reason.FAILED),
        (Pdf([column(TEXT)]).bytes()[:300], Reason.FAILED),
        (b"%PDF-1.7 and nothing", Reason.FAILED),
        (b"", Reason.EMPTY),
    ],
)
def test_what_cannot_be_read_is_skipped_for_its_reason(
    answer: BuildPage, ohchr: Site, led: Lead, body: bytes, reason: Reason
) -> None:
    result = process(answer(body), ohchr, led)
    assert isinstance(result, Skipped)
    assert result.reason is reason
    assert "pictures" in result.detail or reason is not Reason.NO_BODY


@pytest.mark.parametrize(("status", "reason"), [(404, Reason.NOT_FOUND), (410, Reason.GONE), (403, Reason.FORBIDDEN)])
def test_a_missing_report_is_missing_and_not_a_page(
    answer: BuildPage, ohchr: Site, led: Lead, status: int, reason: Reason
) -> None:
    result = process(answer(b"<h1>Not here</h1>", content_type="text/html", status=status), ohchr, led)
    assert result == Skipped(reason, f"HTTP {status}")


def test_a_file_that_needs_a_password_for_changing_it_alone_is_read(answer: BuildPage, ohchr: Site, led: Lead) -> None:
    draft = draft_of(process(answer(Pdf([column(TEXT)], password="").bytes()), ohchr, led))
    assert draft.paragraphs == (" ".join(TEXT),)


def test_only_the_first_pages_of_a_long_document_are_read_and_it_is_remarked(
    answer: BuildPage, ohchr: Site, led: Lead
) -> None:
    words = ("one", "two", "three", "four", "five")
    pages = [column([f"This is what page {word} of the long report has to tell its readers."]) for word in words]
    body = answer(Pdf(pages).bytes())
    whole = draft_of(read_document(body, ohchr, led, Limits(5)))
    begun = draft_of(read_document(body, ohchr, led, Limits(2)))
    assert len(whole.paragraphs) == 5
    assert begun.paragraphs == whole.paragraphs[:2]
    assert "document-cut-short" in begun.remarks
    assert "document-cut-short" not in whole.remarks


def test_a_page_that_is_damaged_costs_itself_and_is_remarked(answer: BuildPage, ohchr: Site, led: Lead) -> None:
    body = Pdf([column(TEXT), column(["Lost words of a page that is gone."])]).bytes()
    start = body.index(b"6 0 obj\n<< /Type /Page")
    broken = body[:start] + body[start:].replace(b"<< /Type /Page", b"(/ /Type /Page", 1)
    draft = draft_of(process(answer(broken), ohchr, led))
    assert draft.paragraphs == (" ".join(TEXT),)
    assert "pages-unreadable" in draft.remarks


def test_an_article_answers_with_a_pdf_as_no_article(answer: BuildPage, ohchr: Site) -> None:
    result = process(answer(Pdf([column(TEXT)]).bytes(), ARTICLE), ohchr)
    assert isinstance(result, Skipped)
    assert result.reason is Reason.NOT_HTML


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("Prisons: a report of the mission", "Prisons: a report of the mission"),
        ("Report on prisons (PDF, 2.4 MB)", "Report on prisons"),
        ("Report on prisons [PDF] »", "Report on prisons"),
        ("របាយការណ៍អំពីពន្ធនាគារ", "របាយការណ៍អំពីពន្ធនាគារ"),
    ],
)
def test_a_document_is_called_what_the_link_to_it_calls_it(
    answer: BuildPage, ohchr: Site, led: Lead, words: str, title: str
) -> None:
    pdf = Pdf([[Line("GREAT LETTERS", 780, 30), *column(TEXT, 700)]], {"Title": "Its own title"})
    assert titled(answer, ohchr, replace(led, title=words), pdf) == title


@pytest.mark.parametrize(
    "words",
    [
        *(
            "",
            "Download",
            "download here",
            "Click here",
            "here.",
            "PDF",
            "(PDF, 1.2 MB)",
            "Read the full report",
            "English",
        ),
        *(
            "Download the report (PDF)",
            "View document",
            "prison-report.pdf",
            "Prison Report",
            "Télécharger",
            "ici",
            "下载",
        ),
        *("E | F | S", "»", "Download PDF in English", "full text", "2026"),
    ],
)
def test_words_that_would_fit_any_document_are_no_title(answer: BuildPage, ohchr: Site, led: Lead, words: str) -> None:
    pdf = Pdf([column(TEXT)], {"Title": "Water behind bars"})
    assert titled(answer, ohchr, replace(led, title=words), pdf) == "Water behind bars"


@pytest.mark.parametrize("words", ["written to the Government", "statement at the end of the visit", "rapport annuel"])
def test_words_from_the_midst_of_a_sentence_name_a_document_only_where_nothing_else_does(
    answer: BuildPage, ohchr: Site, led: Lead, words: str
) -> None:
    lead = replace(led, title=words)
    assert titled(answer, ohchr, lead, Pdf([column(TEXT)], {"Title": "Water behind bars"})) == "Water behind bars"
    assert titled(answer, ohchr, lead, Pdf([[Line("Water at dawn", 760, 22), *column(TEXT, 700)]])) == "Water at dawn"
    assert titled(answer, ohchr, lead, Pdf([column(TEXT)])) == words


@pytest.mark.parametrize(
    "own",
    ["", "Microsoft Word - draft3.docx", "prison-report.pdf", "Untitled", "PowerPoint Presentation", "G2612345.docx"],
)
def test_without_a_title_of_its_own_it_is_called_what_its_first_page_says_large(
    answer: BuildPage, ohchr: Site, led: Lead, own: str
) -> None:
    head = [
        Line("Human Rights Council", 800, 8),
        Line("Water behind bars:", 760, 22),
        Line("a look at two prisons", 735, 22),
    ]
    pdf = Pdf([[*head, *column(TEXT, 700)]], {"Title": own})
    assert titled(answer, ohchr, replace(led, title="PDF"), pdf) == "Water behind bars: a look at two prisons"
    plain = Pdf([column(TEXT)], {"Title": own})
    assert titled(answer, ohchr, None, plain) == TEXT[0]


def test_a_document_whose_article_has_no_date_takes_its_own_and_else_has_none(
    answer: BuildPage, ohchr: Site, led: Lead
) -> None:
    undated = replace(led, published=None)
    for created, day, remark in (
        ("D:20260210101500+07'00'", datetime(2026, 2, 10, 3, 15, tzinfo=UTC), "date-from-metadata"),
        ("D:20290210101500Z", None, "no-date"),
        ("yesterday", None, "no-date"),
    ):
        draft = draft_of(process(answer(Pdf([column(TEXT)], {"CreationDate": created}).bytes()), ohchr, undated))
        assert (draft.published_at, draft.remarks) == (day, (remark,))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("D:20260504101500+07'00'", datetime(2026, 5, 4, 10, 15, tzinfo=timezone(timedelta(hours=7)))),
        ("D:20260504101500-03'30", datetime(2026, 5, 4, 10, 15, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
        ("20260504101500Z00'00'", datetime(2026, 5, 4, 10, 15, tzinfo=UTC)),
        ("D:202605041015", datetime(2026, 5, 4, 10, 15, tzinfo=ZoneInfo("Europe/Zurich"))),
        ("D:20260504", datetime(2026, 5, 4, tzinfo=ZoneInfo("Europe/Zurich"))),
        *(
            (text, None)
            for text in ("", "D:2026", "D:20261304", "D:20260504256100", "4 May 2026", "D:20260504101500+99'99'")
        ),
    ],
)
def test_a_date_is_read_as_pdf_writes_it(text: str, moment: datetime | None) -> None:
    zone: tzinfo = ZoneInfo("Europe/Zurich")
    assert created_at(text, zone) == moment


def test_a_latin_text_has_the_language_of_its_article(answer: BuildPage, ohchr: Site, led: Lead) -> None:
    body = answer(Pdf([column(TEXT)]).bytes())
    for language, expected in (("fr", "fr"), ("es", "es"), ("en", "en"), ("ar", "en"), ("zh", "en")):
        lead = replace(led, listing=ARTICLE.replace("/en/", f"/{language}/"))
        assert draft_of(process(body, ohchr, lead)).language == expected
    assert draft_of(process(body, ohchr, None)).language == "en"


def test_at_a_stand_in_a_document_of_another_server_keeps_the_name_that_its_link_gave(
    answer: BuildPage, ohchr: Site, led: Lead
) -> None:
    placed = ohchr.at("http://127.0.0.1:8000")
    url = "http://127.0.0.1:8000/SelfServices/FilesHandler.ashx?enc=6QkG"
    lead = replace(led, url=url, key=f"{HANDLER}6QkG")
    draft = draft_of(process(answer(Pdf([column(TEXT)]).bytes(), url), placed, lead))
    assert (draft.url, draft.key) == (url, f"{HANDLER}6QkG")


def test_a_document_that_has_moved_is_known_by_where_it_is_now(answer: BuildPage, ohchr: Site, led: Lead) -> None:
    new = URL.replace("2026-02", "2026-03")
    moved = answer(Pdf([column(TEXT)]).bytes(), new, requested_url=URL)
    draft = draft_of(process(moved, ohchr, led))
    assert (draft.key, draft.aliases) == (FILE.replace("2026-02", "2026-03"), (URL,))
    other = answer(Pdf([column(TEXT)]).bytes(), new.replace("prison-report", "statutes"), requested_url=URL)
    assert draft_of(process(other, ohchr, led)).aliases == ()


def test_the_replicas_files_are_read_as_they_are_meant(answer: BuildPage, ohchr: Site) -> None:
    replica = Replica(now=datetime(2026, 11, 21, 5, 0, tzinfo=UTC))
    expected = {
        "scan": Reason.NO_BODY,
        "page": Reason.NOT_A_DOCUMENT,
        "missing": Reason.NOT_FOUND,
    }
    for truth in replica.documents():
        parts = urlsplit(truth.url)
        status, headers, body = replica.render("ohchr", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        came = answer(body, truth.url, headers["Content-Type"], status=status)
        result = process(came, ohchr)
        if isinstance(result, Skipped):
            assert result.reason is expected[truth.state]
        else:
            assert (result.title, result.paragraphs) == (truth.title, truth.paragraphs)


def test_one_thread_at_a_time_reads_and_all_read_right() -> None:
    bodies = [
        Pdf([column([f"The report number {number} tells of its own words alone."])] * 3).bytes() for number in range(40)
    ]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda body: read_pdf(body, 9), bodies))
    for number, result in enumerate(found):
        assert not isinstance(result, Skipped)
        assert {line.text.split()[3] for sheet in result.sheets for line in sheet.lines} == {str(number)}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 900))
def test_no_bytes_however_broken_raise(noise: bytes, place: int) -> None:
    body = Pdf([column(TEXT)]).bytes()
    found = read_pdf(body[:place] + noise + body[place + len(noise) :], 5)
    assert isinstance(found, Skipped) or found.sheets
