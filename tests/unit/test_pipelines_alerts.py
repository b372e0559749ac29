import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Passage
from core.rules import Rule
from pipelines.alerts import Text, met

Match = Callable[..., Passage | None]


def passage(rule: Rule, *paragraphs: str, title: str = "", source: str = "ohchr") -> Passage | None:
    found = list(met([rule], Text(source, title, paragraphs)))
    assert len(found) <= 1
    return found[0][1] if found else None


def words(found: Passage | None) -> list[str]:
    """Return the stretches of the passage that its spans point at."""
    return [found.text[start:end] for start, end in found.spans] if found else []


def rule(*entries: str) -> Rule:
    return Rule(name="rule", any=entries)


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("land", "The land was sold.", ["land"]),
        ("land", "Land! Its (land), land’s; land-grab, the LAND.", ["Land", "land", "land", "land", "LAND"]),
        ("land", "Islands and landlords in Thailand", []),
        ("UN", "The UN said so, unlike the others.", ["UN"]),
        ("protest", "The protests went on.", []),
        ("protest*", "Protests, protesters and a protest.", ["Protests", "protesters", "protest"]),
        ("protest*", "A counterprotest.", []),
        ("activist *", "Two activists.", ["activists"]),
        ("man", "a hu\u00adman man", ["man"]),
        ("man", "a man\u00adger", []),
        ("man", "a man\u200bwalked", ["man"]),
        ("41", "In 1941 and 410 and 41 cases", ["41"]),
        ("C-24", "the dock C-24 and C-241", ["C-24"]),
        ("land_grab", "land_grab land_grabs", ["land_grab"]),
        (".*", None, []),
        ("a.c", "abc a.c", ["a.c"]),
        ("(human rights)", "no human rights but (human rights)", ["(human rights)"]),
    ],
)
def test_an_entry_is_found_as_a_whole_word(entry: str, text: str | None, found: list[str]) -> None:
    if text is None:
        with pytest.raises(ValueError, match="without a letter"):
            rule(entry)
    else:
        assert words(passage(rule(entry), text)) == found


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("kampong", "KAMPONG Speu"),
        ("ÉLYSÉE", "the elysee"),
        ("elysee", "l’Élysée said"),
        ("résumé", unicodedata.normalize("NFD", "a résumé")),
        (unicodedata.normalize("NFD", "résumé"), "a résumé"),
        ("resume", unicodedata.normalize("NFD", "a RÉSUMÉ")),
        ("people's court", "the people’s court"),
        ("people’s court", "the people's court"),
        ('"free and fair"', "“free and fair” polls"),
        ("cross-border", "cross–border and cross\u2011border"),
        ("права человека", "ПРАВА ЧЕЛОВЕКА"),
    ],
)
def test_case_accents_and_kinds_of_quotes_and_dashes_do_not_count(entry: str, text: str) -> None:
    assert passage(rule(entry), text) is not None


@pytest.mark.parametrize("gap", [" ", "  ", "\n", " \n\t", "\u00a0", "\u2009", "\u200b ", " \u200b"])
def test_a_phrase_is_found_across_whatever_white_space(gap: str) -> None:
    text = f"Called: special{gap}rapporteur."
    found = passage(rule("special  rapporteur"), text)
    assert found == Passage(text, ((8, len(text) - 1),))


@pytest.mark.parametrize("text", ["special. Rapporteur", "special the rapporteur", "specialrapporteur", "special"])
def test_a_phrase_is_not_found_where_other_things_stand_between_its_words(text: str) -> None:
    assert passage(rule("special rapporteur"), text) is None


def test_a_phrase_is_not_found_across_paragraphs() -> None:
    assert passage(rule("special rapporteur"), "He is special", "Rapporteur of the day") is None


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\u200c", "\u2060", "\ufeff"])
def test_an_invisible_mark_within_a_word_hides_nothing(mark: str) -> None:
    found = passage(rule("human rights"), f"Our hu{mark}man rights.")
    assert words(found) == [f"hu{mark}man rights"]


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("សិទ្ធិមនុស្ស", "ការគោរពសិទ្ធិមនុស្សនៅកម្ពុជា", ["សិទ្ធិមនុស្ស"]),
        ("សិទ្ធិមនុស្ស", "ការគោរព\u200bសិទ្ធិ\u200bមនុស្ស\u200bនៅកម្ពុជា", ["សិទ្ធិ\u200bមនុស្ស"]),
        ("人权", "柬埔寨的人权状况", ["人权"]),
        ("ดิน", "ที่ดินของชาวบ้าน", ["ดิน"]),
        ("កម្ពុជា*", "ប្រជាជនកម្ពុជាទាំងអស់", ["កម្ពុជា"]),
        ("សិទ្ធិមនុស្ស", "ដីធ្លី", []),
    ],
)
def test_an_entry_in_a_script_without_spaces_is_found_anywhere(entry: str, text: str, found: list[str]) -> None:
    assert words(passage(rule(entry), text)) == found


def test_any_asks_for_one_all_for_each_and_none_forbids() -> None:
    asked = Rule(name="r", any=("court", "prison"), all=("land", "Kampong*"), none=("football",))
    assert passage(asked, "The court gave the land in Kampong Speu back.") is not None
    assert passage(asked, "The prison stands on land", "in Kampong Speu.") is not None
    assert passage(asked, "The land in Kampong Speu was sold.") is None
    assert passage(asked, "The court in Kampong Speu was closed.") is None
    assert passage(asked, "The court gave land in Kampong Speu to a Football club.") is None
    assert passage(asked, "The court gave the land in Kampong Speu back.", title="Football") is None


def test_all_alone_asks_for_each() -> None:
    asked = Rule(name="r", all=("court", "land"))
    assert passage(asked, "The court", "and the land") == Passage("The court", ((4, 9),))
    assert passage(asked, "The court") is None


def test_only_the_named_sources_count_and_without_names_all_do() -> None:
    asked = Rule(name="r", any=("court",), sources=("ohchr",))
    assert passage(asked, "The court", source="ohchr") is not None
    assert passage(asked, "The court", source="phnom-penh-post") is None
    assert passage(rule("court"), "The court", source="phnom-penh-post") is not None


def test_the_passage_is_the_first_paragraph_that_shows_it_and_the_title_comes_last() -> None:
    asked = rule("court")
    assert passage(asked, "Nothing.", "The court.", "A court.", title="Court") == Passage("The court.", ((4, 9),))
    assert passage(asked, "Nothing.", title="Court") == Passage("Court", ((0, 5),))


def test_the_spans_show_what_all_asked_for_too_where_it_stands_in_the_passage() -> None:
    asked = Rule(name="r", any=("court",), all=("land",))
    assert words(passage(asked, "Some land.", "A court gave land back.")) == ["court", "land"]


def test_overlapping_stretches_are_joined_and_stand_in_order() -> None:
    found = passage(rule("rights defender*", "human rights", "court"), "A court heard human rights defenders.")
    assert words(found) == ["court", "human rights defenders"]


def test_spans_point_into_the_original_text_past_letters_that_fold_to_several() -> None:
    text = "Straße №5 … ﬁve ǰ İstanbul: the court’s “court”"
    assert words(passage(rule("court"), text)) == ["court", "court"]
    assert words(passage(rule("istanbul"), text)) == ["İstanbul"]


def test_every_rule_is_asked_in_its_order_and_told_once() -> None:
    rules = [Rule(name=name, any=entries) for name, entries in (("b", ("land",)), ("a", ("court",)), ("c", ("sea",)))]
    text = Text("ohchr", "Court", ("The court.", "The court and the land."))
    assert [(asked.name, found.text) for asked, found in met(rules, text)] == [
        ("b", "The court and the land."),
        ("a", "The court."),
    ]


def test_an_empty_text_meets_nothing() -> None:
    assert passage(rule("court")) is None
    assert passage(rule("court"), "", title="") is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_word_that_stands_free_is_always_found_where_it_stands(before: str, after: str) -> None:
    text = f"{before} tribunal {after}"
    found = passage(rule("tribunal"), text)
    assert found is not None
    assert (len(before) + 1, len(before) + 9) in found.spans


@pytest.mark.parametrize("entry", ["aaaa*", "a a a a", "special rapporteur*"])
@pytest.mark.parametrize("unit", ["a", "a ", "special  ", "\u200b", "e\u0301"])
def test_a_long_text_is_read_in_one_pass(entry: str, unit: str) -> None:
    # Would not end within the suite's time-out if the patterns backtracked more than linearly.
    text = unit * (100_000 // len(unit))
    found = passage(rule(entry), text, "special rapporteurs a a a a aaaab")
    assert found is not None
