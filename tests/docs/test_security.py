"""docs/security.md names for each threat the tests that hold it: they have to be there."""

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


def test_every_row_of_a_table_of_threats_names_a_test_or_says_why_there_is_none() -> None:
    _, _, threats = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## What a page may cost")
    rows = [line for line in threats.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 40
    assert [row for row in rows if not _NAMED.search(row) and "no test" not in row] == []
