"""The rules of the house that neither ruff nor mypy nor import-linter holds."""

import ast
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

Rule = Callable[[str], list[int]]
ROOT = Path(__file__).parents[2]
ROOMS = ("app", "core", "crawler", "notify", "pipelines", "replica", "storage")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES = 400
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"})
# A program of its own, which may not import ours: its rim is its own.
OWN_CLOCK = frozenset({"core/clock.py", "replica/__main__.py"})
CLOCKS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "datetime.datetime": ("now", "utcnow", "today"),
        "datetime.date": ("today",),
        "time": ("time", "time_ns", "localtime", "gmtime", "ctime"),
    }.items()
    for name in names
)
SQL = re.compile(
    r"(?is)\b(select\s.+\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|(create|alter|drop)\s+(table|index|trigger|view)\s|pragma\s+\w+)"
)
# What a module must hold as text to break a rule: most hold none of it, and to read them as code takes long.
NAMES_A_CLOCK = re.compile(r"\b(datetime|date|time)\b")
NAMES_A_PATCH = re.compile(r"mock|setattr|delattr")
INDENTED_IMPORT = re.compile(r"(?m)(^[ \t]|[;:]).*\b(import|from)\s")


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Return all that a module is made of, the module first; kept, since each rule asks for it."""
    return tuple(ast.walk(ast.parse(source)))


def imported_names(nodes: Sequence[ast.AST]) -> dict[str, str]:
    """Return what each name that a module imports stands for, in full."""
    names = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update({alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """Return what an expression of names and dots stands for, empty for any other."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def readings_of_the_clock(source: str) -> list[int]:
    if not NAMES_A_CLOCK.search(source):
        return []
    nodes = nodes_of(source)
    names = imported_names(nodes)
    found = [node for node in nodes if isinstance(node, (ast.Name, ast.Attribute))]
    return sorted({node.lineno for node in found if full_name(node, names) in CLOCKS})


def patches(source: str) -> list[int]:
    """Return the lines that replace code of ours: unittest.mock, and monkeypatch.setattr or delattr."""
    if not NAMES_A_PATCH.search(source):
        return []
    nodes = nodes_of(source)
    names = imported_names(nodes)
    mocks = [
        node.lineno
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and any("mock" in name for name in (getattr(node, "module", "") or "", *(alias.name for alias in node.names)))
    ]
    replaced = [
        node.lineno
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr in {"setattr", "delattr"}
        and "patch" in full_name(node.value, names).lower()
    ]
    return sorted({*mocks, *replaced})


def texts(nodes: Sequence[ast.AST]) -> Iterator[ast.Constant]:
    """Yield the texts of a module that are no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in nodes if isinstance(node, documented)]
    alone = {id(node.value) for body in bodies for node in body if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def sql(source: str) -> list[int]:
    return sorted({node.lineno for node in texts(nodes_of(source)) if SQL.search(str(node.value))})


def late_imports_without_reason(source: str) -> list[int]:
    """Return the lines of imports within functions that are not waived with a reason, there or in the line above."""
    if not INDENTED_IMPORT.search(source):
        return []
    functions = [node for node in nodes_of(source) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    late = {
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    lines = iter(source.splitlines(keepends=True))
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.COMMENT
    }
    return sorted(number for number in late if not _is_excused(comments, number))


def _is_excused(comments: dict[int, str], number: int) -> bool:
    waiver = re.search(r"noqa: PLC0415\b(?P<reason>.*)", comments.get(number, ""))
    return bool(waiver) and bool(waiver["reason"].strip(" -#") or comments.get(number - 1))  # type: ignore[index]


def offences(paths: list[Path], rule: Rule, *excused: str) -> list[str]:
    return [
        f"{place(path)}:{line}"
        for path in paths
        if not place(path).startswith(excused or ("-",))
        for line in rule(path.read_text(encoding="utf-8"))
    ]


def test_there_are_modules_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ROOMS)
    assert TESTS


def test_no_module_is_longer_than_anybody_reads() -> None:
    long = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES and "/migrations/" not in name} == {}


def test_no_module_is_called_by_a_name_that_says_nothing() -> None:
    assert [place(path) for path in MODULES if VAGUE & {path.stem, *path.relative_to(ROOT).parts[:-1]}] == []


def test_no_import_is_hidden_from_the_interpreter() -> None:
    hidden = [place(path) for path in MODULES if re.search(r"\bTYPE_CHECKING\b", path.read_text("utf-8"))]
    assert hidden == []


def test_only_the_clock_reads_the_clock() -> None:
    assert offences(MODULES, readings_of_the_clock, *OWN_CLOCK) == []


def test_no_sql_stands_outside_storage() -> None:
    assert offences(MODULES, sql, "storage/") == []


def test_an_import_within_a_function_says_why() -> None:
    assert offences(MODULES, late_imports_without_reason) == []


def test_no_test_replaces_code_of_ours() -> None:
    assert offences(TESTS, patches) == []


@pytest.mark.parametrize(
    ("rule", "guilty", "innocent"),
    [
        (
            readings_of_the_clock,
            [
                "from datetime import datetime\nx = datetime.now()",
                "import datetime as d\nx = d.datetime.utcnow()",
                "from datetime import date as day\nx = day.today",
                "import time\nx = time.time()",
                "from time import time as now\nx = now()",
            ],
            [
                "from datetime import datetime\nx = datetime.fromtimestamp(0)",
                "import time\nx = time.monotonic()",
                "x = clock.now()",
                "'datetime.now()'",
            ],
        ),
        (
            sql,
            [
                "x = 'SELECT a FROM b '",
                "x = f'delete from {b}'",
                "x = 'insert or ignore into b values (1)'",
                "x = '''UPDATE b\nSET a = 1'''",
                "x('PRAGMA journal_mode')",
            ],
            ["def f():\n    '''select one from many '''", "x = 'selected from the list'", "x = 'update the site'"],
        ),
        (
            late_imports_without_reason,
            ["def f():\n    import a", "def f():\n    import a  # noqa: PLC0415", "def f():\n    import a  # because"],
            [
                "def f():\n    import a  # noqa: PLC0415  # slow",
                "def f():\n    # Slow to import.\n    from a import b  # noqa: PLC0415",
                "import a",
            ],
        ),
        (
            patches,
            [
                "from unittest.mock import patch",
                "from unittest import mock",
                "import unittest.mock",
                "def f(monkeypatch): monkeypatch.setattr('a.b', 1)",
                "def f(monkeypatch): monkeypatch.delattr(a, 'b')",
            ],
            ["def f(monkeypatch): monkeypatch.setenv('A', 'b')", "setattr(a, 'b', 1)", "x = 'unittest.mock'"],
        ),
    ],
)
def test_the_rules_tell_guilty_from_innocent(rule: Rule, guilty: list[str], innocent: list[str]) -> None:
    assert [source for source in guilty if not rule(source)] == []
    assert [source for source in innocent if rule(source)] == []
