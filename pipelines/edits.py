"""What a publisher changed, in words: from two states of an article to labels with the words that show them. Pure.

What reads the same is no edit: white space, quotation marks and dashes of another kind, letters composed or not,
ligatures, soft hyphens, a paragraph split or joined, a number's grouping.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from core.edits import Change, Edit, State
from core.text import shortened
from pipelines.edits_comparison import Op, Passage, compared
from pipelines.edits_corrections import is_correction_note
from pipelines.edits_names import Names
from pipelines.edits_pieces import Kind, pieces
from pipelines.edits_quotations import quotations
from pipelines.edits_words import labels_of

_EVIDENCE = 160  # characters of words that are shown, on either side
_MOST = 5  # changes of one label that are shown
_KEPT = 0.35  # of the letters of the shorter state: of a text told anew less stands in order
_ALIKE = 0.3  # of the words of a paragraph that went: one that has these in its place is told anew, no other paragraph
_LEAST = 60  # letters that a text has of which it can be said that it was rewritten


def edits(before: State, after: State) -> tuple[Change, ...]:
    """Return what was edited between two states, each label with at most five pieces of evidence; none for nothing.

    The order is that of Edit. Of a text that was rewritten only that, its headline and correction notes are told.
    """
    names = Names([*before.paragraphs, *after.paragraphs])
    passages = [*compared(before.paragraphs, after.paragraphs), *compared(before.notes, after.notes)]
    found = [*_headline(before.title, after.title), *_notes(passages)]
    if _is_rewrite(passages):
        found.append(_change(Edit.REWRITE, _words(passages, Op.GONE), _words(passages, Op.NEW)))
    else:
        found += _of_paragraphs(passages)
        speech = list(quotations(before.paragraphs, after.paragraphs))
        found += speech
        said = [each.before or each.after for each in speech]
        edited = [each for each in passages if not each.is_moved and not _is_other(each)]
        found += [change for each in edited for change in _of_words(each, names, said)]
        found = found or list(_remainder(passages))
    return tuple(_bounded(found))


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


def _of_paragraphs(passages: list[Passage]) -> Iterator[Change]:
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
    for is_kept, group in groupby(passage.spans, key=lambda span: span.op is Op.KEPT):
        if is_kept:
            continue
        row = list(group)
        sides = tuple([span for span in row if span.op is op] for op in (Op.GONE, Op.NEW))
        gone, new = (" ".join(span.text for span in side) for side in sides)
        if not gone and is_correction_note(new):
            continue
        if not (gone and new) and any(words in (gone or new) for words in said):
            continue  # it is told as a quotation
        runs = tuple([piece for span in side for piece in span.run] for side in sides)
        for label in labels_of(runs[0], runs[1], names):
            yield Change(label, gone, new)
