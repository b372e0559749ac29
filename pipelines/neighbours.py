"""Furniture by corpus: lines of a text that are another item's headline or summary, or stand on page after page. Pure.

Whatever the markup: what the corpus has learnt of a site's lines decides (`core.health.Heard`). A paragraph of the
article is never dropped for recurring once, and one of background, which recurs in stories on one matter, is kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from core.health import HEADLINE_OPENING, TEASER_OPENING, Heard
from core.model import Draft
from core.text import normalised, opening
from pipelines.stretches import Ask, begun, is_headline, theirs, whole

_LABEL = re.compile(r"^[^:：៖|»–—►▶]{2,40}\s*[:：៖|»–—►▶]\s*(?=\S)")
# Of a list of what is most read, or a time.
_NUMBER = re.compile(r"^[\W_]*(?:\d{1,3}(?:[.:/]\d\d)?(?:\s?[ap]\.?m\.?)?[.)\s]+){0,2}")
_WHEN = re.compile(r"\s*[-–—|•·(]?\s*(?:\d{1,2} \w{3,9},? \d{4}|\w{3,9} \d{1,2},? \d{4}|\d{4}-\d\d-\d\d).{0,20}$")
_DATED = 48  # characters
_CUT = re.compile(r"(?:…|\.{3})\s*(?:[^\W\d_][^.!?។…]{0,18})?$")  # with or without "read more" behind
_MORE = re.compile(r"\s*(?:(?:…|\.{3})\s*\S{0,20}|(?<=[.!?។\s])[^\s.!?។]{4,20}\s*)$")
_TAIL = 26  # characters behind a summary, in which an ask to read on stands, in any language
_TEASER = 360  # characters
_PAIR = 480  # characters of a headline with its summary in one line
_FIRST = re.compile(r"([^.!?។]{20,200}?)\s*(?:[.!?។|]|\s[–—-])\s+(?=\S)")
_SENTENCE = re.compile(r".*[.!?…,;។៕。！？؟۔][\"”’»)\]]*", re.DOTALL)
SEVERAL = 3
"""Other texts on which a line stands that is said to recur: one on fewer may be quoted."""
_FADES = timedelta(days=60)  # after which a line that stood on no text is no furniture of that day's pages
_MOST = 0.6  # of a text's characters: what would lose more is about its neighbours, a round-up
HEADLINE, TEASER, RECURS = "headline of another item", "summary of another item", "recurs on many pages"


@dataclass(frozen=True, slots=True)
class _Limits:
    """On how many other texts, and on what share of all, a line has to stand to be furniture."""

    pages: int
    share: float


# Three pages of a host are what measuring on saved pages of other publishers showed to be enough for lines at the edges
# of a text; a sentence is more often the article's own, and within a layout's body everything is.
_LINE = _Limits(SEVERAL, 0.0)
_SENTENCES = _Limits(8, 0.3)
_WITHIN = _Limits(8, 0.5)
_VOUCHED_FOR = _Limits(20, 0.8)


@dataclass(frozen=True, slots=True)
class Sifted:
    """A draft without its neighbours' words, what was dropped and by which rule, and the paragraphs that recur."""

    draft: Draft
    dropped: tuple[tuple[str, str], ...] = ()
    recurring: tuple[int, ...] = ()


def spellings(line: str) -> tuple[str, ...]:
    """Return what to ask the corpus of a line: itself, and without a number, time or label before it, a date behind.

    Of a line of a few sentences the first is asked about as well: it may be a headline with its summary behind it.
    """
    unnumbered = _NUMBER.sub("", line, count=1)
    unlabelled = _LABEL.sub("", line, count=1)
    plain = dict.fromkeys((line, unnumbered, unlabelled))
    found = (*plain, *map(_undated, plain))
    begins = (opening(line, HEADLINE_OPENING), opening(unlabelled, HEADLINE_OPENING)) if _CUT.search(line) else ()
    first = _FIRST.match(line) if len(line) <= _PAIR else None
    begins = (*begins, first[1]) if first else begins
    begins = (*begins, opening(line, TEASER_OPENING), _without_more(line))
    return tuple(dict.fromkeys(each for each in (*found, *begins) if each))


def heard_of(lines: Iterable[str], ask: Ask) -> dict[str, Heard]:
    """Return what is heard of lines and of what stands in them: all that `sifted`, `own_words` and `leaks` need.

    The corpus is asked twice: for the lines and for where a headline may begin in them, then for whole ones from there.
    """
    known = tuple(dict.fromkeys(lines))
    first = dict.fromkeys((*(each for line in known for each in spellings(line)), *begun(known)))
    heard = dict(ask([*first]))
    then = [text for text in dict.fromkeys(whole(known, heard)) if text not in first]
    return heard | dict(ask(then)) if then else heard


def sifted(draft: Draft, heard: Mapping[str, Heard], fetched_at: datetime, *, is_held: bool = False) -> Sifted:
    """Return a draft without the lines that are not its own, by what `heard_of` tells of its lines.

    is_held: the corpus has counted these lines once already, for the draft's own page.
    """
    sieve = _Sieve(draft, heard, fetched_at, own=int(is_held))
    rules = sieve.rules()
    lines = draft.paragraphs
    gone = sum(len(lines[index]) for index in rules)
    if gone > _MOST * sum(map(len, lines)):
        rules = {}
    kept = [index for index in range(len(lines)) if index not in rules]
    recurring = tuple(place for place, index in enumerate(kept) if sieve.recurs(index))
    if not rules:
        return Sifted(draft, recurring=recurring)
    left = tuple(lines[index] for index in kept)
    dropped = tuple((lines[index], rule) for index, rule in sorted(rules.items()))
    return Sifted(replace(draft, paragraphs=left), dropped, recurring)


def own_words(lines: Iterable[str], heard: Mapping[str, Heard], key: str) -> tuple[str, ...]:
    """Return the lines that are nobody else's and do not recur, normalised: by these an edit is told from furniture."""
    return tuple(
        normalised(line)
        for line in lines
        if not ((found := _merged(line, heard, key)).pages > SEVERAL or _others(found.headline_of, key))
    )


def leaks(lines: Iterable[str], key: str, heard: Mapping[str, Heard]) -> Iterator[str]:
    """Yield the lines of a text that are another item's headline, or of which such headlines are most."""
    for line in lines:
        if _others(_merged(line, heard, key).headline_of, key):
            yield line


class _Sieve:
    def __init__(self, draft: Draft, heard: Mapping[str, Heard], fetched_at: datetime, own: int) -> None:
        self._lines = draft.paragraphs
        self._key = draft.key
        self._has_layout = bool(draft.layout)
        self._own = own
        found = [_merged(line, heard, draft.key) for line in self._lines]
        self._heard = [_bare(each) if _is_faded(each, fetched_at) else each for each in found]
        self._rules: dict[int, str] = {}

    def rules(self) -> dict[int, str]:
        """Return the rule that drops each line which is dropped, by the line's number."""
        for index, found in enumerate(self._heard):
            if _others(found.headline_of, self._key):
                self._rules[index] = HEADLINE
        for index in list(self._rules):
            self._drop_teaser(index)
        self._drop_between()
        numbers = range(len(self._lines))
        self._drop_from_edge(numbers, is_tail=False)
        self._drop_from_edge(reversed(numbers), is_tail=True)
        within = _VOUCHED_FOR if self._has_layout else _WITHIN
        for index in numbers:
            if self._is_often(index, within) and not _is_sentence(self._lines[index]):
                self._rules.setdefault(index, RECURS)
        return self._rules

    def recurs(self, index: int) -> bool:
        """Return whether a line stands on several other texts."""
        return self._heard[index].pages - self._own >= SEVERAL

    def _drop_teaser(self, index: int) -> None:
        """Drop the summary that stands under, or over, a headline, if it is that of the same item."""
        keys = _others(self._heard[index].headline_of, self._key)
        for beside in (index + 1, index - 1):
            if 0 <= beside < len(self._lines) and self._heard[beside].teaser_of & keys:
                self._rules.setdefault(beside, TEASER)

    def _drop_between(self) -> None:
        """Drop the lone paragraphs between the headlines of other items: in such a list each has its summary."""
        heads = [index for index, rule in self._rules.items() if rule == HEADLINE]
        pairs = [
            above + 1
            for above, below in pairwise(heads)
            if below == above + 2 and above + 1 not in self._rules and len(self._lines[above + 1]) <= _TEASER
        ]
        last = len(self._lines) - 1
        is_list = bool(pairs) or any(self._rules.get(head + 1) == TEASER for head in heads[:-1])
        if is_list and heads and heads[-1] == last - 1 and len(self._lines[last]) <= _TEASER:
            pairs.append(last)
        for index in pairs:
            self._rules.setdefault(index, TEASER)
        for index in range(1, last):
            # A story may repeat what the one before it began with; between dropped lines that is a card.
            if {index - 1, index + 1} <= self._rules.keys() and _others(self._heard[index].teaser_of, self._key):
                self._rules.setdefault(index, TEASER)

    def _drop_from_edge(self, order: Iterable[int], *, is_tail: bool) -> None:
        for index in order:
            if index in self._rules:
                continue
            # An article's own lead may be another's summary too. Below its end it is theirs; within a layout's body
            # only beside what is theirs for certain.
            is_below = is_tail and (index + 1 in self._rules or (not self._has_layout and self._is_listed(index)))
            is_theirs = is_below and bool(_others(self._heard[index].teaser_of, self._key))
            if not (is_theirs or self._is_edge_furniture(index)):
                return
            self._rules[index] = TEASER if is_theirs else RECURS

    def _is_listed(self, index: int) -> bool:
        """Return whether a summary at the end of a text was cut or has others beside it.

        One that is a whole sentence, alone, may be the text's own: stories repeat what the one before began with.
        """
        line, above = self._lines[index], max(index - 1, 0)
        is_whole = _is_sentence(line) and not _CUT.search(line)
        return not is_whole or above in self._rules or bool(_others(self._heard[above].teaser_of, self._key))

    def _is_edge_furniture(self, index: int) -> bool:
        if self._has_layout:
            return self._is_often(index, _VOUCHED_FOR)
        return self._is_often(index, _SENTENCES if _is_sentence(self._lines[index]) else _LINE)

    def _is_often(self, index: int, limits: _Limits) -> bool:
        found = self._heard[index]
        return found.pages - self._own >= limits.pages and found.share >= limits.share


def _merged(line: str, heard: Mapping[str, Heard], key: str) -> Heard:
    """Return what is heard of a line in all its spellings, and within it; counts are those of the line as it is."""
    plain = heard.get(line, Heard())
    heads = frozenset[str]()
    for spelling in spellings(line):
        if is_headline(spelling) and (found := heard.get(spelling)):
            heads |= found.headline_of
    heads = heads or theirs(line, heard, key)
    cut = (heard.get(text, Heard()).teaser_of for text in (opening(line, TEASER_OPENING), _without_more(line)))
    return replace(plain, headline_of=heads, teaser_of=plain.teaser_of.union(*cut))


def _undated(line: str) -> str:
    """Return a line without a date at its end, which is looked for there alone: it is asked of every line."""
    tail = line[-_DATED:]
    return line[:-_DATED] + _WHEN.sub("", tail) if any(map(str.isdigit, tail)) else ""


def _without_more(line: str) -> str:
    """Return a line without an ask to read on behind it; empty where there is none, or it is too long for a summary."""
    if len(line) > _TEASER:
        return ""
    left = line[:-_TAIL] + _MORE.sub("", line[-_TAIL:])
    return "" if left == line else left


def _is_sentence(line: str) -> bool:
    return _SENTENCE.fullmatch(line) is not None


def _bare(found: Heard) -> Heard:
    return replace(found, pages=0, share=0.0)


def _is_faded(found: Heard, fetched_at: datetime) -> bool:
    return found.last_at is not None and fetched_at > found.last_at + _FADES


def _others(keys: frozenset[str], own: str) -> frozenset[str]:
    """Return the other items that have a line; none where it is the item's own as well."""
    return frozenset() if own in keys else keys
