"""Settings are read by a quick parser, and by a slow one that knows lines where something is wrong: both as one."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from core import strict
from core.errors import ConfigError
from core.strict import Strict, read_yaml
from crawler import SITES


class Anything(Strict):
    of: dict[str, JsonValue]


ODD = """
of:
  time: 17:30
  norway: no
  switch: on
  octal: 017
  octal_now: 0o17
  hex: 0x1F
  grouped: 1_000
  exponent: 1e3
  day: 2024-01-02
  moment: 2024-01-02T03:04:05Z
  flow: {address: "https://example.org/a", list: [a, 'b', "c"]}
  folded: >-
    one
    two
  kept: |
    line one
      line two
  khmer: កម្ពុជា  # a comment
  emoji: "\\U0001F600"
  anchor: &words [one, two]
  alias: *words
  merged: {<<: {a: 1}, b: 2}
  empty:
"""


@pytest.mark.parametrize("more", ["", "# " + "x" * 1_000], ids=["quick", "slow, for its long line"])
def test_both_parsers_make_the_same_of_what_yaml_can_say(tmp_path: Path, more: str) -> None:
    assert (strict._plain(ODD + more) is None) == bool(more)
    path = tmp_path / "odd.yaml"
    path.write_text(ODD + more, encoding="utf-8")
    assert read_yaml(Anything, path).of == {
        "time": "17:30",
        "norway": "no",
        "switch": "on",
        "octal": 17,
        "octal_now": 15,
        "hex": 31,
        "grouped": 1000,
        "exponent": 1000.0,
        "day": "2024-01-02",
        "moment": "2024-01-02T03:04:05+00:00",
        "flow": {"address": "https://example.org/a", "list": ["a", "b", "c"]},
        "folded": "one two",
        "kept": "line one\n  line two\n",
        "khmer": "កម្ពុជា",
        "emoji": "😀",
        "anchor": ["one", "two"],
        "alias": ["one", "two"],
        "merged": {"a": 1, "b": 2},
        "empty": None,
    }


def test_the_quick_parser_reads_what_tonle_brings() -> None:
    files = sorted(SITES.glob("*.yaml"))
    assert files
    assert [file.name for file in files if strict._plain(file.read_text(encoding="utf-8")) is None] == []


BOMB = "of:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)


def test_aliases_that_stand_for_millions_of_values_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMB)
    with pytest.raises(ConfigError, match="aliases"):
        read_yaml(Anything, path)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.mkdir", "!!python/name:os.system", "!!python/module:os"])
def test_a_tag_of_yaml_makes_no_object_and_runs_nothing(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "tagged.yaml"
    path.write_text(f"of: {{made: {tag} [{tmp_path}/made]}}\n")
    assert read_yaml(Anything, path).of["made"] == [f"{tmp_path}/made"]
    assert not (tmp_path / "made").exists()
