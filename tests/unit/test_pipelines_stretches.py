"""Whole headlines of other items within a line: most of it, and the line is theirs; less, and it is the article's."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from core.health import HEADLINE_OPENING, TEASER_OPENING, Heard
from core.model import Draft
from core.text import normalised, opening
from pipelines.neighbours import heard_of, leaks, own_words, sifted
from pipelines.stretches import Ask

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
BODY = (
    "The boats came back before noon, and nobody on the pier said a word about the nets.",
    "A fisher said that the ban had been read out over a loudspeaker three days before.",
    "The commune chief promised a meeting with the ministry by the end of the month.",
)
OTHER = "Ministry counts the dolphins above the rapids"
THIRD = "Bridge at Stung Meas opens a year late"
SHORT = "Wells fail in Kampot"
ASKED = '"We will stay", say farmers of Koh Rong'
SUMMARY = "The count took nine days and found two calves more than a year ago, the ministry said."
KHMER = "ក្រសួងរាប់ចំនួនផ្សោត នៅខាងលើល្បាក់ទឹក ទន្លេមេគង្គ"
KHMER_SUMMARY = "ការរាប់នេះ បានធ្វើឡើងអស់រយៈពេលប្រាំបួនថ្ងៃ និងរកឃើញកូនផ្សោតពីរក្បាល"
ITEMS = {"other": (OTHER, SUMMARY), "third": (THIRD, ""), "short": (SHORT, ""), "asked": (ASKED, "")}
ITEMS |= {"khmer": (KHMER, KHMER_SUMMARY), "own": ("Nets stay on the pier after the second day", "")}


def ask(lines: Iterable[str]) -> dict[str, Heard]:
    """Answer as a corpus does that has read the listings."""
    heads: dict[str, frozenset[str]] = {}
    sums: dict[str, frozenset[str]] = {}
    for key, (title, summary) in ITEMS.items():
        heads |= dict.fromkeys(map(normalised, (title, opening(title, HEADLINE_OPENING))), frozenset({key}))
        sums |= dict.fromkeys(map(normalised, (summary, opening(summary, TEASER_OPENING))), frozenset({key}))
    named = {line: normalised(line) for line in lines}
    return {
        line: Heard(heads.get(plain, frozenset()), sums.get(plain, frozenset()))
        for line, plain in named.items()
        if plain and (plain in heads or plain in sums)
    }


def kept(*lines: str, asked: Ask = ask) -> tuple[str, ...]:
    draft = Draft("site", "https://site.test/own", "own", ITEMS["own"][0], lines)
    return sifted(draft, heard_of(lines, asked), NOW).draft.paragraphs


@pytest.mark.parametrize(
    "line",
    [
        f"See {OTHER}",
        f"By the way: see also {OTHER}",
        f"[Video: {OTHER}]",
        f"(Read {OTHER})",
        f"← {OTHER} {THIRD} →",
        f"Previous {OTHER} | Next {THIRD}",
        f"{OTHER} – The River Desk",
        f"{OTHER} (3 min read)",
        f"{OTHER} By Chan Sreymom",
        f"“{OTHER}”, by Chan Sreymom",
        f"{OTHER.upper()} (3 MIN READ)",
        f"{OTHER} {SUMMARY}",
        f"{OTHER} {SUMMARY[:70]}…",
        f"News › {OTHER} › {SUMMARY} More",
        f"Also {SHORT}",
        f"Also {SHORT}!",
        f"Next: {ASKED} (photos)",
        f"អានបន្ថែម៖ {KHMER}",
        f"អានបន្ថែម {KHMER}",
        f"{KHMER} {KHMER_SUMMARY}",
        f"{KHMER} (វីដេអូ)",
    ],
)
def test_a_line_of_which_headlines_of_others_are_most_goes(line: str) -> None:
    assert kept(BODY[0], line, *BODY[1:]) == BODY
    heard = heard_of((*BODY, line), ask)
    assert list(leaks((*BODY, line), "own", heard)) == [line]
    assert own_words((*BODY, line), heard, "own") == own_words(BODY, {}, "own")


@pytest.mark.parametrize(
    "line",
    [
        # A sentence begins as a headline does, and goes on otherwise.
        "Ministry counts the dolphins above the dam for the first time, it said.",
        "Bridge at Stung Meas opens on Friday.",
        # A headline is named in the article's own sentence.
        f"In a report called “{OTHER}”, the same desk wrote last year that nobody had asked the fishers of the lake.",
        f"The ministry has not answered. {SHORT}, its last letter said, and it left all that followed to the province.",
        # Its own headline is no other's, though another's stands behind it.
        ITEMS["own"][0],
        f"{ITEMS['own'][0]} and {SHORT}",
        # A name of an item that is too short to be known.
        "Background of the case",
        f"Wells fail in {SHORT[-6:]} and in Takeo, and in five other provinces of the south.",
    ],
)
def test_the_articles_own_prose_stays(line: str) -> None:
    assert kept(BODY[0], line, *BODY[1:]) == (BODY[0], line, *BODY[1:])
    assert list(leaks((*BODY, line), "own", heard_of((*BODY, line), ask))) == []


@pytest.mark.parametrize("more", ["អានបន្ត…", "អានបន្ត", "… អានបន្ត"])
def test_a_summary_with_an_ask_to_read_on_behind_it_goes_with_its_headline(more: str) -> None:
    assert kept(BODY[0], KHMER, f"{KHMER_SUMMARY} {more}", *BODY[1:]) == BODY
    assert kept(BODY[0], OTHER, f"{SUMMARY} {more}", *BODY[1:]) == BODY


def test_a_sentence_that_is_a_summary_elsewhere_goes_between_dropped_lines_alone() -> None:
    assert kept(BODY[0], THIRD, SUMMARY, SHORT, *BODY[1:]) == BODY
    assert kept(*BODY[:2], SUMMARY, BODY[2]) == (*BODY[:2], SUMMARY, BODY[2])
    assert kept(*BODY[:2], THIRD, SUMMARY, BODY[2]) == (*BODY[:2], SUMMARY, BODY[2])


def test_a_text_may_end_with_a_sentence_that_is_a_summary_elsewhere_but_not_with_a_list_of_them() -> None:
    assert kept(*BODY, SUMMARY) == (*BODY, SUMMARY)
    assert kept(*BODY, THIRD, SUMMARY) == BODY
    assert kept(*BODY, SUMMARY, f"{SUMMARY} More") == BODY


def test_little_more_is_asked_for_a_text_of_prose() -> None:
    asked: list[int] = []

    def counting(lines: list[str]) -> dict[str, Heard]:
        asked.append(len(lines))
        return ask(lines)

    text = tuple(f"{BODY[each % 3]} In Kampot {each} families left; Chan Sreymom saw them go." for each in range(15))
    assert kept(*text, asked=counting) == text
    assert len(asked) == 1
    assert asked[0] <= 15 * 20


def test_the_corpus_is_asked_twice_at_most() -> None:
    asked: list[list[str]] = []

    def counting(lines: list[str]) -> dict[str, Heard]:
        asked.append(lines)
        return ask(lines)

    assert kept(*BODY, f"See {OTHER} and {THIRD}", asked=counting) == BODY
    assert len(asked) == 2
    assert not set(asked[0]) & set(asked[1])
