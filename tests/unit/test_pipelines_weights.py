from copy import deepcopy

import pytest
from lxml import html

from pipelines.blocks import blocks_of, cut, load_of
from pipelines.decode import parsed
from pipelines.weights import Weight, weights_of

SENTENCE = "The families of the river bank told the court that their fields were sold."
PAGE = (
    f"<div class='a'><p>{SENTENCE}</p><ul><li><a href='/x'>Floods</a></li><li>Wages</li></ul>"
    "<span><p>Inside</p>between<p>Also inside</p></span></div><p>Last</p>"
)


def tree_of(body: str) -> html.HtmlElement:
    tree = parsed(f"<html><body>{body}</body></html>")
    assert tree is not None
    return tree


def weighed(tree: html.HtmlElement) -> dict[str, Weight]:
    return {str(element.tag): weight for element, weight in reversed(weights_of(tuple(blocks_of(tree))).items())}


def test_an_element_weighs_what_all_in_it_weighs() -> None:
    weights = weighed(tree_of(PAGE))
    texts = [SENTENCE, "Floods", "Wages", "Inside", "between", "Also inside"]
    assert [block.text for block in weights["div"].blocks] == texts
    assert weights["div"].text == sum(map(len, texts))
    assert (weights["div"].prose, weights["div"].linked, weights["div"].count) == (len(SENTENCE), len("Floods"), 6)
    assert weights["body"].count == weights["html"].count == 7
    assert [block.text for block in weights["ul"].blocks] == ["Floods", "Wages"]


def test_text_between_blocks_is_not_that_of_the_inline_element_around_them() -> None:
    inline = weighed(tree_of(PAGE))["span"]
    assert [block.text for block in inline] == ["Inside", "Also inside"]
    assert inline.text == len("InsideAlso inside")


def test_an_element_knows_those_right_within_it_in_the_order_of_the_page() -> None:
    weights = weighed(tree_of(PAGE + "<i>no block</i><table><tr><td><p>Below</p></td></tr></table>"))
    assert [inner.tag for inner in weights["div"].inner] == ["p", "ul", "span"]
    assert [inner.tag for inner in weights["body"].inner] == ["div", "p", "table"]
    assert weights["p"].inner == []


def test_an_element_comes_after_its_own_first_block_and_those_within() -> None:
    tags = [element.tag for element in weights_of(tuple(blocks_of(tree_of(PAGE))))]
    assert tags == ["p", "div", "body", "html", "li", "ul", "li", "p", "span", "p", "p"]


@pytest.mark.parametrize(
    "body",
    [
        "one<i hidden>x</i>two<i hidden>y</i>three",
        "<i hidden>x</i>one<b>two</b>three<i hidden>y</i>four<i hidden>z</i>five<b>six</b>",
        "<p hidden>one<i hidden>x</i>two</p>three<p>four<i hidden>y</i></p>five",
        "<p>one</p><div hidden><p>x</p></div>two",
    ],
)
def test_what_is_cut_leaves_the_text_behind_it(body: str) -> None:
    tree = tree_of(body)
    other = deepcopy(tree)
    cut(tree, set(tree.xpath("//*[@hidden]")))
    for element in other.xpath("//*[@hidden]"):
        element.drop_tree()
    assert html.tostring(tree) == html.tostring(other)


def test_the_load_of_a_page_grows_with_elements_characters_and_depth() -> None:
    plain = load_of(tree_of("<p>word</p>" * 2000))
    assert plain == 2001 + len("word" * 2000) // 50
    assert load_of(tree_of("<p>word</p>" * 4000)) == pytest.approx(2 * plain, rel=0.2)
    assert load_of(tree_of("<p>word</p>" * 2000 + "a" * 1_000_000)) == pytest.approx(plain + 20_000, rel=0.1)
    assert load_of(tree_of("<div>" * 160 + "<p>word</p>" * 2000)) == pytest.approx(10 * plain, rel=0.2)
