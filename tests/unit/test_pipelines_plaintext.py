"""Texts copied from pages without their markup, on sites of which nothing is known: what goes, and what must stay."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from core.model import Draft, Reason, Skipped
from core.site import Site, unknown_site
from pipelines.copied import copied
from pipelines.plaintext import PlainPage, process_text

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TITLE = "Ferrymen of Kratie lose their landing to a sand dredger"
A = "The ferrymen of Kratie woke on Tuesday to find a dredger moored where their boats have landed since the war."
B = "Nobody had told them, said Tep Molika, who has carried monks, pigs and schoolchildren across for thirty years."
C = "“We asked the commune, and the commune asked us,” she said. “Then we all stood and looked at the river.”"
D = "The company that owns the dredger holds a licence for a stretch of river two bends further down."
E = "A clerk of the provincial office said that the map was being looked for."
BODY = (A, B, C, D, E)
TEXT = "\n\n".join(BODY)
CUT_ONE = (
    "A school without a roof has taught four hundred children through two rainy seasons, and the builder who was paid f"
)
CUT_TWO = (
    "Pepper growers in three communes say that the price they were promised in spring has become a price of the autu"
)
WHOLE = (
    (
        "Pepper growers wait for a price that was promised",
        "Growers in three communes say the price of spring has gone.",
    ),
    (
        "School without a roof enters its third rainy season",
        "Four hundred children sit under tarpaulin in Kampot town.",
    ),
    ("Ferry sinks off Kratie with nine people aboard", "All nine swam to the bank, where monks gave them tea."),
    ("Court frees a singer who rhymed about the mayor", "The judge said that rhyme alone is not yet incitement."),
)


def draft_of(text: str, site: Site | None = None) -> Draft:
    draft = process_text(PlainPage(text, "file:copied.txt", NOW), site or unknown_site())
    assert isinstance(draft, Draft)
    return draft


def text_of(*lines: str) -> str:
    return "\n\n".join(lines)


ABOVE = {
    "title": text_of(TITLE),
    "title twice": text_of(TITLE, TITLE),
    "masthead": text_of(f"Mekong Courier | National | {TITLE}"),
    "masthead and title": text_of(f"{TITLE} | Mekong Courier", TITLE),
    "masthead with marks and title": text_of(f"News › National › {TITLE}", TITLE),
    "masthead with dash and repeated title": text_of(TITLE, f"{TITLE}"),
    "breadcrumb": text_of("Home > News > National", TITLE),
    "menu": text_of("Home | About us | Contact | Subscribe", TITLE),
    "section": text_of("National", TITLE),
    "section in capitals": text_of("HUMAN RIGHTS", TITLE),
    "byline": text_of(TITLE, "By Keo Rathana"),
    "byline and date": text_of(TITLE, "By Keo Rathana", "12 January 2026"),
    "byline and date in one": text_of(TITLE, "Keo Rathana | Publication date 12 January 2026 | 08:40 ICT"),
    "date and reading time": text_of(TITLE, "12 January 2026", "3 min read"),
    "place beside the date": text_of(TITLE, "Phnom Penh", "12 January 2026"),
    "name beside the date": f"{TITLE}\n\n12 January 2026\nKeo Rathana",
    "caption with a name": text_of(TITLE, "Tep Molika waits at the landing. Hong Sarin"),
    "caption with an agency": text_of(TITLE, "Tep Molika waits at the landing. AFP"),
    "credit": text_of(TITLE, "Photo: Hong Sarin"),
    "caption between two titles": text_of(TITLE, "Tep Molika waits at the landing", TITLE),
    "caption that equals the lead": text_of(TITLE, A, TITLE),
    "sharing": text_of(TITLE, "Share", "Facebook Twitter Telegram", "Listen to this article"),
    "byline in French": text_of(TITLE, "Par Sophie Keo"),
    "credit in Khmer": text_of(TITLE, "រូបថត៖ ហុង សារិន"),
    "name and place above the date": f"{TITLE}\nKeo Rathana | Kratie province\n12 January 2026",
    "no empty line under the byline": f"{TITLE}\nBy Keo Rathana\n12 January 2026",
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_what_stands_above_an_article_goes_and_names_its_title(above: str) -> None:
    draft = draft_of(f"{above}\n\n{TEXT}")
    assert (draft.title, draft.paragraphs) == (TITLE, BODY)


BELOW = {
    "points with teasers set in": f"  • School without a roof\n    {CUT_ONE}\n\n  • Pepper falls\n    {CUT_TWO}",
    "bulleted headlines with cut teasers": f"• School without a roof\n{CUT_ONE}\n• Pepper price falls again\n{CUT_TWO}",
    "pairs with cut teasers": f"School without a roof\n{CUT_ONE}\n\nPepper price falls again\n{CUT_TWO}",
    "pairs and a last headline": f"School without a roof\n{CUT_ONE}\nPepper price falls\n{CUT_TWO}\nOne more story",
    "headline that asks": f"Is the river of Kratie really for sale?\n{CUT_ONE}\n\nIs sand the new rice?\n{CUT_TWO}",
    "headlines under a heading": "Related Articles\n\nSchool without a roof\n\nPepper price falls again",
    "one headline under a heading": "Read more\n\nSchool without a roof enters its third season",
    "points under a heading": "MOST READ\n• School without a roof\n• Pepper price falls again\n• Ferry sinks",
    "bare headlines": "Most Viewed\nSchool without a roof\nPepper price falls again\nFerry sinks off Kratie",
    "pairs under a heading": "More from National\n" + "\n".join(f"{head}\n{teaser}" for head, teaser in WHOLE),
    "dated headlines": "Latest News\nSchool without a roof\n3 January 2026\nPepper price falls\n2 January 2026",
    "list and a footer that nobody knows": (
        "Latest News\nSchool without a roof\n14 hours ago\nPepper price falls\n2 days ago\nTermsPrivacy"
    ),
    "you may also like": "You may also like:\nSchool without a roof enters its third season\nPepper price falls again",
    "in French": "À lire aussi\nUne école sans toit à Kampot\nLe prix du poivre baisse encore",
    "footer": "Mekong Media Co., Ltd, #41, Street 228, Phnom Penh\nTel: 012 345 678\nEmail: desk@mekong.example",
    "rights": "© 2026 Mekong Courier. All rights reserved.",
    "rights and a bar": "Copyright Mekong Courier\nAbout us | Privacy policy | Terms of use",
    "writing to the author": "Contact author: Keo Rathana",
    "a hidden address": "[email protected]",
    "newsletter": "Sign up for our newsletter to get the news of the river every morning.",
    "sharing": "Share this article\nFacebook\nTwitter\nTelegram",
    "comments": "0 Comments\nLeave a comment",
    "tags": "Tags: Kratie, Sand, River",
    "agency": "AFP",
    "agency with a stroke": "— Reuters",
    "all of it": "Tags: Kratie, Sand\nShare this article\nRelated stories\nSchool without a roof\n© Mekong Courier",
}


@pytest.mark.parametrize("below", BELOW.values(), ids=BELOW)
def test_what_stands_below_an_article_goes(below: str) -> None:
    draft = draft_of(f"{TITLE}\n\n{TEXT}\n\n{below}\n")
    assert (draft.title, draft.paragraphs) == (TITLE, BODY)


def test_whole_summaries_go_where_their_headlines_are_long_and_the_article_is_longer() -> None:
    pairs = "\n\n".join(f"{head}\n{teaser}" for head, teaser in WHOLE)
    assert draft_of(f"{TITLE}\n\n{TEXT}\n\n{pairs}").paragraphs == BODY


WITHIN = {
    "read more": "Read more: School without a roof enters its third season",
    "also read": "Also read: School without a roof enters its third season",
    "related": "RELATED: School without a roof enters its third season",
    "related on a line of its own": "RELATED\n\nSchool without a roof enters its third season",
    "read also with two headlines": "Read also:\nSchool without a roof in its third season\nPepper price falls again",
    "caption with an agency": "A ferryman holds his oar at the landing. AFP",
    "caption with a stroke": "A ferryman holds his oar at the landing. HONG SARIN/POST",
    "caption with capitals": "A ferryman holds his oar at the landing. JUSTICE MINISTRY",
    "credit": "Photo: Hong Sarin",
    "credit in Khmer": "រូបថត៖ ហុង សារិន",
    "credit in brackets": "A ferryman holds his oar (Photo: Hong Sarin)",
    "advertisement": "Advertisement",
    "story continues": "Story continues below",
    "newsletter": "Subscribe to our newsletter and never miss a story of the river.",
    "sharing": "Share this story",
    "support": "Support independent journalism on the river, from two dollars a month.",
    "the headline once more": TITLE,
}


@pytest.mark.parametrize("between", WITHIN.values(), ids=WITHIN)
def test_what_stands_between_the_paragraphs_goes(between: str) -> None:
    assert draft_of(text_of(TITLE, A, B, between, C, D, E)).paragraphs == BODY


KEPT = {
    "own points": ("They ask for two things:", "• A landing of their own", "• A map that shows it"),
    "own points at the end": ("They ask for two things.", "• A landing.", "• A map."),
    "own points with dashes": ("They ask for two things.", "- A landing", "- A map"),
    "numbered": ("They ask for two things.", "1. A landing", "2. A map"),
    "a short last paragraph": ("He was 71.",),
    "a last word": ("“No.”",),
    "a last line without a stop": ("And the river went on",),
    "a question": ("Who drew the map?",),
    "own headings": ("A river of sand", E, "The map", D),
    "own headings that ask": ("Who owns the river?", E, "Who draws the map?", D),
    "own headings at length": ("A landing that nobody drew on the map", E, "What the clerk found in the drawer", D),
    "own headings at length, three of them": (
        *("A landing that nobody drew on the map", E),
        *("What the clerk found in the drawer", D),
        *("What became of the eleven boats afterwards", "Eleven boats lie on the other bank, under the trees."),
    ),
    "own heading above a cut last line": (
        "The river at night",
        "And then the river went on, as it had gone on before, under the lamps of the dredgers and past",
    ),
    "more troops": ("More boats at the landing", E, D),
    "other signatories": ("Other signatories:", "Sarus Trust", "Ferrymen of Kratie", "River Watch"),
    "signatories": ("Sarus Trust", "The Ferrymen of Kratie", "River Watch of Cambodia", "Khmer Women for Water"),
    "latest figures": (
        "Latest figures",
        "Boats at the landing",
        "Some 41 boats crossed in May, against 90 a year ago.",
    ),
    "photos as a subject": ("Photos from the landing show a crane, two barges and a line of men in helmets.",),
    "sharing as a subject": ("Share prices of the dredger’s owner fell on Wednesday.",),
    "a company that answers": ("Lotus Sand Co., Ltd, which owns the dredger, did not answer two letters.",),
    "an agency as a subject": ("AFP could not reach the clerk.",),
    "a last paragraph that an agency signs": ("The talks resume on Friday. AFP",),
    "a person behind a sentence": ("The clerk is not alone. Enter Hong Sarin",),
    "a date within": ("12 January 2026", "On that day the first barge came up the river, the women said."),
    "a verse": ("O river, you were wide", "and now you are a road", "for other people’s sand"),
    "a byline as a sentence": ("By the afternoon, eleven boats had moved to the other bank.",),
    "related as a word": ("Related charges were dropped in March, the court said in a short statement.",),
    "topics as a sentence": ("Topics of the talks were sand, boats and who would speak first.",),
}


@pytest.mark.parametrize("own", KEPT.values(), ids=KEPT)
def test_the_articles_own_lines_stay(own: tuple[str, ...]) -> None:
    assert draft_of(text_of(TITLE, A, B, C, *own)).paragraphs == (A, B, C, *own)


def test_the_articles_own_points_stay_above_a_list_of_other_stories() -> None:
    own = ("They ask for two things:", "• A landing of their own", "• A map that shows it")
    below = f"  • School without a roof\n    {CUT_ONE}\n\n  • Pepper price falls\n    {CUT_TWO}"
    assert draft_of(text_of(TITLE, A, B, *own, C, below)).paragraphs == (A, B, *own, C)
    assert draft_of(text_of(TITLE, A, B, C, "\n".join(own), "Most Read\nSchool without a roof")).paragraphs == (
        A,
        B,
        C,
        *own,
    )


def test_three_sections_of_a_long_article_stay_whatever_they_are_called() -> None:
    sections = (
        *("A landing that nobody drew on the map", "It is missing from both copies that the clerk has."),
        *("What the clerk found in the drawer", "There were two maps in it, one of them upside down."),
        *("What became of the eleven boats afterwards", "Eleven boats lie on the other bank, under the trees."),
    )
    assert draft_of(text_of(TITLE, *BODY, *sections)).paragraphs == (*BODY, *sections)


@pytest.mark.parametrize("piece", ["the landing. UNESCO", "Kratie’s own landing. UNESCO"])
def test_a_broken_line_of_a_paragraph_is_no_caption(piece: str) -> None:
    broken = ("The ferrymen of Kratie woke on Tuesday to find a dredger at", piece, "has asked for a map.")
    assert draft_of("\n".join(broken) + f"\n\n{B}").paragraphs == (*broken, B)
    assert draft_of(text_of(A, "\n".join(broken), B)).paragraphs == (A, *broken, B)


def test_a_date_under_a_speech_signs_it_and_stays() -> None:
    speech = ("Friends, you meet in a month of rain, and I am told that the road is under water.", "24 September 2013")
    draft = draft_of(text_of(TITLE, *speech))
    assert (draft.published_at, draft.paragraphs) == (None, speech)


def test_the_articles_last_section_stays_above_a_list_of_other_stories() -> None:
    below = f"School without a roof\n{CUT_ONE}\n\nPepper price falls again\n{CUT_TWO}"
    own = (A, B, C, "The map of the clerk", D)
    assert draft_of(text_of(TITLE, *own, below)).paragraphs == own


def test_a_heading_of_the_articles_own_below_a_link_to_another_story_stays() -> None:
    own = (A, B, "A long February", C, D)
    link = ("Read more", "School without a roof enters its third season")
    assert draft_of(text_of(TITLE, A, B, *link, *own[2:])).paragraphs == own


def test_a_summary_above_the_byline_is_the_articles_own() -> None:
    draft = draft_of(text_of(TITLE, A, "By Keo Rathana", "12 January 2026", *BODY[1:]))
    assert (draft.title, draft.paragraphs, draft.authors) == (TITLE, BODY, ("Keo Rathana",))


def test_an_article_that_goes_on_below_a_list_goes_on() -> None:
    listed = ("Related stories", "School without a roof enters its third season", "Pepper price falls again")
    assert draft_of(text_of(TITLE, A, B, *listed, C, D, E)).paragraphs == BODY


def test_a_text_without_a_head_has_no_title_and_loses_nothing() -> None:
    draft = draft_of(TEXT)
    assert (draft.title, draft.paragraphs) == ("", BODY)
    assert draft.remarks == ("no-date", "plain-text")


def test_a_first_line_above_paragraphs_without_empty_lines_is_the_title() -> None:
    draft = draft_of("\n".join((TITLE, *BODY)))
    assert (draft.title, draft.paragraphs) == (TITLE, BODY)


def test_the_name_with_which_a_site_signs_itself_is_no_title() -> None:
    draft = draft_of(text_of("Mekong Courier", TITLE, *BODY, "© Mekong Courier"))
    assert (draft.title, draft.paragraphs) == (TITLE, BODY)


def test_a_first_line_that_is_not_set_apart_is_no_title() -> None:
    wrapped = f"{A[:70]}\n{A[70:]}\n\n{B}"
    assert draft_of(wrapped).title == ""


@pytest.mark.parametrize(
    "first",
    ["By Land and Sea", "By the Numbers", "Human Rights Day 10 December 2024", "Photo Essay", "12 Angry Farmers"],
)
def test_a_title_that_looks_like_furniture_is_the_title(first: str) -> None:
    draft = draft_of(text_of(first, *BODY))
    assert (draft.title, draft.paragraphs) == (first, BODY)


def test_a_first_line_that_asks_is_the_title_only_above_a_byline_or_date() -> None:
    asked = "Whose is the sand on which the ferrymen of Kratie landed?"
    assert draft_of(text_of(asked, "By Keo Rathana", *BODY)).title == asked
    draft = draft_of(text_of(asked, *BODY))
    assert (draft.title, draft.paragraphs) == ("", (asked, *BODY))


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("12 January 2026", datetime(2026, 1, 12, tzinfo=UTC)),
        ("Published: January 12, 2026", datetime(2026, 1, 12, tzinfo=UTC)),
        ("Monday, 12 January 2026 14:30 ICT", datetime(2026, 1, 12, 14, 30, tzinfo=timezone(timedelta(hours=7)))),
        ("2026-01-12", datetime(2026, 1, 12, tzinfo=UTC)),
        ("Publication date 12 January 2026 | 08:40 ICT", datetime(2026, 1, 12, 1, 40, tzinfo=UTC)),
        ("Published 12 January 2026 | Updated 14 January 2026", datetime(2026, 1, 12, tzinfo=UTC)),
        ("Updated 14 January 2026", None),
        ("03/04/2025", None),
        ("12 January 2026\n\n14 January 2026", None),
        ("12 January 2027", None),
        ("12 January 1926", None),
        ("Some time in January 2026", None),
    ],
)
def test_a_date_line_above_the_article_dates_it_where_it_names_one_day(line: str, published: datetime | None) -> None:
    draft = draft_of(text_of(TITLE, line, *BODY))
    assert draft.published_at == published
    assert ("no-date" in draft.remarks) == (published is None)


def test_no_day_in_the_text_or_below_it_dates_the_article(post: Site) -> None:
    text = text_of(TITLE, A, "The licence is of 3 May 2019, the clerk said, and of nobody else.", "4 May 2019")
    assert draft_of(text).published_at is None
    assert draft_of(text_of(TITLE, "12 January 2026", *BODY), post).published_at == datetime(
        2026, 1, 12, tzinfo=timezone(timedelta(hours=7))
    ), "in the zone of the site"


def test_a_date_from_before_the_site_is_refused(post: Site) -> None:
    young = post.model_copy(update={"since": NOW.date()})
    draft = draft_of(text_of(TITLE, "12 January 2026", *BODY), young)
    assert (draft.published_at, draft.remarks) == (None, ("date-before-site", "no-date", "plain-text"))


@pytest.mark.parametrize(
    ("head", "below", "authors"),
    [
        ("By Keo Rathana", "", ("Keo Rathana",)),
        ("By Keo Rathana and Sim Dara", "", ("Keo Rathana", "Sim Dara")),
        ("Reporter : Keo Rathana", "", ("Keo Rathana",)),
        ("By AFP", "", ("AFP",)),
        ("12 January 2026", "AFP", ("AFP",)),
        ("By Keo Rathana", "AFP", ("Keo Rathana",)),
        ("12 January 2026", "", ()),
    ],
)
def test_authors_are_those_whom_a_byline_names(head: str, below: str, authors: tuple[str, ...]) -> None:
    assert draft_of(text_of(TITLE, head, *BODY, below)).authors == authors


def test_what_goes_still_tells_tags_and_credits_and_the_text_its_place() -> None:
    first = f"PHNOM PENH, 12 January (AKP) – {A}"
    text = text_of(
        TITLE, "Tep Molika waits. Hong Sarin", first, B, "A ferryman at the landing. AFP", C, "Tags: Sand, Kratie"
    )
    draft = draft_of(text)
    assert (draft.credits, draft.tags, draft.dateline) == (("Hong Sarin", "AFP"), ("Sand", "Kratie"), "PHNOM PENH")
    assert draft.paragraphs == (first, B, C)


def test_the_language_is_the_sites_or_that_of_the_text(post: Site) -> None:
    assert draft_of(TEXT).language == "en"
    assert draft_of("អ្នកចម្លងទន្លេនៅក្រចេះបានបាត់កំពង់ចត។").language == "km"
    assert draft_of(TEXT, post).language == "en"


@pytest.mark.parametrize("text", ["", "\n \n", "© 2026 Mekong Courier. All rights reserved.\nShare this article"])
def test_a_text_of_nothing_but_furniture_is_no_article(text: str) -> None:
    result = process_text(PlainPage(text, "file:x", NOW), unknown_site())
    assert isinstance(result, Skipped)
    assert result.reason in {Reason.EMPTY, Reason.NO_BODY}


def test_each_line_that_goes_is_named_with_its_rule() -> None:
    found = copied(text_of("National", TITLE, "By Keo Rathana", *BODY, "AFP", "© Mekong Courier"), unknown_site())
    assert {found.lines[index].text: rule for index, rule in found.rules.items()} == {
        "National": "section",
        TITLE: "headline",
        "By Keo Rathana": "byline",
        "AFP": "agency",
        "© Mekong Courier": "furniture",
    }


@pytest.mark.parametrize("piece", ["Related\n", "• A\n", "A. B\n", "By A\n", "| ", "Home > ", "Photo: "])
def test_a_hostile_text_is_read_in_time(piece: str) -> None:
    draft_of(f"{TITLE}\n\n{TEXT}\n" + piece * 3000)


def test_a_clean_article_loses_nothing(root: Path) -> None:
    paths = sorted((root / "tests/golden").glob("*/*/expected.json"))
    told = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    articles = [tuple(each["paragraphs"]) for each in told if "paragraphs" in each]
    assert len(articles) > 40
    for paragraphs in articles:
        assert draft_of(text_of(*paragraphs)).paragraphs == paragraphs
        assert draft_of("\n".join((f"{TITLE}\n", *paragraphs))).paragraphs == paragraphs
