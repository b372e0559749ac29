"""What counts as another text: an article as it stands, held against what today's rules make of its page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.model import Article, CopyAddress, Draft, Revision
from pipelines.corrections import Difference, as_kept, difference, source_of

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ICT = timezone(timedelta(hours=7))
DAY = datetime(2026, 2, 1, tzinfo=ICT)
URL = "https://ppp.test/one"
COPY = CopyAddress("ohchr", "https://ohchr.test/two", NOW)
ARTICLE = Article(
    id=1,
    source="ppp",
    key="one",
    url=URL,
    title="Wells run dry",
    text="The well is dry.\nA truck came.",
    first_seen=NOW,
    fetched_at=NOW,
    authors=("Dara",),
    published_at=DAY,
    modified_at=DAY,
    language="en",
    section="National",
    kind="news",
    notes=("A note.",),
    links=("https://ppp.test/two",),
    remarks=("no-layout",),
    work="one",
    copies=(COPY,),
)
DRAFT = Draft(
    source="ppp",
    url=URL,
    key="one",
    title="Wells run dry",
    paragraphs=("The well is dry.", "A truck came."),
    authors=("Dara",),
    published_at=DAY,
    modified_at=DAY,
    language="en",
    section="National",
    kind="news",
    notes=("A note.",),
    links=("https://ppp.test/two",),
    remarks=("no-layout",),
    work="one",
)
REVISION = Revision(1, 1, "Wells run dry", ARTICLE.text, (), DAY, None, NOW, URL)


def test_a_page_that_comes_out_as_the_article_stands_is_no_difference() -> None:
    assert difference(ARTICLE, DRAFT) is None
    assert difference(ARTICLE, replace(DRAFT, layout="other", aliases=("https://ppp.test/x",))) is None


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("title", {"title": "Wells run dry."}),
        ("authors", {"authors": ()}),
        ("date", {"published_at": None}),
        ("date", {"published_at": DAY.astimezone(UTC)}),
        ("modified", {"modified_at": DAY + timedelta(hours=1)}),
        ("language", {"language": "km"}),
        ("section", {"section": ""}),
        ("kind", {"kind": "release"}),
        ("notes", {"notes": ()}),
        ("links", {"links": ()}),
        ("work", {"work": "two"}),
        ("remarks", {"remarks": ()}),
        ("tags", {"tags": ("land",)}),
        ("dateline", {"dateline": "PHNOM PENH"}),
        ("credits", {"credits": ("AFP",)}),
    ],
)
def test_each_part_that_differs_is_named(part: str, changes: dict[str, object]) -> None:
    assert difference(ARTICLE, replace(DRAFT, **changes)) == Difference((part,))  # type: ignore[arg-type]


def test_a_draft_that_names_no_work_leaves_the_one_that_is_known() -> None:
    assert difference(ARTICLE, replace(DRAFT, work="")) is None


def test_of_a_text_the_paragraphs_are_told_that_went_and_came() -> None:
    now = replace(DRAFT, paragraphs=("By Dara.", "The well is dry.", "By Dara."), title="Wells")
    assert difference(ARTICLE, now) == Difference(("text", "title"), ("A truck came.",), ("By Dara.", "By Dara."))


def test_quotation_marks_and_order_are_differences_though_no_other_words_are_read() -> None:
    quoted = replace(DRAFT, paragraphs=("The “well” is dry.", "A truck came."))
    found = difference(ARTICLE, quoted)
    assert found is not None
    assert (found.gone, found.added) == (("The well is dry.",), ("The “well” is dry.",))
    assert difference(ARTICLE, replace(DRAFT, paragraphs=DRAFT.paragraphs[::-1])) == Difference(("text",))


def test_the_address_of_a_revision_stays_whatever_the_rules_make_of_it() -> None:
    moved = replace(DRAFT, url="https://ppp.test/other")
    assert as_kept(moved, ARTICLE, REVISION) == DRAFT


def test_of_a_page_that_carries_a_copy_the_text_alone_counts() -> None:
    read_there = replace(REVISION, url=COPY.url)
    of_copy = Draft("ohchr", COPY.url, "two", "Release", ("The well is dry.",), ("UN",), language="fr", kind="release")
    kept = as_kept(of_copy, ARTICLE, read_there)
    assert difference(ARTICLE, replace(kept, remarks=ARTICLE.remarks)) == Difference(("text",), ("A truck came.",))
    assert (kept.source, kept.url) == ("ohchr", COPY.url)


def test_a_page_is_read_by_the_rules_of_the_source_that_it_came_from() -> None:
    assert source_of(REVISION, ARTICLE) == "ppp"
    assert source_of(replace(REVISION, url=COPY.url), ARTICLE) == "ohchr"
    assert source_of(replace(REVISION, url="https://ohchr.test/unknown"), ARTICLE) == "ppp"
