"""From bytes to text and from text to a tree, whatever the server says of its charset."""

from collections.abc import Iterator
from typing import Any, cast

from charset_normalizer import from_bytes
from lxml import etree, html
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from core.model import Page

_SNIFFED = 100_000  # bytes; charset_normalizer's time grows with what it is shown

_MOST_ATTRIBUTES = 200  # of an element; what copies one takes the square of their number
_LADEN = etree.XPath(f"descendant-or-self::*[@*[{_MOST_ATTRIBUTES + 1}]]")
_FIRST = etree.XPath(f"@*[position() <= {_MOST_ATTRIBUTES}]")
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
_MOST_ACCENTS = 0.1  # share of bytes above ASCII; texts in other scripts have far more


def decoded(page: Page) -> str:
    """Return the text of a page.

    What is valid UTF-8, or nearly, is believed before any declaration: other charsets hardly ever form it by chance,
    and servers often declare the wrong one. Then come the declarations, a guess, and windows-1252 with marks where
    nothing fits.
    """
    bom_encoding, bom = read_bom(page.body)
    if bom_encoding and bom:
        return page.body[len(bom) :].decode(bom_encoding, errors="replace")
    if text := _nearly_utf_8(page.body):
        return text
    for encoding in _candidates(page):
        try:
            return page.body.decode(encoding)
        except (UnicodeError, LookupError):  # UnicodeError alone: what `charset=undefined` raises
            continue
    return page.body.decode("cp1252", errors="replace")


def _nearly_utf_8(body: bytes) -> str:
    """Return a text as UTF-8 where most of what is not ASCII fits it, else an empty one.

    A teaser that was cut by bytes leaves half a character: that must not turn every other into mojibake.
    """
    text = body.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", errors="ignore")) - broken
    return text if 2 * broken <= whole else ""


def _candidates(page: Page) -> Iterator[str]:
    declared = http_content_type_encoding(page.headers.get("content-type", "")), html_body_declared_encoding(page.body)
    yield from (encoding for encoding in declared if encoding and encoding != "utf-8")
    head = page.body[:_SNIFFED]
    if sum(byte >= 0x80 for byte in head) < _MOST_ACCENTS * len(head):  # noqa: PLR2004
        yield "cp1252"  # a Latin text with some accents: what browsers assume, and a guess gets Central European
    guess = from_bytes(head).best()
    if guess:
        yield guess.encoding


def parsed(text: str) -> html.HtmlElement | None:
    """Return the tree of an HTML text, without comments, scripts and styles; None if there is nothing in it.

    No entity is expanded beyond HTML's own and nothing is fetched. Raises MemoryError.
    """
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    # lxml.html asks a function in Python for the class of each element that is touched; inputs and forms need no own.
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        tree = html.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError("no memory to parse it") from error
        return None
    etree.strip_elements(tree, "script", "style", "noscript", "template", "iframe", with_tail=False)
    for element in cast(list[html.HtmlElement], _LADEN(tree)):
        first = {str(value.attrname): str(value) for value in cast(list[Any], _FIRST(element))}
        element.attrib.clear()
        element.attrib.update(first)
    return tree
