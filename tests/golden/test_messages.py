"""Messages of an invented week, word for word as in tests/golden/messages; TONLE_PIN_GOLDEN=1 writes these anew."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html as lxml_html

from notify.render import Bodies
from tests.golden.sample import FOOT, MESSAGES

FOLDER = Path(__file__).parent / "messages"
FORMS = ("html", "txt")
NAMES = sorted(MESSAGES)


def forms(bodies: Bodies) -> dict[str, str]:
    # A line an element, so that a change can be read; no mail program minds.
    return {"html": bodies.html.replace("><", ">\n<"), "txt": bodies.text}


def read(page: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(page.encode())


@pytest.fixture(scope="module")
def messages() -> dict[str, Bodies]:
    return {name: made() for name, made in MESSAGES.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_message_is_as_it_was_pinned(name: str, messages: dict[str, Bodies]) -> None:
    for form, made in forms(messages[name]).items():
        path = FOLDER / f"{name}.{form}"
        if os.environ.get("TONLE_PIN_GOLDEN"):
            path.write_text(made, encoding="utf-8")
        assert made == path.read_text(encoding="utf-8")


def test_every_pinned_message_is_made() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.{form}" for name in NAMES for form in FORMS}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_can_be_read_aloud(name: str, messages: dict[str, Bodies]) -> None:
    tree = read(messages[name].html)
    assert tree.get("lang") == "en"
    assert tree.xpath("string(//title)").strip()
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert all(heading.text_content().strip() for heading in tree.xpath("//h1 | //h2 | //h3"))
    assert all(link.text_content().strip() for link in tree.xpath("//a"))
    assert not tree.xpath("//img[not(@alt)]")
    assert not tree.xpath("//ul[not(li)] | //dl[not(dt)] | //li[not(parent::ul)]")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_one_of_data_with_headers_or_says_that_it_is_none(name: str, messages: dict[str, Bodies]) -> None:
    for table in read(messages[name].html).xpath("//table"):
        if table.get("role") == "presentation":
            assert not table.text_content().strip()
            continue
        assert table.xpath("string(caption)")
        rows = table.xpath("./tr | ./tbody/tr")
        assert rows
        assert all(row.xpath("./th[@scope]") for row in rows)
        assert len({len(row.xpath("./th | ./td")) for row in rows}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_the_network_for_nothing(name: str, messages: dict[str, Bodies]) -> None:
    page = messages[name].html
    loaded = "//img | //link | //script | //iframe | //object | //video | //form | //@src | //@background | //@onclick"
    assert not read(page).xpath(loaded)
    assert "url(" not in page
    assert "@import" not in page
    assert all(re.match("https?://", str(address)) for address in read(page).xpath("//a/@href"))


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_say_the_same_numbers_and_lead_to_the_same_places(name: str, messages: dict[str, Bodies]) -> None:
    page, text = read(messages[name].html), messages[name].text
    assert set(map(str, page.xpath("//a/@href"))) == set(re.findall(r"(?m)^ *(https?://\S+)$", text))
    numbers = re.compile(r"no\.\s+(\d+)")
    assert numbers.findall(page.text_content()) == numbers.findall(text)
    for told in page.xpath("//h3 | //h2/text()[1] | //del | //ins"):
        words = told if isinstance(told, str) else told.text_content()
        assert " ".join(words.split()) in " ".join(text.split())


def test_texts_that_mean_harm_stay_texts(messages: dict[str, Bodies]) -> None:
    tree = read(messages["digest-hostile"].html)
    assert not tree.xpath("//script | //img | //i | //@onclick")
    assert len(tree.xpath("//*[contains(text(), '<script>')]")) > 5
    assert "\u202e" not in messages["digest-hostile"].html + messages["digest-hostile"].text


@pytest.mark.parametrize("name", ["digest-daily", "alert-edit", "summary"])
def test_the_foot_says_who_gets_it_and_leads_to_how_to_get_no_more(name: str, messages: dict[str, Bodies]) -> None:
    bodies = messages[name]
    address = FOOT.split()[-1]
    assert read(bodies.html).xpath(f"//p[@class='foot']/a[@href='{address}']")
    assert " ".join(bodies.text.split()).endswith(FOOT)


def test_a_foot_that_means_harm_is_text(messages: dict[str, Bodies]) -> None:
    footed = messages["digest-all-well"].footed('Write to <b>us</b>: mailto:a@example.org?subject="x"')
    tree = read(footed.html)
    assert not tree.xpath("//b")
    assert tree.xpath("//p[@class='foot']/a/@href") == ["mailto:a@example.org?subject="]
