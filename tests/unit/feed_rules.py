"""What a feed validator holds against a feed, as far as RFC 4287, RFC 3339 and JSON Feed 1.1 say it."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[A-Za-z0-9/_.-]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ONCE = {"id", "title", "updated", "published", "summary", "content"}
_LEAVES = {"id", "title", "updated", "published", "summary", "content", "name"}


def faults_of_atom(data: bytes) -> list[str]:
    root = etree.fromstring(data)
    found = [*_faults_of_text(data.decode())]
    found += ["the root is no feed"] if root.tag != f"{ATOM}feed" else []
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        found += _faults_of_element(element)
    ids = [root.findtext(f"{ATOM}id"), *(entry.findtext(f"{ATOM}id") for entry in entries)]
    found += ["an id stands twice"] if len(set(ids)) != len(ids) else []
    if root.find(f"{ATOM}author") is None and any(entry.find(f"{ATOM}author") is None for entry in entries):
        found.append("an entry without author")
    for element in root.iter():
        found += _faults_of_leaf(element)
    return found


def _faults_of_element(element: etree._Element) -> Iterator[str]:
    names = [etree.QName(child).localname for child in element]
    for needed in ("id", "title", "updated"):
        if names.count(needed) != 1:
            yield f"{needed} stands {names.count(needed)} times"
    yield from (f"{name} stands twice" for name in _ONCE if names.count(name) > 1)
    if element.tag == f"{ATOM}entry" and not {"link", "content"} & set(names):
        yield "an entry without link and content"
    alternates = [(link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link[@rel='alternate']")]
    if len(set(alternates)) != len(alternates):
        yield "two alternate links of one type"


def _faults_of_leaf(element: etree._Element) -> Iterator[str]:
    name, text = etree.QName(element).localname, element.text or ""
    if name in _LEAVES and len(element):
        yield f"{name} has children"
    if name in _LEAVES - {"summary", "content"} and not text.strip():
        yield f"{name} is empty"
    if name in {"title", "summary", "content"} and element.get("type") not in {"text", "html"}:
        yield f"{name} without a type"
    if name == "id" and not _TAG_URI.fullmatch(text):
        yield f"{text!r} is no tag URI"
    yield from _faults_of_value(name, element)


def _faults_of_value(name: str, element: etree._Element) -> Iterator[str]:
    if name in {"updated", "published"}:
        yield from _faults_of_moment(element.text or "")
    if element.get("type") == "html":
        yield from _faults_of_html(element.text or "")
    if name == "link":
        yield from _faults_of_address(element.get("href") or "")
    if name == "category" and not element.get("term"):
        yield "a category without term"
    if (lang := element.get(LANG)) is not None and not _LANGUAGE.fullmatch(lang):
        yield f"{lang!r} is no language"


def faults_of_json(data: bytes) -> list[str]:
    feed: dict[str, Any] = json.loads(data)
    found = [*_faults_of_text(data.decode())]
    found += ["another version"] if feed.get("version") != "https://jsonfeed.org/version/1.1" else []
    found += ["no title"] if not feed.get("title") else []
    ids = [item.get("id") for item in feed["items"]]
    found += ["an id stands twice"] if len(set(ids)) != len(ids) else []
    for item in feed["items"]:
        found += _faults_of_item(item)
    return found


def _faults_of_item(item: dict[str, Any]) -> Iterator[str]:
    if not _TAG_URI.fullmatch(item["id"]):
        yield f"{item['id']!r} is no tag URI"
    if not item.get("content_html"):
        yield "an item without content"
    yield from _faults_of_html(item["content_html"])
    yield from _faults_of_address(item.get("url", "https://example.org/"))
    for name in ("date_published", "date_modified"):
        yield from _faults_of_moment(item[name]) if name in item else ()
    if not all(author.get("name") for author in item["authors"]):
        yield "an author without name"
    if not all(isinstance(tag, str) and tag for tag in item["tags"]):
        yield "a tag that is no text"


def _faults_of_moment(text: str) -> Iterable[str]:
    if not _MOMENT.fullmatch(text):
        return [f"{text!r} is no time of RFC 3339"]
    return [] if datetime.fromisoformat(text).tzinfo else [f"{text!r} has no offset"]


def _faults_of_address(url: str) -> Iterable[str]:
    parts = urlsplit(url)
    is_absolute = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return [] if is_absolute and url.isascii() and " " not in url else [f"{url!r} is no absolute address"]


def _faults_of_html(text: str) -> Iterator[str]:
    """Yield what is wrong with HTML, which is to be well-formed XML too: then no reader takes it for something else."""
    try:
        root = etree.fromstring(f"<div>{text}</div>")
    except etree.XMLSyntaxError as error:
        yield f"{text!r} is not well-formed: {error}"
        return
    for element in root.iter():
        if element.tag not in {"div", "p", "b", "em", "a", "span", "mark"}:
            yield f"an element {element.tag}"
        if set(element.attrib) - {"href", "lang", "dir"}:
            yield f"an attribute among {sorted(element.attrib)}"
        if element.tag == "a":
            yield from _faults_of_address(element.get("href") or "")


def _faults_of_text(text: str) -> Iterable[str]:
    return [f"the character {found!r}" for found in _UNSEEN.findall(text)]
