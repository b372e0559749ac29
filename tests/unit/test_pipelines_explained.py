import pytest

from core.rules import Rule
from pipelines.alerts import Explanation, Text, explained


def told(query: str, *paragraphs: str, **more: str) -> Explanation:
    return explained(Rule(name="r", query=query), Text("ohchr", more.get("title", ""), paragraphs))


@pytest.mark.parametrize(
    ("query", "is_met", "line"),
    [
        ('"civic space"', False, '- "civic space": not found'),
        ("land", True, "+ land: found twice"),
        ('"no no"', True, '+ "no no": found once'),
        ("UN NEAR/5 biased", True, "+ UN NEAR/5 biased: both found, near enough"),
        ("UN NEAR/1 biased", False, "- UN NEAR/1 biased: both found, 2 words apart at the closest"),
        ("UN NEAR/1 sea", False, "- UN NEAR/1 sea: both found, but not in one paragraph"),
        ("UN NEAR/1 air", False, "- UN NEAR/1 air: not both found"),
        ("land -UN", False, "  - -UN: excluded, and found"),
        ("land -air", True, "  + -air: excluded, and not found"),
        ("land OR air", True, "  - air: not found"),
        ("ATLEAST/3(land)", False, "- ATLEAST/3(land): twice, asked: 3"),
        ("title:land", False, "- title:land: in the title: not found"),
        ("source:post", False, "- source:post: the text's is ohchr"),
        ("language:km land", False, "  - language:km: the text's is not known"),
        ("land air", False, "- land air: 1 of 2 not met"),
    ],
)
def test_it_is_told_why_a_rule_is_met_or_not(query: str, is_met: bool, line: str) -> None:
    found = told(query, "The land, the land: the UN is so biased.", "The sea. No no no.")
    assert found.is_met is is_met
    assert line in str(found).splitlines()


def test_what_was_found_is_shown_with_its_passages() -> None:
    found = told("land OR sea", "The land.", "The sea, the land.")
    assert [(passage.text, len(passage.spans)) for passage in found.parts[0].passages] == [
        ("The land.", 1),
        ("The sea, the land.", 1),
    ]
    assert found.passages[0].text == "The land."


def test_sources_and_languages_of_a_rule_are_told_too() -> None:
    rule = Rule(name="r", any=("land",), sources=("post",), languages=("en",))
    found = explained(rule, Text("ohchr", "", ("The land.",), language="en"))
    assert not found.is_met
    assert str(found).splitlines()[1:3] == [
        "  - sources: post: the text's is ohchr",
        "  + languages: en: the text's is en",
    ]


def test_alternatives_that_were_not_found_are_counted_beyond_a_few() -> None:
    found = told(" OR ".join(f"w{number}" for number in range(100)), "w7")
    assert [part.what for part in found.parts][:2] == ["w7", "w0"]
    assert found.parts[-1].what == "79 more"
