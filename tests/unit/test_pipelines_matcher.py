import pickle
import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import Draft, Passage
from core.query import printed
from core.rules import Rule
from core.text import folded
from pipelines.alerts import Matcher, Text, matcher, met, text_of

JOINING = "\u0300-\u036f\u00ad\u200c\u200d\u2060\ufeff"
WITHIN = rf"[{JOINING}\u200b]*+"


def passage(query: str, *paragraphs: str, title: str = "", **more: object) -> Passage | None:
    rule = Rule(name="r", query=query)
    found = list(met([rule], Text("ohchr", title, paragraphs, **more)))  # type: ignore[arg-type]
    return found[0][1] if found else None


def words(found: Passage | None) -> list[str]:
    return [found.text[start:end] for start, end in found.spans] if found else []


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("land court", "The land, the court.", ["land", "court"]),
        ("land court", "The land.", []),
        ("land OR court", "The court.", ["court"]),
        ("land OR court sea", "The court.", []),
        ("land -court", "The land.", ["land"]),
        ("land -court", "The land, the court.", []),
        ("land -(court sea)", "The land, the court.", ["land"]),
        ("land -(court sea)", "The land, the court, the sea.", []),
        ('"civic space"', "Civic\u00a0Space", ["Civic\u00a0Space"]),
        ('"human* right*"', "humane rights", ["humane rights"]),
        ('"human* right"', "humane rights", []),
        ("Hun Sen", "HUN and Sén", ["HUN", "Sén"]),
        ("evict~", "They evicted; eviction, evicts.", ["evicted", "eviction", "evicts"]),
        ("evicted~", "an evict and evil", ["evict"]),
        ('"land~ grab~"', "Land grabs, lands grabbed, landing grabs", ["Land grabs", "lands grabbed", "landing grabs"]),
        ('"the grab~"', "the grabs, a grab", ["the grabs"]),
        ('"the grab~"', "the dogs, the grabs", ["the grabs"]),
        ("Évict~", "ÉVICTED", ["ÉVICTED"]),
        ("evict~", "evi\u00adcted", ["evi\u00adcted"]),
        ("ATLEAST/2(land OR sea)", "land, sea", ["land", "sea"]),
        ("ATLEAST/3(land OR sea)", "land, sea", []),
        ("ATLEAST/2(a NEAR/1 b)", "a b", []),
        ("ATLEAST/2(land OR land*)", "land", []),
        ("ATLEAST/2(a NEAR/1 b)", "a b. Then, much later, b a", ["a", "b", "b", "a"]),
        ("ATLEAST/2(ក)", "កក", ["កក"]),
        ("UN NEAR/2 biased", "The UN is so biased.", ["UN", "biased"]),
        ("UN NEAR/2 biased", "Biased it is: UN", ["Biased", "UN"]),
        ("UN NEAR/2 biased", "The UN is not so biased.", []),
        ("a NEAR/0 b", "a b", ["a", "b"]),
        ("a NEAR/0 b", "a x b", []),
        ("a NEAR/5 a*", "a", []),
        ("a NEAR/5 a*", "a ab", ["a", "ab"]),
        ('"the UN" NEAR/1 (biased OR "not fair")', "the UN was not fair", ["the UN", "not fair"]),
        ("a NEAR/1 b NEAR/1 c", "c x b x a", ["c", "b", "a"]),
        ("a NEAR/1 b NEAR/1 c", "a x b x x c", []),
        ("a NEAR/1 b NEAR/1 c", "a c b", ["a", "c", "b"]),
        ("a NEAR/3 b NEAR/0 c", "a x b c b", ["a", "b", "c", "b"]),
        ("ATLEAST/2(a NEAR/1 b)", "a b a b", ["a", "b", "a", "b"]),
        ("人 NEAR/2 权", "人类的权", ["人", "权"]),
        ("人 NEAR/1 权", "人类的权", []),
        ("re\u0301sume NEAR/1 b", "re\u0301sume\u0301 x b", ["re\u0301sume\u0301", "b"]),
    ],
)
def test_a_query_finds_what_it_says(query: str, text: str, found: list[str]) -> None:
    assert words(passage(query, text)) == found


@pytest.mark.parametrize(
    ("query", "is_met"),
    [
        ("title:court", True),
        ("text:court", False),
        ("text:land title:court", True),
        ("title:(land OR sea)", False),
        ("author:sok", True),
        ("sok", False),
        ("author:(sok dara)", True),
        ('author:"chan dara"', False),
        ("section:courts", True),
        ("courts", False),
        ("source:ohchr", True),
        ("source:(post OR ohchr) land", True),
        ("source:post land", False),
        ("language:km land", True),
        ("kind:statement", False),
        ("land -title:court", False),
        ("land -source:post", True),
        ("land OR kind:statement", True),
        ('"land court"', False),
        ("land NEAR/9 court", False),
    ],
)
def test_a_field_is_looked_for_in_its_place_alone(query: str, is_met: bool) -> None:
    text = {
        "title": "Court",
        "authors": ("Sok Chan", "Dara Lim"),
        "section": "Courts",
        "language": "km",
        "kind": "news",
    }
    assert (passage(query, "The land.", **text) is not None) is is_met  # type: ignore[arg-type]


def test_what_stands_at_the_end_of_one_part_is_not_near_the_next() -> None:
    assert passage("a NEAR/5 b", "x a", "b x") is None
    assert passage('"a b"', "x a", "b x") is None


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("a NEAR/1 b", 2),
        ("a b", 2),
        ("a OR b", 0),
        ("c OR (a b)", 2),
        ("b a", 2),
        ("d a", 3),
        ("x", 4),
        ("ATLEAST/2(b c)", 1),
    ],
)
def test_the_paragraph_that_shows_most_is_the_passage(query: str, best: int) -> None:
    parts = ["only a", "b, c", "a then b", "d", "x"]
    found = passage(query, *parts[:4], title=parts[4])
    assert found is not None
    assert found.text == parts[best]


def test_what_is_met_by_author_or_source_alone_shows_the_title() -> None:
    assert passage("author:sok", "Text.", title="Title", authors=("Sok",)) == Passage("Title")
    assert passage("source:ohchr", "Text.") == Passage("Text.")


def test_languages_and_sources_of_a_rule_leave_other_texts_out() -> None:
    rule = Rule(name="r", any=("land",), languages=("km",), sources=("ohchr",))
    assert list(met([rule], Text("ohchr", "", ("land",), language="km")))
    assert not list(met([rule], Text("ohchr", "", ("land",), language="en")))
    assert not list(met([rule], Text("ohchr", "", ("land",))))
    assert not list(met([rule], Text("post", "", ("land",), language="km")))


def test_the_text_of_a_draft_holds_all_that_fields_ask_for() -> None:
    draft = Draft("ohchr", "u", "k", "T", ("a", "b"), authors=("S",), section="s", language="en", kind="news")
    assert text_of(draft) == Text("ohchr", "T", ("a", "b"), ("S",), "s", "en", "news")


def test_one_tuple_of_rules_is_made_ready_once_and_rules_go_to_other_processes() -> None:
    rules = (Rule(name="r", query="a NEAR/5 @g OR b"), Rule(name="s", any=("a",)))
    assert matcher(rules) is matcher(rules)
    again = pickle.loads(pickle.dumps(rules))  # noqa: S301  # our own
    assert again == rules
    assert hash(again) == hash(rules)
    assert [rule.wanted for rule in again] == [rule.wanted for rule in rules]


ALPHABET = "aab  é\u0301\u00ad\u200b\u2060\n\u00a0A.-_1ក"


@settings(max_examples=150, deadline=None)
@given(st.text(ALPHABET, min_size=1, max_size=5), st.text(ALPHABET, max_size=40))
def test_words_are_found_where_a_search_of_their_own_finds_them(entry: str, text: str) -> None:
    entry += "*" if len(entry) % 2 else ""
    if not any(character.isalnum() for character in entry):
        return
    # The search looks behind a word through one sign that joins, and no further.
    text = re.sub(rf"([{JOINING}])[{JOINING}]+", r"\1", text)
    found = Matcher([Rule(name="r", any=(entry,))]).met(Text("s", "", (text,)))
    spans = [span for _, each in found for span in each.spans]
    assert spans == joined([match.span() for match in searched(entry).finditer(folded(text))])


def searched(entry: str) -> re.Pattern[str]:
    """Return a search for one entry: what many entries at once have to agree with."""
    letters = re.sub(rf"[{JOINING}\u200b]", "", folded(unicodedata.normalize("NFC", entry.removesuffix("*"))))
    body = rf"(?:{WITHIN}\s)++{WITHIN}".join(WITHIN.join(map(re.escape, word)) for word in letters.split())
    body += r"[\u0300-\u036f]*+"
    if "ក" in entry:
        return re.compile(body)
    ending = rf"(?:{WITHIN}\w)*+[\u0300-\u036f]*+" if entry.endswith("*") else ""
    return re.compile(rf"(?<!\w)(?<!\w[{JOINING}]){body}{ending}(?![{JOINING}]*+\w)")


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    for one, other in pairwise(spans):
        if other[0] <= one[1]:
            return joined([span for span in spans if span not in {one, other}] + [(one[0], max(one[1], other[1]))])
    return sorted(spans)


@pytest.mark.parametrize(
    "query", ["a NEAR/5 b", "ATLEAST/3(a* NEAR/9 (b OR c))", "a~ -b*", " NEAR/9 ".join("aaba"), '"a~ a"']
)
@pytest.mark.parametrize("unit", ["a ", "a b ", "a\u200b", "a\u00ad\u00ad", "e\u0301", "ab\n\n", "កa", "aa"])
def test_a_long_text_is_read_in_linear_time(query: str, unit: str) -> None:
    # Would not end within the suite's time-out if a pair were sought among all, or a run read from each of its signs.
    text = unit * (12_000 // len(unit))
    passage(query, text, "a b a a c")


def test_a_rule_is_told_by_its_printed_query() -> None:
    assert printed(Rule(name="r", any=("civic space",), none=("sport",)).wanted) == '"civic space" -sport'
