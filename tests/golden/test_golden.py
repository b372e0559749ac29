"""Each folder <site>/<case> holds a page, how it came (meta.json) and what is on it (expected.json, by eye)."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.model import Draft, Link, Page, Skipped
from core.site import Site
from pipelines.process import process

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*/expected.json"))
MOST_BYTES = 30_000
Results = dict[str, Draft | Skipped]


def read(case: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / case / name).read_text(encoding="utf-8"))
    return found


ARTICLES = [case for case in CASES if "skipped" not in read(case, "expected.json")]
REFUSALS = [case for case in CASES if case not in ARTICLES]
FIELDS = {
    "title": ("title",),
    "authors": ("authors",),
    "dates": ("published_at", "modified_at"),
    "address": ("source", "url", "key"),
    "place": ("language", "section", "kind"),
    "paragraphs": ("paragraphs",),
    "notes": ("notes",),
    "links": ("links",),
    "reading": ("remarks", "layout", "missed"),
    "particulars": ("tags", "dateline", "credits"),
    "kin": ("work", "documents", "aliases"),
}


def page_of(case: str) -> Page:
    (path,) = (FOLDER / case).glob("page.*")
    meta = read(case, "meta.json")
    fetched_at = datetime.fromisoformat(meta["fetched_at"])
    return Page(meta["url"], meta["status"], meta["headers"], path.read_bytes(), fetched_at)


@pytest.fixture(scope="module")
def results(sites: dict[str, Site]) -> Results:
    return {case: process(page_of(case), sites[case.partition("/")[0]]) for case in CASES}


def written(value: object) -> object:
    """Return a field of a draft as JSON writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Link):
        return asdict(value)
    return [written(each) for each in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("group", FIELDS)
@pytest.mark.parametrize("case", ARTICLES)
def test_what_is_on_the_page_is_read(case: str, group: str, results: Results) -> None:
    draft = results[case]
    assert isinstance(draft, Draft), draft
    expected = read(case, "expected.json")
    for name in FIELDS[group]:
        assert written(getattr(draft, name)) == expected[name], name


@pytest.mark.parametrize("case", REFUSALS)
def test_a_page_without_an_article_is_skipped_for_its_reason(case: str, results: Results) -> None:
    result = results[case]
    assert isinstance(result, Skipped), result
    assert {"skipped": result.reason.value} == read(case, "expected.json")


def test_every_field_of_a_draft_is_checked() -> None:
    checked = {name for names in FIELDS.values() for name in names}
    assert checked == set(Draft.__dataclass_fields__)
    for case in ARTICLES:
        assert set(read(case, "expected.json")) == checked, case


def test_every_site_and_every_layout_has_a_case(sites: dict[str, Site]) -> None:
    shown = {(case.partition("/")[0], read(case, "expected.json")["layout"]) for case in ARTICLES}
    assert {(site.name, layout.name) for site in sites.values() for layout in site.layouts} - shown == set()


def test_every_folder_is_a_case_of_a_site(sites: dict[str, Site]) -> None:
    folders = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*") if path.is_dir()}
    assert folders - set(CASES) - {case for case in folders if "__pycache__" in case} == set()
    assert {case.partition("/")[0] for case in CASES} <= set(sites)


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_small(case: str) -> None:
    assert len(page_of(case).body) < MOST_BYTES
