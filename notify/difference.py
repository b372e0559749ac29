"""Two revisions of an article as an alert shows them: the paragraphs that differ, word by word. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.edits import Change
from core.model import Revision
from core.text import shortened
from notify.phrases import scrubbed
from pipelines.edits import edits_in, state_of
from pipelines.edits_comparison import Op, Passage, compared

_PARAGRAPHS = 6  # that differ; of the others is said how many there are
_CHANGED = 600  # characters of words that came or went in a row
_CONTEXT = 90  # characters that are kept, on either side of what changed


class Fate(StrEnum):
    """What became of words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that one thing became of."""

    text: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class Difference:
    """What an edit changed: the edits by name, the headline and paragraphs that differ; more counts those left out."""

    changes: tuple[Change, ...]
    paragraphs: tuple[tuple[Run, ...], ...]
    more: int


def difference(before: Revision, after: Revision) -> Difference:
    """Hold two revisions of an article against one another."""
    old, new = state_of(before), state_of(after)
    passages = [*compared(old.paragraphs, new.paragraphs), *compared(old.notes, new.notes)]
    differing = [each for each in (*compared([old.title], [new.title]), *passages) if not each.is_all(Op.KEPT)]
    shown = tuple(tuple(_runs(each)) for each in differing[:_PARAGRAPHS])
    return Difference(edits_in(passages, old, new), shown, len(differing) - len(shown))


def _runs(passage: Passage) -> Iterator[Run]:
    last = len(passage.spans) - 1
    for place, span in enumerate(passage.spans):
        space = " " if span.is_spaced and place else ""
        text = scrubbed(span.text)
        if span.op is Op.KEPT:
            yield Run(space + _context(text, is_first=place == 0, is_last=place == last), Fate.KEPT)
        else:
            if space:
                yield Run(space, Fate.KEPT)
            yield Run(shortened(text, _CHANGED), _FATES[span.op])


_FATES = {Op.GONE: Fate.GONE, Op.NEW: Fate.NEW}


def _context(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return what is kept beside what changed; the middle of a long stretch is left out."""
    head = "" if is_first else shortened(text, _CONTEXT)
    tail = "" if is_last else _tail(text, _CONTEXT)
    if is_first or is_last:
        return head or tail
    return text if len(text) <= 2 * _CONTEXT else f"{head} {tail}"


def _tail(text: str, length: int) -> str:
    return text if len(text) <= length else "…" + text[-length:].split(" ", 1)[-1]
