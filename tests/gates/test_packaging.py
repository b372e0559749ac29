"""Gate: the locks can be trusted, nothing in them forbids our licence, and the image holds every room of the house."""

import ast
import re
import tomllib
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[2]
_LOCKS = ("requirements.lock", "requirements-dev.lock")
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())

# GPL and AGPL, by SPDX identifier or by name; LGPL, whose condition is met by any installed package, is not meant.
_STRONG_COPYLEFT = re.compile(r"(?<!l)gpl|gnu (affero )?general public|affero", re.IGNORECASE)
# Classifiers that say that there is a licence, not which.
_EMPTY_CLASSIFIERS = {"License :: OSI Approved", "License :: DFSG approved"}


def _entries(lock: str) -> list[tuple[Requirement, list[str]]]:
    """Return the requirements of a lock, each with its further options (its hashes)."""
    joined = (_ROOT / lock).read_text().replace("\\\n", " ")
    entries = []
    for line in joined.splitlines():
        requirement, *options = line.split(" --")
        entries.append((Requirement(requirement.strip()), [option.strip() for option in options]))
    return entries


def _pins(lock: str) -> dict[str, Requirement]:
    return {canonicalize_name(requirement.name): requirement for requirement, _ in _entries(lock)}


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    for requirement, options in _entries(lock):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert options, f"{requirement} has no hash"
        assert all(re.fullmatch(r"hash=sha256:[0-9a-f]{64}", option) for option in options), requirement


@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    text = (_ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-|#)(?!-hash=)", text, re.MULTILINE), "only requirements and hashes belong here"
    assert all(requirement.url is None for requirement, _ in _entries(lock))


def test_tests_run_on_the_releases_that_people_install() -> None:
    tested = {name: str(requirement) for name, requirement in _pins("requirements-dev.lock").items()}
    assert {
        name: str(requirement) for name, requirement in _pins("requirements.lock").items()
    }.items() <= tested.items()


def test_the_locks_answer_pyproject() -> None:
    runtime = _PROJECT["project"]["dependencies"] + _PROJECT["dependency-groups"]["build"]
    wanted = {
        "requirements.lock": runtime,
        "requirements-dev.lock": runtime + _PROJECT["project"]["optional-dependencies"]["dev"],
    }
    for lock, lines in wanted.items():
        pins = _pins(lock)
        for asked in map(Requirement, lines):
            pin = pins.get(canonicalize_name(asked.name))
            assert pin, f"{asked.name} is missing in {lock}: make lock"
            version = str(pin.specifier).removeprefix("==")
            assert asked.specifier.contains(version), f"{lock} pins {pin}, pyproject.toml asks {asked}: make lock"


def _expression_forbids(expression: str) -> bool:
    """Return whether an SPDX expression leaves no way around strong copyleft."""
    python = re.sub(r" WITH \S+", "", expression, flags=re.IGNORECASE)
    python = re.sub(
        r"[^\s()]+",
        lambda word: (
            word[0].lower() if word[0].upper() in {"AND", "OR"} else str(bool(_STRONG_COPYLEFT.search(word[0])))
        ),
        python,
    )

    def forbidden(node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            parts = [forbidden(part) for part in node.values]
            return all(parts) if isinstance(node.op, ast.Or) else any(parts)
        return isinstance(node, ast.Constant) and bool(node.value)

    return forbidden(ast.parse(python, mode="eval").body)


def _forbids(expression: str, classifiers: list[str], text: str) -> bool:
    """Return whether a package's metadata allow none but strong copyleft, or name no licence at all.

    The fields are asked in the order of their precision; several classifiers are alternatives.
    """
    if expression:
        return _expression_forbids(expression)
    named = [line for line in classifiers if line.startswith("License ::") and line not in _EMPTY_CLASSIFIERS]
    if not named:
        first = text.strip().partition("\n")[0]
        named = [part for part in re.split(r"\bor\b|/", first, flags=re.IGNORECASE) if part.strip()]
    return all(_STRONG_COPYLEFT.search(name) for name in named)


@pytest.mark.parametrize(
    ("expression", "classifiers", "text", "forbidden"),
    [
        ("MIT", [], "", False),
        ("GPL-3.0-or-later", [], "", True),
        ("AGPL-3.0-only", [], "", True),
        ("LGPL-2.1-or-later", [], "", False),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", [], "", False),
        ("MIT AND GPL-2.0-only", [], "", True),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", [], "", False),
        ("", ["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], "", True),
        ("", ["License :: OSI Approved :: GNU Affero General Public License v3"], "MIT", True),
        ("", ["License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)"], "", False),
        ("", ["License :: OSI Approved", "License :: OSI Approved :: MIT License"], "", False),
        ("", ["License :: OSI Approved"], "GPLv2", True),
        ("", [], "MIT or GPLv3", False),
        ("", [], "BSD-3-Clause", False),
        ("", [], "", True),
    ],
)
def test_strong_copyleft_is_told_from_other_licences(
    expression: str, classifiers: list[str], text: str, forbidden: bool
) -> None:
    assert _forbids(expression, classifiers, text) is forbidden


def _field(package: PackageMetadata, name: str) -> list[str]:
    return [str(value) for value in package.get_all(name) or ()]


@pytest.mark.parametrize("lock", _LOCKS)
def test_no_dependency_forbids_distribution_under_apache_2(lock: str) -> None:
    forbidding, unread = [], []
    for requirement, _ in _entries(lock):
        if requirement.marker and not requirement.marker.evaluate():
            continue  # for another platform, so its metadata are not here
        try:
            package = metadata(requirement.name)
        except PackageNotFoundError:
            unread.append(requirement.name)
            continue
        expression, text = ("".join(_field(package, name)) for name in ("License-Expression", "License"))
        if _forbids(expression, _field(package, "Classifier"), text):
            forbidding.append(f"{requirement.name}: {expression or text[:80] or 'names no licence'}")
    assert not unread, "the environment is not what the lock says: make test"
    assert not forbidding


def test_the_licence_is_apache_2() -> None:
    text = (_ROOT / "LICENSE").read_text()
    assert _PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_image_is_given_every_package_and_what_installing_needs() -> None:
    admitted = (_ROOT / ".dockerignore").read_text().splitlines()
    needed = ["pyproject.toml", "requirements.lock", "config.yaml", _PROJECT["project"]["readme"]]
    needed += _PROJECT["tool"]["setuptools"]["packages"] + _PROJECT["project"]["license-files"]
    assert "*" in admitted
    assert not {f"!{name}" for name in needed} - set(admitted)


def test_every_stage_of_the_image_takes_the_base_that_was_named() -> None:
    stages = re.findall(r"^FROM (\S+)", (_ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert stages
    assert set(stages) == {"${BASE}"}
