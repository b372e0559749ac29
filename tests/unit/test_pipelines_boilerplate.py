from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import Site, unknown_site
from pipelines.plaintext import PlainPage, process_text, site_of_text
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
RELEASE = "https://www.ohchr.org/en/press-releases/2026/02/experts-call-for-open-courts"
TITLE = "Wells run dry in Kandal"
LEAD = "Women of Ta Prok carry water from a quarry before sunrise Hong Sarin"
SECOND = "They leave at four, eleven of them, with twenty containers on six carts."


def draft_of(page: Page, site: Site) -> Draft:
    draft = process(page, site)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    "above",
    [
        "",
        f"<h3>{TITLE}</h3>",
        f"<p>{LEAD}</p><h3>{TITLE}</h3>",
        f"<p>{LEAD}</p><p>{LEAD}</p><h3>{TITLE}</h3>",
        f"<h3>{TITLE}</h3><p>{LEAD}</p><h3>{TITLE}</h3>",
        f"<img alt='Content image - Phnom Penh Post'><p>{LEAD}</p><p>WELLS  RUN DRY in Kandal</p>",
    ],
)
def test_title_and_caption_above_the_body_go_and_a_lead_that_equals_the_caption_stays(
    page: BuildPage, drupal: Html, post: Site, above: str
) -> None:
    html = drupal(f"{above}<p>{LEAD}</p><p>{SECOND}</p>", title=TITLE)
    assert draft_of(page(html), post).paragraphs == (LEAD, SECOND)


def test_the_title_deep_in_the_body_is_the_bodys_own(page: BuildPage, drupal: Html, post: Site) -> None:
    lines = [LEAD, SECOND, "A third.", "A fourth.", TITLE, "A last one."]
    html = drupal("".join(f"<p>{line}</p>" for line in lines), title=TITLE)
    assert draft_of(page(html), post).paragraphs == tuple(lines)


def test_a_page_without_a_title_loses_no_empty_line_of_its_body(page: BuildPage, drupal: Html, post: Site) -> None:
    html = drupal(f"<p>{LEAD}</p><p>{SECOND}</p>", title="")
    assert draft_of(page(html), post).paragraphs == (LEAD, SECOND)


@pytest.mark.parametrize("mark", ["ENDS", "END", "Ends", "ENDS.", "*** ENDS ***", "FIN", "КОНЕЦ", "完", "انتهى"])
def test_what_follows_the_end_mark_are_notes_and_the_mark_goes(
    page: BuildPage, release: Html, ohchr: Site, mark: str
) -> None:
    html = release(f"<p>{SECOND}</p><p>{mark}</p><p>*The expert: Ilse Verhaagen</p><p>See Kenya.</p>")
    draft = draft_of(page(html, RELEASE), ohchr)
    assert draft.paragraphs == (SECOND,)
    assert draft.notes == ("*The expert: Ilse Verhaagen", "See Kenya.")


@pytest.mark.parametrize("line", ["The end", "ENDS MEET", "Finland", "The week ends.", "Friends"])
def test_a_line_that_only_holds_the_mark_is_no_mark(page: BuildPage, release: Html, ohchr: Site, line: str) -> None:
    draft = draft_of(page(release(f"<p>{SECOND}</p><p>{line}</p><p>More.</p>"), RELEASE), ohchr)
    assert (draft.paragraphs, draft.notes) == ((SECOND, line, "More."), ())


def test_the_first_end_mark_counts_and_a_line_break_parts_it_too(page: BuildPage, release: Html, ohchr: Site) -> None:
    draft = draft_of(page(release(f"<p>{SECOND}<br>ENDS<br>A note.</p><p>ENDS</p>"), RELEASE), ohchr)
    assert (draft.paragraphs, draft.notes) == ((SECOND,), ("A note.", "ENDS"))


def test_a_body_that_is_nothing_but_notes_is_no_article(page: BuildPage, release: Html, ohchr: Site) -> None:
    result = process(page(release("<p>ENDS</p><p>A note.</p>"), RELEASE), ohchr)
    assert isinstance(result, Skipped)
    assert result.reason is Reason.NO_BODY


def text_draft(text: str, site: Site) -> Draft:
    draft = process_text(PlainPage(text, "file:wells.txt", datetime(2026, 3, 1, tzinfo=UTC)), site)
    assert isinstance(draft, Draft)
    return draft


PAPER = "Phnom Penh Post"
COPIED = f"""\
Logo of {PAPER} newspaper   {PAPER} - {TITLE}

{TITLE}

Content image - Phnom Penh Post
{LEAD}
{TITLE}

{LEAD}

{SECOND}

Contact author: Keo Rathana

  • Ferry sinks near Kratie
    A ferry with nine people went down on Monday when its hull

  • Rice price climbs
    Mills in the northwest run short of fragrant rice, and the pri
"""


def test_a_text_copied_from_the_post_is_freed_of_masthead_caption_and_other_stories(post: Site) -> None:
    draft = text_draft(COPIED, post)
    assert draft.title == TITLE
    assert draft.paragraphs == (LEAD, SECOND)
    assert (draft.published_at, draft.remarks) == (None, ("no-date", "plain-text"))
    assert (draft.url, draft.key, draft.source) == ("file:wells.txt", "file:wells.txt", "phnom-penh-post")


def test_the_caption_goes_even_where_no_repeated_title_parts_it_from_the_body(post: Site) -> None:
    text = f"Phnom Penh Post - {TITLE}\nContent image - Phnom Penh Post\nA caption Hong Sarin\n{SECOND}\n"
    assert text_draft(text, post).paragraphs == (SECOND,)


def test_a_title_right_below_a_picture_is_no_caption_and_takes_no_lead_with_it(post: Site) -> None:
    text = f"Phnom Penh Post - {TITLE}\nContent image - Phnom Penh Post\n{TITLE}\n{LEAD}\n{SECOND}\n"
    assert text_draft(text, post).paragraphs == (LEAD, SECOND)


@pytest.mark.parametrize(
    "points",
    [
        "  • First, water.\n  • Second, a road.\n",
        "• First, water.\n• Second, a road.\n",
        "  • First, water.\n  • Second, a road.\n\nThe governor did not answer.\n",
        "* First, water.\n* Second, a road.\n",
    ],
)
def test_the_articles_own_bulleted_list_stays(post: Site, points: str) -> None:
    text = f"Phnom Penh Post - {TITLE}\n\n{SECOND} They ask for two things:\n\n{points}"
    paragraphs = text_draft(text, post).paragraphs
    assert [line.strip(" •*") for line in paragraphs[1:3]] == ["First, water.", "Second, a road."]
    assert len(paragraphs) == (4 if "governor" in points else 3)


def test_an_own_list_above_the_list_of_other_stories_stays(post: Site) -> None:
    own = "• First, water.\n• Second, a road.\n\n"
    text = COPIED.replace("Contact author", own + "Contact author")
    assert text_draft(text, post).paragraphs == (LEAD, SECOND, "• First, water.", "• Second, a road.")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{TITLE}\n\n{SECOND}\n", TITLE),
        (f"\n\n  {TITLE}  \n\n{SECOND}\n", TITLE),
        (f"{TITLE}\n{SECOND}\n", ""),
        (f"{SECOND}\n\n{LEAD}\n", ""),
        (f"{'Very long ' * 20}\n\n{SECOND}\n", ""),
        ("Is the well dry?\n\nIt is.\n", ""),
        (TITLE, ""),
    ],
)
def test_a_first_line_set_apart_is_the_title_unless_it_is_a_sentence(text: str, title: str) -> None:
    draft = text_draft(text, unknown_site())
    assert draft.title == title
    first = text.strip().splitlines()[0].strip()
    assert draft.paragraphs[0] == (SECOND if title else first)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", Reason.EMPTY), (" \n\n\t", Reason.EMPTY), (f"Phnom Penh Post - {TITLE}\n{TITLE}\n", Reason.NO_BODY)],
)
def test_a_text_without_a_body_is_no_article(post: Site, text: str, reason: Reason) -> None:
    result = process_text(PlainPage(text, "file:x.txt", datetime(2026, 3, 1, tzinfo=UTC)), post)
    assert isinstance(result, Skipped)
    assert result.reason is reason


def test_a_text_is_of_the_site_whose_masthead_it_bears(sites: dict[str, Site], post: Site, ohchr: Site) -> None:
    default = unknown_site()
    known = sites.values()
    assert site_of_text(COPIED, known, default) == post
    assert site_of_text("\nHeader image for news printout\nText", known, default) == ohchr
    assert site_of_text("Text\nmore\nand more\nPhnom Penh Post - x", known, default) == default
    assert site_of_text("", known, default) == default


def test_a_text_copied_from_ohchr_loses_its_header(ohchr: Site) -> None:
    draft = text_draft("Header image for news printout\nSkip to main content\n" + SECOND, ohchr)
    assert draft.paragraphs == (SECOND,)
