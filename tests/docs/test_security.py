"""docs/security.md names for each threat the tests that hold it: they have to be there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)(?:::(\w+))?`")


def test_every_test_that_the_document_names_exists() -> None:
    named = _NAMED.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    assert len(named) > 40
    for path, test in named:
        assert (ROOT / path).is_file(), path
        if test:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"


def rows() -> list[str]:
    _, _, threats = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## What a page may cost")
    return [line for line in threats.splitlines() if line.startswith("| ") and not line.startswith("| threat")]


def is_soaked(path: str, test: str) -> bool:
    """Return whether a test runs in `make soak` alone; a file whose tests are not named does not."""
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    marks = [node.value for node in body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)]
    named = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == test]
    marks += [mark for node in named for mark in node.decorator_list]
    return bool(named) and any(re.search(r"(?<!marks=pytest\.)mark\.soak", ast.unparse(mark)) for mark in marks)


def test_every_row_of_a_table_of_threats_names_a_test_or_says_why_there_is_none() -> None:
    assert len(rows()) > 40
    assert [row for row in rows() if not _NAMED.search(row) and "no test" not in row] == []


def test_a_row_says_so_when_only_the_soak_holds_it() -> None:
    soaked = [row for row in rows() if (named := _NAMED.findall(row)) and all(is_soaked(*each) for each in named)]
    assert soaked
    assert [row for row in rows() if ("`make soak`" in row) != (row in soaked)] == []
