"""A feed as a value, and its two forms: Atom (RFC 4287) and JSON Feed 1.1. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree, html
from lxml.html import builder

from notify.entry import Entry
from notify.marked import Stretch
from notify.phrases import Words

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
LANGUAGE = "en"
"""Of what tonle itself says in a feed."""
AUTHOR = "tonle"
_XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class Quotation:
    """The passage by which a story met a rule. words gives language and direction of the stretches."""

    rule: str
    words: Words
    stretches: tuple[Stretch, ...]

    @property
    def text(self) -> str:
        """The passage as it is shown, without marks."""
        return "".join(stretch.text for stretch in self.stretches).strip()


@dataclass(frozen=True, slots=True)
class Item:
    """A story as a feed tells of it. id names it for ever; told is the article that stands for it."""

    id: str
    told: Entry
    authors: tuple[str, ...]
    updated: datetime
    published: datetime | None
    rules: tuple[str, ...]
    section: str
    quotations: tuple[Quotation, ...]

    @property
    def summary(self) -> Words:
        """The passage that met a rule, the lead where none was met."""
        if not self.quotations or not (text := self.quotations[0].text):
            return self.told.lead
        first = self.quotations[0].words
        return Words(text, first.lang, first.dir)

    @property
    def tags(self) -> tuple[str, ...]:
        """The rules it met, and the section it stands in."""
        return tuple(filter(None, dict.fromkeys((*self.rules, self.section))))


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest stories, latest first. name is that of its files without their endings, id names it for ever."""

    name: str
    id: str
    title: str
    items: tuple[Item, ...]


def atom(feed: Feed, address: str, empty_since: datetime) -> bytes:
    """Return a feed as an Atom file. address is where it is public, if it is; one without entries is as old as said."""
    default = {None: ATOM}
    root = etree.Element(_name("feed"), {f"{{{_XML}}}lang": LANGUAGE}, nsmap=default)  # type: ignore[arg-type]
    _add(root, "id", feed.id)
    _add(root, "title", feed.title, type="text")
    _add(root, "updated", _rfc3339(max((item.updated for item in feed.items), default=empty_since)))
    _add(_add(root, "author"), "name", AUTHOR)
    if address:
        _add(root, "link", rel="self", type="application/atom+xml", href=address)
    for item in feed.items:
        _atom_entry(_add(root, "entry"), item)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _atom_entry(told: etree._Element, item: Item) -> None:
    _add(told, "id", item.id)
    _add_words(told, "title", item.told.title)
    _add(told, "updated", _rfc3339(item.updated))
    if item.published:
        _add(told, "published", _rfc3339(item.published))
    for author in item.authors:
        _add(_add(told, "author"), "name", author)
    if item.told.url:
        _add(told, "link", rel="alternate", type="text/html", href=item.told.url)
    for place in item.told.copies:
        if place.url and place.url != item.told.url:
            _add(told, "link", rel="related", href=place.url, title=place.label)
    for tag in item.tags:
        _add(told, "category", term=tag)
    if item.summary.text:
        _add_words(told, "summary", item.summary)
    _add(told, "content", content(item), type="html")


def json_feed(feed: Feed, address: str) -> bytes:
    """Return a feed as a JSON Feed file. address is where it is public, if it is."""
    whole: dict[str, object] = {"version": JSON_FEED, "title": feed.title, "language": LANGUAGE}
    if address:
        whole["feed_url"] = address
    whole |= {"authors": [{"name": AUTHOR}], "items": [_json_item(item) for item in feed.items]}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"


def _json_item(item: Item) -> dict[str, object]:
    told: dict[str, object] = {"id": item.id, "title": item.told.title.text, "content_html": content(item)}
    optional = {
        "url": item.told.url,
        "summary": item.summary.text,
        "date_published": _rfc3339(item.published) if item.published else "",
        "language": item.told.title.lang,
    }
    told |= {name: value for name, value in optional.items() if value}
    told["date_modified"] = _rfc3339(item.updated)
    told["authors"] = [{"name": author} for author in item.authors]
    told["tags"] = list(item.tags)
    return told


def content(item: Item) -> str:
    """Return what is told of a story as HTML: where and when, the lead, why it is here, who else has it, what became.

    It is the same in all feeds, so that a reader of two sees one entry.
    """
    return "\n".join(etree.tostring(part, encoding="unicode", method="html") for part in _paragraphs(item))


def _paragraphs(item: Item) -> Iterator[html.HtmlElement]:
    told = item.told
    yield builder.P(", ".join(filter(None, (told.source, told.when, told.kind))))
    if told.lead.text:
        yield builder.P(told.lead.text, **_shown_as(told.lead))
    for quotation in item.quotations:
        marked = (builder.E.mark(each.text) if each.marked else each.text for each in quotation.stretches)
        yield builder.P(builder.B(f"{quotation.rule}: "), builder.SPAN(*marked, **_shown_as(quotation.words)))
    if told.copies:
        yield builder.P(*_carriers(told))
    for notice in told.notices:
        yield builder.P(builder.EM(notice))


def _carriers(told: Entry) -> Iterator[html.HtmlElement | str]:
    yield "Also: "
    for number, place in enumerate(told.copies):
        yield ", " if number else ""
        yield builder.A(place.label, href=place.url) if place.url else place.label
    if told.more_copies:
        yield f" and {told.more_copies:,} more"


def _shown_as(said: Words) -> dict[str, str]:
    return {"dir": said.dir} | ({"lang": said.lang} if said.lang else {})


def _add_words(parent: etree._Element, name: str, said: Words) -> None:
    element = _add(parent, name, said.text, type="text")
    if said.lang:
        element.set(f"{{{_XML}}}lang", said.lang)


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _name(name), attributes)
    element.text = text or None
    return element


def _name(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _rfc3339(moment: datetime) -> str:
    """Return a moment in whole seconds; at its own offset where that is of whole minutes, which is all RFC 3339 has."""
    offset = moment.utcoffset()
    told = moment if offset is not None and not offset.total_seconds() % 60 else moment.astimezone(UTC)
    return told.isoformat(timespec="seconds")
