from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Config
from core.errors import ConfigError
from core.query import printed
from core.rules import Event

Load = Callable[..., Config]
Refuse = Callable[..., ConfigError]
GROUPS = "groups:\n  police: [police*, gendarm*]\n  state: [ministry, '@police']\n"


def wanted(load: Load, rule: str, before: str = GROUPS) -> str:
    return printed(load(f"{before}rules:\n  - name: r\n{rule}").rules[0].wanted)


@pytest.mark.parametrize(
    ("yaml", "query"),
    [
        ("any: [land, 'civic space']", 'land OR "civic space"'),
        ("all: [land, court]", "land court"),
        ("{any: [land, sea], all: [court], none: [sport, ball*]}", "(land OR sea) court -(sport OR ball*)"),
        ("any: [land, {all: [sea, court]}]", "land OR (sea AND court)"),
        ("all: [land, {none: [{all: [a, b]}]}]", "land NOT (a b)"),
        ("near: {within: 5, of: [UN, {any: [biased, partial]}]}", "UN NEAR/5 (biased OR partial)"),
        ("near: {within: 5, of: [a, b, '@police']}", "a NEAR/5 b NEAR/5 @police"),
        ("{title: [land, sea], author: [sok]}", "title:(land OR sea) author:sok"),
        ("{all: [land], source: [ohchr, post-khmer], kind: [news], language: [km]}",
         "land source:(ohchr OR post-khmer) language:km kind:news"),
        ("{any: [protest*, evict~], none: [ball], at_least: 3}", "ATLEAST/3(protest* OR evict~) -ball"),
        ("all: [land, {any: [a, b], at_least: 2}]", "land ATLEAST/2(a OR b)"),
        ("{any: ['@state', land]}", "@state OR land"),
        ("{any: [land grab, C-24], inflect: true}", '"land~ grab~" OR C-24'),
        ("{any: ['(human rights)']}", '"(human rights)"'),
        ("{query: land sea, at_least: 2}", "ATLEAST/2(land sea)"),
        ("{query: '@state', inflect: true}", "ministry~ OR police* OR gendarm*"),
        ("{query: '@police land*', inflect: true}", "(police* OR gendarm*) land*"),
    ],
)  # fmt: skip
def test_yaml_and_query_of_one_meaning_are_one_tree(load: Load, yaml: str, query: str) -> None:
    body = yaml if yaml.startswith("{") else f"{{{yaml}}}"
    rules = load(f"{GROUPS}rules:\n  - {{name: a, {body[1:-1]}}}\n  - name: b\n    query: >-\n      {query}\n").rules
    assert rules[0].wanted == rules[1].wanted


def test_groups_are_put_in_wherever_they_are_named(load: Load) -> None:
    assert wanted(load, "    query: '@state -@police'\n") == "(ministry OR police* OR gendarm*) -police* -gendarm*"


def test_a_rule_is_told_of_new_texts_and_edits_unless_it_says_otherwise(load: Load) -> None:
    rules = load("rules:\n  - {name: a, query: land}\n  - {name: b, query: land, on: [withdrawals, copies]}\n").rules
    assert [rule.on for rule in rules] == [(Event.NEW, Event.EDITS), (Event.WITHDRAWALS, Event.COPIES)]


def test_a_rule_may_stand_alone_in_a_file_of_its_name(load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "arrests.yaml").write_text("query: |\n  @police NEAR/5\n  arrest~\non: [new]\n")
    (folder / "notes.txt").write_text("no rule")
    rules = load(f"{GROUPS}rules:\n  - {{name: land, any: [land]}}\n").rules
    assert [rule.name for rule in rules] == ["land", "arrests"]
    assert printed(rules[1].wanted) == "(police* OR gendarm*) NEAR/5 arrest~"
    assert rules[1].on == (Event.NEW,)


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("land", "query: sea\n", 2, "two rules are called land: here and in"),
        ("Land", "query: sea\n", None, "rename the file"),
        ("sea", "query: sea\nname: sea\n", 2, "unknown key `name`"),
        ("sea", "on: [new]\nquery: sea or land\n", 2, "^ write OR"),
        ("sea", "query: sea\nsources: [post]\n", 2, "unknown source `post`"),
        ("sea", "query: sea source:post\n", 1, "^ known: ohchr"),
        ("sea", "on: [new]\n", None, "needs something to look for"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(
    load: Load, tmp_path: Path, name: str, text: str, line: int | None, words: str
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / f"{name}.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load("rules:\n  - name: land\n    any: [land]\n")
    error = caught.value
    assert f"{name}.yaml" in str(error)
    assert (error.line, words in error.problem) == (line, True), error


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("rules:\n  - name: a\n    query: (land\n", 3, "    (land\n    ^ close it with )"),
        ("rules:\n  - name: a\n    query: ''\n", 3, "the query is empty"),
        ("rules:\n  - name: a\n    query: land @police\n", 3, "\n    land @police\n         ^ `groups` names none"),
        ("rules:\n  - name: a\n    any: ['@police']\n", 2, "unknown group `police`"),
        ("rules:\n  - name: a\n    query: land kind:blog\n", 3, "unknown kind `blog`"),
        ("rules:\n  - name: a\n    query: land language:khmer\n", 3, "unknown language `khmer`"),
        ("rules:\n  - name: a\n    any: [land]\n    languages: [khmer]\n", 4, "write two or three letters"),
        ("rules:\n  - name: a\n    any: [land]\n    on: [news]\n", 4, "`rules.0.on.0`"),
        ("rules:\n  - name: a\n    any: [land]\n    on: []\n", 4, "`rules.0.on`"),
        ("rules:\n  - name: a\n    query: land\n    any: [sea]\n", 2, "excludes any"),
        ("rules:\n  - name: a\n    any:\n      - land\n      - {al: [x]}\n", 5, "`rules.0.any.1.al`; known here: all"),
        ("rules:\n  - name: a\n    any:\n      - land\n      - {none: [sea]}\n", 2, "needs something to look for"),
        ("rules:\n  - name: a\n    near: {within: 5, of: [land]}\n", 3, "`rules.0.near.of`"),
        ("rules:\n  - name: a\n    near: {of: [land, sea]}\n", 3, "`rules.0.near.within` is missing"),
        ("rules:\n  - name: a\n    near: {within: 5, of: [a, {all: [b, c]}]}\n", 2, "`near` takes words"),
        ("groups:\n  a: [x, '@b']\n  b: ['@c']\n  c: ['@a']\n", 2, "a circle of groups: a → b → c → a"),
        ("groups:\n  a:\n    - x\n    - '@d'\n", 4, "group a: unknown group `d`; known: a"),
        ("groups:\n  a: []\n", 2, "without entries"),
        ("groups:\n  a: ['*']\n", 2, "without a letter"),
        ("groups:\n  A: [x]\n", 2, "`groups.A"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_rules_and_groups_is_told_with_its_line(
    refuse: Refuse, text: str, line: int, words: str
) -> None:
    error = refuse(text)
    assert (error.line, words in error.problem) == (line, True), error


def test_deep_and_huge_rules_are_refused(refuse: Refuse) -> None:
    deep = "{all: [" * 1_000 + "land" + "]}" * 1_000
    assert refuse(f"rules:\n  - name: a\n    any: [{deep}]\n").line is not None
    many = ", ".join(f"w{number}" for number in range(2_000))
    query = " OR ".join(f"(x{number} @g)" for number in range(26))
    assert "make several rules" in refuse(f"groups:\n  g: [{many}]\nrules:\n  - name: a\n    query: {query}\n").problem
