"""What a publisher changed, in words: from two states of an article to labels with the words that show them. Pure.

What reads the same is no edit: white space, quotation marks and dashes of another kind, letters composed or not,
ligatures, soft hyphens, a paragraph split or joined, a number's grouping.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile

from core.edits import Change, Edit, State
from core.model import Revision
from core.text import shortened
from pipelines.edits_comparison import Op, Passage, Span, compared
from pipelines.edits_corrections import is_correction_note
from pipelines.edits_names import LITTLE, Names
from pipelines.edits_pieces import Kind, Piece, pieces
from pipelines.edits_quotations import quotations
from pipelines.edits_words import Run, labels_of

_EVIDENCE = 160  # characters of words that are shown, on either side
_ENOUGH = 5000  # changes of words that are looked at: nobody reads what comes behind them
_MOST = 5  # changes of one label that are shown
_KEPT = 0.35  # of the letters of the shorter state: of a text told anew less stands in order
_ALIKE = 0.3  # of the words of a paragraph that went: one that has these in its place is told anew, no other paragraph
_NAME = 4  # words, or signs, on either side that may belong to a name
_LEAST = 60  # letters that a text has of which it can be said that it was rewritten


def edits(before: State, after: State) -> tuple[Change, ...]:
    """Return what was edited between two states, each label with at most five pieces of evidence; none for nothing.

    The order is that of Edit. Of a text that was rewritten only that, its headline and correction notes are told.
    """
    passages = [*compared(before.paragraphs, after.paragraphs), *compared(before.notes, after.notes)]
    return edits_in(passages, before, after)


def edits_in(passages: Sequence[Passage], before: State, after: State) -> tuple[Change, ...]:
    """Return what was edited between two states, as edits does, from their paragraphs and notes as compared."""
    names = Names([*before.paragraphs, *after.paragraphs])
    found = [*_headline(before.title, after.title), *_notes(passages)]
    if _is_rewrite(passages):
        found.append(_change(Edit.REWRITE, _words(passages, Op.GONE), _words(passages, Op.NEW)))
    else:
        found += _of_paragraphs(passages)
        speech = list(quotations(before.paragraphs, after.paragraphs))
        found += speech
        said = [each.before or each.after for each in speech]
        edited = [each for each in passages if not each.is_moved and not _is_other(each)]
        found += islice((change for each in edited for change in _of_words(each, names, said)), _ENOUGH)
        found = found or list(_remainder(passages))
    return tuple(_bounded(found))


def state_of(revision: Revision) -> State:
    """Return what a page showed in a revision."""
    return State(revision.title, tuple(revision.text.splitlines()), revision.notes)


def _remainder(passages: Iterable[Passage]) -> Iterator[Change]:
    """Yield as wording what no rule has a name for."""
    for each in passages:
        if not each.is_all(Op.KEPT) and each.text(Op.GONE) != each.text(Op.NEW):
            yield Change(Edit.WORDING, each.text(Op.GONE), each.text(Op.NEW))


def _bounded(found: Iterable[Change]) -> Iterator[Change]:
    by_label: dict[Edit, dict[Change, None]] = defaultdict(dict)
    for each in found:
        by_label[each.label][_change(each.label, each.before, each.after)] = None
    for label in Edit:
        yield from list(by_label[label])[:_MOST]


def _change(label: Edit, before: str, after: str) -> Change:
    return Change(label, shortened(before, _EVIDENCE), shortened(after, _EVIDENCE))


def _headline(before: str, after: str) -> Iterator[Change]:
    if [piece.folded for piece in pieces(before)] != [piece.folded for piece in pieces(after)]:
        yield Change(Edit.HEADLINE, before, after)


def _notes(passages: Iterable[Passage]) -> Iterator[Change]:
    for passage in passages:
        is_new = not passage.is_moved and any(span.op is Op.NEW for span in passage.spans)
        if is_new and is_correction_note(passage.text(Op.NEW)) and not is_correction_note(passage.text(Op.GONE)):
            yield Change(Edit.CORRECTION, "", passage.text(Op.NEW))


def _is_rewrite(passages: Iterable[Passage]) -> bool:
    passages = list(passages)
    kept, gone, new = (sum(each.size(op) for each in passages) for op in (Op.KEPT, Op.GONE, Op.NEW))
    kept += min(sum(each.size(op) for each in passages if each.is_moved) for op in (Op.GONE, Op.NEW))
    shorter = kept + min(gone, new)
    return shorter >= _LEAST and kept < _KEPT * shorter


def _words(passages: Iterable[Passage], op: Op) -> str:
    return " ".join(text for each in passages if (text := each.text(op)))


def _of_paragraphs(passages: Sequence[Passage]) -> Iterator[Change]:
    """Yield the paragraphs that came, went or were put elsewhere; a correction note is told as one alone."""
    for is_other, group in groupby(passages, key=_is_other):
        row = list(group) if is_other else []
        gone = [text for each in row if each.is_mostly(Op.GONE) and (text := each.text(Op.GONE))]
        for each in row:
            text = each.text(Op.NEW)
            if not each.is_mostly(Op.NEW) or not text or is_correction_note(text):
                continue
            old = max(gone, key=lambda other: _likeness(other, text), default="")  # used at once
            if old and _likeness(old, text) >= _ALIKE:
                gone.remove(old)
                yield Change(Edit.WORDING, old, text)
            else:
                yield Change(Edit.PARAGRAPH_ADDED, "", text)
        for text in gone:
            yield Change(Edit.PARAGRAPH_REMOVED, text, "")
    for each in passages:
        if each.is_moved and each.is_mostly(Op.NEW):
            yield Change(Edit.WORDING, each.text(Op.NEW), each.text(Op.NEW))


def _is_other(passage: Passage) -> bool:
    """Return whether a paragraph came or went, or has so few words of what stood there that it did as good as that."""
    return not passage.is_moved and (passage.is_mostly(Op.GONE) or passage.is_mostly(Op.NEW))


def _likeness(one: str, other: str) -> float:
    """Return the share of words that two paragraphs have in common, wherever they stand, of the shorter's."""
    words = [Counter(piece.folded for piece in pieces(text) if piece.kind is not Kind.MARK) for text in (one, other)]
    least = min(sum(counted.values()) for counted in words)
    return sum((words[0] & words[1]).values()) / least if least else 0.0


def _of_words(passage: Passage, names: Names, said: Sequence[str]) -> Iterator[Change]:
    spans = passage.spans
    at = 0
    for is_kept, group in groupby(spans, key=lambda span: span.op is Op.KEPT):
        row = list(group)
        head, tail = spans[at - 1 : at], spans[at + len(row) : at + len(row) + 1]
        at += len(row)
        if is_kept:
            continue
        change = _Words.of(row, head, tail)
        if change.is_one_sided and is_correction_note(change.new):
            continue
        if change.is_one_sided and any(words in (change.gone or change.new) for words in said):
            continue  # it is told as a quotation
        for label in {Edit.TYPO} if change.is_stutter else labels_of(*change.runs, names):
            yield Change(label, *change.evidence(label, names))


@dataclass(frozen=True, slots=True)
class _Words:
    """Words in place of others: both, and what is kept right before and behind them."""

    gone: str
    new: str
    runs: tuple[Run, Run]
    before: Run
    behind: Run

    @classmethod
    def of(cls, row: Sequence[Span], head: Sequence[Span], tail: Sequence[Span]) -> "_Words":
        """Return the words of spans in a row, none of them kept, between two that are."""
        sides = tuple([span for span in row if span.op is op] for op in (Op.GONE, Op.NEW))
        gone, new = (" ".join(span.text for span in side) for side in sides)
        runs = tuple(tuple(piece for span in side for piece in span.run) for side in sides)
        kept = tuple(span.run for span in (*head, *tail))
        return cls(gone, new, (runs[0], runs[1]), kept[0] if head else (), kept[-1] if tail else ())

    @property
    def is_one_sided(self) -> bool:
        """Return whether words only came, or only went."""
        return not (self.gone and self.new)

    @property
    def is_stutter(self) -> bool:
        """Return whether all that came or went is a word that stands beside it once more."""
        run = self.runs[0] or self.runs[1]
        is_alone = self.is_one_sided and len(run) == 1 and run[0].kind is Kind.WORD
        beside = (*self.before[-1:], *self.behind[:1])
        return is_alone and any(piece.folded == run[0].folded for piece in beside)

    def evidence(self, label: Edit, names: Names) -> tuple[str, str]:
        """Return the words before and after; a name with the rest of it, a number with what it counts."""
        if label is Edit.NAME:
            left, right = _named(self.before[::-1], names)[::-1], _named(self.behind, names)
        elif label is Edit.NUMBER:
            left, right = (), tuple(piece for piece in self.behind[:1] if _is_counted(piece))
        else:
            return self.gone, self.new
        return _with(left, self.gone, right), _with(left, self.new, right)


def _is_counted(piece: Piece) -> bool:
    return piece.kind is Kind.WORD and piece.folded not in LITTLE


def _named(run: Run, names: Names) -> Run:
    return tuple(takewhile(names.holds, run[:_NAME]))


def _with(left: Run, words: str, right: Run) -> str:
    joint = " " if all(piece.kind is Kind.WORD for piece in (*left, *right)) else ""
    parts = (joint.join(piece.key for piece in left), words, joint.join(piece.key for piece in right))
    return joint.join(part for part in parts if part)
