"""Which quotations came and went between two states of a text. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from core.edits import Change, Edit
from pipelines.edits_matching import matching
from pipelines.edits_pieces import Kind, pieces

_LEAST = 4  # words: fewer in quotation marks are a term or a title
_LEAST_SIGNS = 8
_CHANCE = 2  # words: so many in a row stand in two quotations by chance
_SAME = 0.5  # of the words of the shorter: a quotation that was only edited has these
_DOUBLE = re.compile(r"[\"“„«]([^\"“”„«»]+)(?:[\"”“»]|$)")
_SINGLE = re.compile(r"(?<![\w.,!?])['‘‹](?=\w)((?:[^'‘’]|(?<=\w)['’](?=\w))+)['’](?!\w)")


def quotations(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Yield the quotations of at least four words that only one state has; one that was edited is in both.

    Nor did one come or go whose words stand in the other state without marks of quotation, or with them elsewhere.
    """
    both = set(before) & set(after)
    old, new = (_Speech(text for text in side if text not in both) for side in (before, after))
    kept = _Speech(text for text in before if text in both)
    for words, run in new.quoted:
        if not old.holds(run) and not kept.holds(run):
            yield Change(Edit.QUOTATION_ADDED, "", words)
    for words, run in old.quoted:
        if not new.holds(run) and not kept.holds(run):
            yield Change(Edit.QUOTATION_REMOVED, words, "")


class _Speech:
    """What is said in paragraphs, and all their words."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._texts = list(paragraphs)
        self.quoted = [found for text in self._texts for found in _quoted(text)]

    @cached_property
    def _words(self) -> str:
        return f" {' '.join(word for text in self._texts for word in _words(text))} "

    def holds(self, run: list[str]) -> bool:
        """Return whether a quotation stands here, perhaps edited."""
        return f" {' '.join(run)} " in self._words or any(_is_edit(run, other) for _, other in self.quoted)


def _quoted(text: str) -> Iterator[tuple[str, list[str]]]:
    found: Iterable[re.Match[str]] = list(_DOUBLE.finditer(text)) or _SINGLE.finditer(text)
    for match in found:
        row = [piece for piece in pieces(match[1]) if piece.kind is not Kind.MARK]
        is_unspaced = any(piece.kind is Kind.SIGN for piece in row)
        if len(row) >= (_LEAST_SIGNS if is_unspaced else _LEAST):
            yield match[0], [piece.folded for piece in row]


def _words(text: str) -> list[str]:
    return [piece.folded for piece in pieces(text) if piece.kind is not Kind.MARK]


def _is_edit(one: list[str], other: list[str]) -> bool:
    """Return whether two quotations have half of the shorter's words in common, in runs that are no chance."""
    if not set(one) & set(other):
        return False
    shared = sum(length for _, _, length in matching(one, other) if length > _CHANCE)
    return shared >= _SAME * min(len(one), len(other))
