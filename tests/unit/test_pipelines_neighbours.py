"""Furniture by corpus: whose a line is, by what the corpus has learnt of lines."""

from datetime import UTC, datetime, timedelta

import pytest

from core.health import Heard
from core.model import Draft
from pipelines.neighbours import HEADLINE, RECURS, leaks, own_words, sifted

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BODY = (
    "The boats came back before noon, and nobody on the pier said a word about the nets.",
    "A fisher said that the ban had been read out over a loudspeaker three days before.",
    "The commune chief promised a meeting with the ministry by the end of the month.",
)
OTHER = "Ministry counts the dolphins above the rapids"
THIRD = "Bridge at Stung Meas opens a year late"
SUMMARY = "The count took nine days and found two calves more than a year ago, the ministry said"
BACKGROUND = "The fishing ban of 2016 covers the lower lake from June to the end of September."


def draft(*paragraphs: str, layout: str = "") -> Draft:
    return Draft("site", "https://site.test/own", "own", "Nets stay on the pier", paragraphs, layout=layout)


def headline(*keys: str) -> Heard:
    return Heard(headline_of=frozenset(keys or {"other"}))


def teaser(*keys: str) -> Heard:
    return Heard(teaser_of=frozenset(keys or {"other"}))


def often(pages: int, share: float, last_at: datetime = NOW) -> Heard:
    return Heard(pages=pages, share=share, last_at=last_at)


def kept(text: Draft, heard: dict[str, Heard], *, is_held: bool = False) -> tuple[str, ...]:
    return sifted(text, heard, NOW, is_held=is_held).draft.paragraphs


@pytest.mark.parametrize("layout", ["", "cms"])
@pytest.mark.parametrize(
    "line",
    [
        OTHER,
        f"Read more: {OTHER}",
        f"RELATED | {OTHER}",
        f"{OTHER} 3 May 2026",
        OTHER.upper(),
        f"3. {OTHER}",
        f"14:05 {OTHER}",
        f"» {OTHER}",
        f"16.06 12:15 {OTHER}",
        f"{OTHER}. The count took nine days and found two calves.",
        f"{OTHER} – The count took nine days and found two calves.",
    ],
)
def test_a_line_that_is_the_headline_of_another_item_goes_wherever_it_stands(line: str, layout: str) -> None:
    heard = {OTHER: headline(), OTHER.upper(): headline()}
    text = draft(BODY[0], line, *BODY[1:], layout=layout)
    found = sifted(text, heard, NOW)
    assert found.draft.paragraphs == BODY
    assert found.dropped == ((line, HEADLINE),)


def test_a_headline_takes_the_summary_of_the_same_item_with_it() -> None:
    heard = {OTHER: headline(), SUMMARY: teaser()}
    assert kept(draft(*BODY[:2], OTHER, SUMMARY, BODY[2]), heard) == BODY
    assert kept(draft(*BODY[:2], SUMMARY, OTHER, BODY[2]), heard) == BODY


def test_a_summary_that_stands_alone_in_a_text_is_the_texts_own() -> None:
    text = draft(SUMMARY, *BODY)
    assert kept(text, {SUMMARY: teaser()}) == text.paragraphs
    assert kept(draft(*BODY[:2], SUMMARY, BODY[2]), {SUMMARY: teaser()}) == (*BODY[:2], SUMMARY, BODY[2])


@pytest.mark.parametrize("layout", ["", "cms"])
def test_a_headline_that_was_cut_is_known_by_how_it_begins(layout: str) -> None:
    heard = {"Ministry counts the dolphins above …": headline()}
    cut = "Ministry counts the dolphins above the…"
    assert kept(draft(BODY[0], cut, *BODY[1:], layout=layout), heard) == BODY
    assert kept(draft(BODY[0], f"Read more: {cut}", *BODY[1:], layout=layout), heard) == BODY
    whole = "Ministry counts the dolphins above the rapids for the third time, and finds fewer of them."
    assert whole in kept(draft(BODY[0], whole, *BODY[1:], layout=layout), heard)


def test_a_summary_that_was_cut_goes_beside_the_headline_and_below_the_end() -> None:
    heard = {OTHER: headline(), "The count took nine days and found two …": teaser()}
    assert kept(draft(*BODY[:2], OTHER, "The count took nine days and found two calves…", BODY[2]), heard) == BODY
    assert kept(draft(*BODY, "The count took nine days and found two calves more than…"), heard) == BODY
    assert kept(draft(SUMMARY, *BODY), heard) == (SUMMARY, *BODY)


def test_a_summary_at_the_end_goes_where_no_layout_vouches_for_it() -> None:
    assert kept(draft(*BODY, SUMMARY), {SUMMARY: teaser()}) == BODY
    assert kept(draft(*BODY, SUMMARY, layout="cms"), {SUMMARY: teaser()}) == (*BODY, SUMMARY)


def test_the_lead_stays_though_another_item_has_it_as_summary_and_headlines_stand_below() -> None:
    heard = {SUMMARY: teaser(), OTHER: headline("b"), THIRD: headline("c")}
    assert kept(draft(SUMMARY, *BODY, OTHER, THIRD), heard) == (SUMMARY, *BODY)


def test_in_a_list_of_headlines_the_summaries_go_that_no_listing_has_shown() -> None:
    unknown = "A summary of that story that stands on its card alone, and in no listing."
    heard = {OTHER: headline("b"), THIRD: headline("c")}
    assert kept(draft(*BODY, OTHER, unknown, THIRD, unknown), heard) == BODY


def test_a_paragraph_behind_a_single_headline_stays() -> None:
    heard = {OTHER: headline()}
    assert kept(draft(*BODY[:2], OTHER, BODY[2]), heard) == BODY


def test_a_text_keeps_the_lines_that_are_its_own_headline_or_summary() -> None:
    heard = {OTHER: headline("own", "other"), SUMMARY: teaser("own", "other")}
    text = draft(SUMMARY, *BODY, OTHER)
    assert kept(text, heard) == text.paragraphs


@pytest.mark.parametrize("heading", ["Background", "What comes next", "Water levels"])
def test_a_heading_stays_though_an_item_has_those_words_for_its_headline(heading: str) -> None:
    text = draft(BODY[0], heading, *BODY[1:])
    assert kept(text, {heading: headline()}) == text.paragraphs


def test_a_round_up_of_other_items_keeps_its_headlines() -> None:
    text = draft("This week:", OTHER, THIRD)
    assert kept(text, {OTHER: headline("b"), THIRD: headline("c")}) == text.paragraphs


def test_a_headline_in_a_script_without_spaces_is_known_by_its_length() -> None:
    khmer = "ក្រសួងរាប់ចំនួនផ្សោតនៅខាងលើល្បាក់ទឹកទន្លេមេគង្គ"
    assert kept(draft(*BODY, khmer), {khmer: headline()}) == BODY


def test_lines_on_three_other_texts_go_from_both_ends() -> None:
    lines = {"Follow the river desk": often(3, 0.1), "Fish and boats": often(3, 0.1)}
    found = sifted(draft("Fish and boats", *BODY, "Follow the river desk"), lines, NOW)
    assert found.draft.paragraphs == BODY
    assert {rule for _, rule in found.dropped} == {RECURS}


def test_a_line_on_two_other_texts_stays() -> None:
    text = draft(*BODY, "Follow the river desk")
    assert kept(text, {"Follow the river desk": often(2, 1.0)}) == text.paragraphs


def test_of_a_text_that_is_held_its_own_page_does_not_count() -> None:
    text = draft(*BODY, "Follow the river desk")
    heard = {"Follow the river desk": often(3, 1.0)}
    assert kept(text, heard, is_held=True) == text.paragraphs
    assert kept(text, heard, is_held=False) == BODY


def test_a_standing_paragraph_of_background_stays_and_is_marked() -> None:
    text = draft(*BODY, BACKGROUND)
    found = sifted(text, {BACKGROUND: often(12, 0.1)}, NOW)
    assert found.draft == text
    assert found.recurring == (3,)


def test_a_sentence_that_ends_a_third_of_all_texts_goes() -> None:
    appeal = "This desk lives from its readers: a small gift keeps the boat afloat."
    assert kept(draft(*BODY, appeal), {appeal: often(8, 0.34)}) == BODY
    assert appeal in kept(draft(*BODY, appeal), {appeal: often(8, 0.2)})


def test_a_heading_within_the_text_stays_though_it_recurs_and_what_stands_on_every_other_text_goes() -> None:
    text = draft(BODY[0], "Background", *BODY[1:])
    assert kept(text, {"Background": often(30, 0.4)}) == text.paragraphs
    banner = "Story continues under the boat"
    assert kept(draft(BODY[0], banner, *BODY[1:]), {banner: often(30, 0.9)}) == BODY


def test_within_a_layout_only_what_stands_on_nearly_every_text_goes() -> None:
    thanks = "Thank you."
    speech = draft("Excellencies,", *BODY, thanks, layout="drupal")
    heard = {thanks: often(40, 0.6), "Excellencies,": often(40, 0.5)}
    assert kept(speech, heard) == speech.paragraphs
    strip = "Share this page with the desk"
    assert kept(draft(*BODY, strip, layout="drupal"), {strip: often(40, 0.95)}) == BODY


def test_what_stood_on_no_text_for_two_months_is_no_furniture_of_newer_pages() -> None:
    text = draft(*BODY, "Follow the river desk")
    gone = often(50, 0.9, last_at=NOW - timedelta(days=61))
    assert kept(text, {"Follow the river desk": gone}) == text.paragraphs


def test_own_words_leave_out_what_is_known_of_others_and_what_recurs() -> None:
    heard = {OTHER: headline(), BACKGROUND: often(9, 0.2)}
    assert own_words((BODY[0], OTHER, BACKGROUND), heard, "own") == (BODY[0].casefold(),)


def test_the_meter_finds_headlines_that_became_known_after_the_text() -> None:
    heard = {OTHER: headline()}
    assert list(leaks((BODY[0], f"Also: {OTHER}", OTHER), "own", heard)) == [f"Also: {OTHER}", OTHER]
    assert list(leaks((OTHER,), "other", heard)) == []
