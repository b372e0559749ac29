"""Pages whose words are made up: nothing is left of what somebody wrote, and they are read as they were."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.model import Draft, Page, Skipped
from core.site import Site
from crawler.survey.invented import Invention, sentences_kept
from pipelines.decode import decoded
from pipelines.process import process

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = sorted(path.parent.relative_to(GOLDEN).as_posix() for path in GOLDEN.glob("*/*/page.html"))
SALT = b"any salt will do"


def golden(case: str, sites: dict[str, Site]) -> tuple[Page, Site]:
    meta: dict[str, Any] = json.loads((GOLDEN / case / "meta.json").read_text())
    body = (GOLDEN / case / "page.html").read_bytes()
    page = Page(meta["url"], meta["status"], meta["headers"], body, datetime.fromisoformat(meta["fetched_at"]))
    return page, sites[case.partition("/")[0]]


@pytest.mark.parametrize("case", CASES)
def test_no_sentence_of_a_page_is_left(case: str, sites: dict[str, Site]) -> None:
    page, site = golden(case, sites)
    made = Invention(SALT, site).page(page)
    assert sentences_kept(page, made, site) == ()
    draft = process(page, site)
    if isinstance(draft, Draft):
        text = decoded(made)
        assert not [paragraph for paragraph in draft.paragraphs if len(paragraph.split()) > 3 and paragraph in text]
        assert draft.title not in text


@pytest.mark.parametrize("case", CASES)
def test_a_made_up_page_is_read_as_the_original(case: str, sites: dict[str, Site]) -> None:
    page, site = golden(case, sites)
    before, after = process(page, site), process(Invention(SALT, site).page(page), site)
    assert type(before) is type(after), (before, after)
    if isinstance(before, Draft) and isinstance(after, Draft):
        assert after.layout == before.layout
        assert after.published_at == before.published_at
        assert len(after.paragraphs) == len(before.paragraphs)
        assert len(after.authors) == len(before.authors)
        assert len(after.notes) == len(before.notes)
        assert (after.language, after.kind) == (before.language, before.kind)
    elif isinstance(before, Skipped) and isinstance(after, Skipped):
        assert after.reason == before.reason


@pytest.mark.parametrize(
    "text",
    [
        "Monks barred from Pagoda",
        "UN experts: “We don’t know”",
        "អ្នកភូមិ ៤០ គ្រួសារ",
        "Эксперты ООН",
        "联合国专家",
        "خبراء الأمم",
    ],
)
def test_words_keep_their_length_and_shape_and_are_others(post: Site, text: str) -> None:
    made = Invention(SALT, post).text(text)
    assert len(made) == len(text)
    assert [each.isupper() for each in made] == [each.isupper() for each in text]
    assert re.sub(r"\w", "", made) == re.sub(r"\w", "", text)
    assert not set(made.split()) & {word for word in text.split() if word.isalpha()}


def test_a_word_is_always_replaced_by_the_same_and_otherwise_with_another_salt(post: Site) -> None:
    one, other = Invention(b"one", post), Invention(b"other", post)
    assert one.text("Wells and wells") == one.text("Wells and wells")
    assert one.text("wells") == one.text("Wells").lower()
    assert one.text("monks barred from pagoda") != other.text("monks barred from pagoda")


def test_dates_in_the_sites_formats_stay(post: Site) -> None:
    made = Invention(SALT, post).text("Someone wrote on 23 April 2014 | 00:26 ICT of a well")
    assert "23 April 2014 | 00:26 ICT" in made
    assert "wrote" not in made


def test_the_slug_of_an_address_goes_with_the_headline_and_the_rest_stays(post: Site) -> None:
    invention = Invention(SALT, post)
    url = invention.address("https://www.phnompenhpost.com/national/monks-barred-from-pagoda?page=2")
    assert url.startswith("https://www.phnompenhpost.com/national/")
    assert url.endswith("?page=2")
    assert invention.text("Monks barred from pagoda").lower().replace(" ", "-") in url
