"""A page with its markup and without its words: each is replaced by a made-up one of the same length and shape.

So a page can be shown to a test that nobody may pass on. What the site's description looks for stays: dates in its
formats, the lines that its patterns name, its title. Pure but for the salt, which the caller draws and forgets:
without it no word can be found again by trying.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from urllib.parse import quote, unquote

from lxml import etree, html

from core.model import Page
from core.site import Layout, Section, Site
from core.text import tidy
from core.urls import absolute, rebased, split
from pipelines.blocks import own_blocks
from pipelines.classify import is_challenge
from pipelines.dates import foreign_date, pattern_of
from pipelines.decode import decoded

_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
_SPOKEN = frozenset({"alt", "title", "aria-label", "placeholder", "value", "label", "summary", "content"})
_ADDRESSES = frozenset({"href", "src", "action", "poster", "cite", "content"})
_TECHNICAL = re.compile(r"(?i)viewport|charset|robots|generator|time|date|locale|type|theme-color|verification")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?")
_OPEN = re.compile(r"(?<!\\)(\.|\\w|\\S|\[\^)[*+{]")  # where a pattern lets any words in
_JOINING = frozenset({"and", "by", "និង"})
"""Words by which names are told apart."""
_SLUG_WORDS = 3
_LEAST_SENTENCE = 4  # words
_LONGEST_LINE = 200  # characters; a line that a pattern names is shorter


@dataclass(frozen=True, slots=True)
class Invention:
    """Replaces words by made-up ones, each always by the same."""

    salt: bytes
    site: Site

    def page(self, page: Page) -> Page:
        """Return the page with made-up words, in UTF-8, at a made-up address. Scripts and comments are gone.

        A challenge holds nobody's words and is told by its own: it stays.
        """
        if is_challenge(page):
            return replace(page, url=self.address(page.url), requested_url="")
        tree = _opened(page)
        kept = frozenset(_kept_lines(tree, self.site))
        for element in list(tree.iter(etree.Element)):
            self._replace(element, kept, page.url)
        body = b"<!DOCTYPE html>\n" + html.tostring(tree, encoding="utf-8")
        url = self.address(page.url)
        return replace(page, url=url, requested_url="", body=body, headers={"content-type": "text/html; charset=utf-8"})

    def text(self, text: str, spared: frozenset[str] = frozenset()) -> str:
        """Return a text with its words replaced; dates in the site's formats, its title and words spared stay."""
        spans = [span for pattern in _date_patterns(self.site) for span in _spans(pattern, text)]
        spans += _spans(re.compile(re.escape(self.site.title), re.IGNORECASE), text)
        out, end = [], 0
        # Of those that begin together the longest: a date with its time before the day alone.
        for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= end:
                out += [self._words(text[end:start], spared), text[start:stop]]
                end = stop
        return "".join([*out, self._words(text[end:], spared)])

    def address(self, url: str) -> str:
        """Return an address with the words of its slug replaced; host, sections and figures stay."""
        parts = split(url)
        path = parts.path if parts else url.partition("?")[0].partition("#")[0]
        if path.count("/") == 0 and not parts:
            return url
        new = "/".join(map(self._segment, path.split("/")))
        return url.replace(path, new, 1) if path else url

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        stem, dot, ending = plain.rpartition(".")
        name = stem if dot and len(ending) <= 4 else plain  # noqa: PLR2004  # jpeg
        has_words = len([word for word in re.split(r"[-_ ]", name) if word.isalpha()]) >= _SLUG_WORDS
        if plain in _sections(self.site) or (not has_words and plain.isascii()):
            return segment
        return quote(self._words(name) + plain[len(name) :])

    def _words(self, text: str, spared: frozenset[str] = frozenset()) -> str:
        pieces = ("".join(group) for _, group in groupby(text, key=_is_of_a_word))
        stay = spared | _JOINING
        return "".join(
            self._word(piece) if _is_of_a_word(piece[0]) and piece.casefold() not in stay else piece for piece in pieces
        )

    def _word(self, word: str) -> str:
        if len(word) == 1 and word.isascii():
            return word
        for attempt in range(100):
            seed = hashlib.sha256(self.salt + word.casefold().encode() + bytes([attempt])).digest()
            made = "".join(_other(character, seed[index % len(seed)]) for index, character in enumerate(word))
            if made.casefold() != word.casefold():
                return made
        return word

    def _replace(self, element: html.HtmlElement, kept: frozenset[str], page_url: str) -> None:
        if element.tag in {"script", "style", "noscript", "template", "iframe"}:
            self._replace_script(element)
        elif element.text and tidy(element.text):
            element.text = self._piece(element, element.text, kept)
        parent = element.getparent()
        if element.tail and tidy(element.tail) and parent is not None:
            element.tail = self._piece(parent, element.tail, kept)
        for name, value in element.items():
            if new := self._attribute(element, str(name), str(value), page_url):
                element.set(name, new)
            elif str(name).startswith(("data-", "on", "srcset", "style")):
                del element.attrib[name]

    def _piece(self, element: html.HtmlElement, text: str, kept: frozenset[str]) -> str:
        lines = {tidy(text), tidy(element.text_content())}
        if lines & kept:
            return text
        loose = (pattern for pattern in _loose_patterns(self.site) if any(map(pattern.fullmatch, lines)))
        return self.text(text, frozenset(word for pattern in loose for word in _literals(pattern)))

    def _replace_script(self, element: html.HtmlElement) -> None:
        text, element.text = element.text or "", None
        for child in list(element):
            element.remove(child)
        if element.tag == "script" and element.get("type") == "application/ld+json":
            try:
                element.text = json.dumps(self._value(json.loads(text)), ensure_ascii=False)
            except ValueError:
                return

    def _value(self, value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {each: self._value(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, key) for inner in value]
        if not isinstance(value, str) or key.startswith("@") or _MOMENT.fullmatch(value):
            return value
        return self.address(value) if split(value) else self.text(value)

    def _attribute(self, element: html.HtmlElement, name: str, value: str, page_url: str) -> str:
        """Return what stands in place of an attribute's value, an empty text where it stays or goes."""
        is_meta = element.tag == "meta"
        if is_meta and _TECHNICAL.search(" ".join(str(element.get(key) or "") for key in ("name", "property"))):
            return ""
        if name in _ADDRESSES and (not is_meta or split(value)):
            return self.address(value) if rebased(self.site, absolute(value, page_url)) or "/" in value else ""
        if name not in _SPOKEN or _MOMENT.fullmatch(value):
            return ""
        return self.text(value, frozenset(_words_in_selectors(self.site)))


def _kept_lines(tree: html.HtmlElement, site: Site) -> Iterator[str]:
    """Yield the lines of a page that the description of its site looks for by their words, and lines that are dates."""
    patterns = tuple(_exact_patterns(site))
    language = str(tree.get("lang") or "").partition("-")[0]
    for line in own_blocks(tree):
        is_mark = len(line) <= _LONGEST_LINE and any(pattern.fullmatch(line) for pattern in patterns)
        if is_mark or foreign_date(line, language, site.tz):
            yield line


def sentences_kept(original: Page, made: Page, site: Site) -> tuple[str, ...]:
    """Return the lines of four words and more that stand in both pages, but those that the site's file vouches for."""
    if is_challenge(original):
        return ()
    before, after = _opened(original), frozenset(own_blocks(_opened(made)))
    known = {*_kept_lines(before, site), site.title}
    return tuple(
        line
        for line in dict.fromkeys(own_blocks(before))
        if len(line.split()) >= _LEAST_SENTENCE
        and line in after
        and line not in known
        and not any(_spans(pattern, line) for pattern in _date_patterns(site))
    )


def _opened(page: Page) -> html.HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    return html.document_fromstring(decoded(page).encode(), parser=parser)


def _exact_patterns(site: Site) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of lines that are known word for word."""
    yield from (pattern for pattern in _patterns(site) if not _OPEN.search(pattern.pattern))


def _loose_patterns(site: Site) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of lines in which other words may stand."""
    yield from (pattern for pattern in _patterns(site) if _OPEN.search(pattern.pattern))


def _patterns(site: Site) -> Iterator[re.Pattern[str]]:
    for layout in site.layouts:
        named = (layout.ends_at, layout.notes_after, *layout.when_text, layout.byline_text)
        yield from (pattern for pattern in (*named, *layout.drop_text) if pattern)


def _sections(site: Site) -> frozenset[str]:
    """Return the parts of addresses that say under what a story is filed."""
    named = (name for way in site.discovery if isinstance(way, Section) for name in way.sections)
    return frozenset((*site.kinds, *named))


def _words_in_selectors(site: Site) -> Iterator[str]:
    """Yield the words that selectors look for in attributes ([alt^="Content image"])."""
    for layout in site.layouts:
        for selector in (
            layout.when,
            layout.title,
            layout.byline,
            layout.section,
            layout.tags,
            *layout.body,
            *layout.drop,
        ):
            for quoted in re.findall(r"""=\s*["']([^"']+)["']""", selector):
                yield from (word.casefold() for word in re.findall(r"[^\W\d_]{2,}", quoted))


def _literals(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield the words that a pattern holds as they are written."""
    bare = re.sub(r"\\.|\(\?P?<?\w*[>:)]?", " ", pattern.pattern)
    yield from (word.casefold() for word in re.findall(r"[^\W\d_]{2,}", bare))


def _date_patterns(site: Site) -> Iterator[re.Pattern[str]]:
    yield from (pattern_of(form) for form in dict.fromkeys(_formats(site.layouts)))
    yield from (layout.paywall for layout in site.layouts if layout.paywall)


def _formats(layouts: Iterable[Layout]) -> Iterator[str]:
    for layout in layouts:
        yield from layout.date.formats if layout.date else ()


def _spans(pattern: re.Pattern[str], text: str) -> Iterable[tuple[int, int]]:
    return [found.span() for found in pattern.finditer(text)]


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def _other(character: str, chance: int) -> str:
    """Return another letter of the same kind and case; what is no letter stays."""
    lower = character.lower()
    for letters in (_VOWELS, _CONSONANTS + "y"):
        if lower in letters:
            made = letters[chance % len(letters)]
            return made.upper() if character.isupper() else made
    letters = _letters_beside(character)
    return letters[chance % len(letters)] if letters else character


@lru_cache(maxsize=4096)
def _letters_beside(character: str) -> str:
    """Return the letters of a character's own script and category that stand near it."""
    category = unicodedata.category(character)
    if not category.startswith("L"):
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    near: Callable[[int], str] = chr
    start = max(0, ord(character) - 40)
    return "".join(
        each
        for each in map(near, range(start, start + 80))
        if unicodedata.category(each) == category and unicodedata.name(each, "").startswith(script)
    )
