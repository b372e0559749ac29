"""`tonle sources golden`: a case that a contributor only has to look at."""

import json
from pathlib import Path

from tests.e2e.places import OHCHR, POST, Place, truth_of

GOLDEN = Path(__file__).parents[1] / "golden"
SLUG = "land-activists-summoned-41-times-in-six-months-monitor-says"


def test_a_fetched_page_becomes_a_case_without_its_words(place: Place) -> None:
    truth = truth_of(place.replica, POST, SLUG)
    page = f"https://www.phnompenhpost.com{truth.path}"
    ended = place.tonle("sources", "golden", POST, page, "--case", "summons", "--folder", "cases")
    assert ended.code == 0, ended.err
    case = place.folder / "cases" / POST / "summons"
    assert {path.name for path in case.iterdir()} == {"page.html", "meta.json", "expected.json"}
    expected = json.loads((case / "expected.json").read_text())
    text = (case / "page.html").read_text()
    assert not [paragraph for paragraph in truth.paragraphs if paragraph in text]
    assert truth.title not in text
    assert [len(each) for each in expected["paragraphs"]] == [len(each) for each in truth.paragraphs]
    assert expected["published_at"] == truth.published_at
    meta = json.loads((case / "meta.json").read_text())
    assert meta["url"].startswith("https://www.phnompenhpost.com/")
    assert SLUG not in meta["url"]
    assert place.replica.requests(POST)[0] == "/robots.txt"
    assert not (place.folder / "data").exists()


def test_a_case_is_not_overwritten_and_a_saved_page_needs_its_address(place: Place) -> None:
    page = str(GOLDEN / OHCHR / "no-h1" / "page.html")
    url = json.loads((GOLDEN / OHCHR / "no-h1" / "meta.json").read_text())["url"]
    args = ("sources", "golden", OHCHR, page, "--case", "again", "--folder", "cases")
    assert "--url" in place.tonle(*args).only_error
    assert place.tonle(*args, "--url", url).code == 0
    assert "exists" in place.tonle(*args, "--url", url).only_error


def test_a_page_that_the_site_refuses_gives_no_case(place: Place) -> None:
    place.replica.robots(POST, "User-agent: *\nDisallow: /\n")
    page = f"https://www.phnompenhpost.com{truth_of(place.replica, POST, SLUG).path}"
    refused = place.tonle("sources", "golden", POST, page, "--case", "summons", "--folder", "cases")
    assert refused.code == 3
    assert "robots" in refused.only_error
    assert not (place.folder / "cases").exists()
