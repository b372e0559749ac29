"""What a change of a few words is: of a number, of a name, of letters, or of what is said. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

from core.edits import Edit
from pipelines.edits_names import Names
from pipelines.edits_numbers import is_number, values
from pipelines.edits_pieces import Kind, Piece

_LONG = 6  # letters: in a word of so many two may be wrong
_SHORT = 3  # letters: in a word of fewer another letter makes another word
_SIGNS = 3  # a typing error in an unspaced script touches no more signs
_LETTERS = 2
_SUFFIXES = frozenset(("ed", "es", "er", "ly", "en", "al"))
# Words that differ by a letter and are not mistaken for one another: to put one for the other changes what is said.
_APART_WORDS = (
    "has had have was were are is been being the this that these those they them then than there their for from "
    "not now new will would can could may might must should shall his her him hers our your who how whom when "
    "where what some same one all any each more most many much over ever never former later latter"
)
_APART = frozenset(_APART_WORDS.split())
_LITTLE_WORDS = "a an the of to in on at by for and or as is was are were be that with from it its"
_LITTLE = frozenset(_LITTLE_WORDS.split())
Run = Sequence[Piece]


def labels_of(gone: Run, new: Run, names: Names) -> Iterator[Edit]:
    """Yield what the change of one run of pieces into another is; nothing where they read the same."""
    if [piece.folded for piece in gone] == [piece.folded for piece in new]:
        if _is_capital_mended(gone, new):
            yield Edit.TYPO
        return
    if _letters(gone) == _letters(new) and _letters(gone):
        yield from _of_marks(gone, new)
        return
    if _are_slips(gone, new, names):
        yield Edit.TYPO
        return
    found = set(_of_facts(gone, new, names))
    rest = [[piece for piece in run if _is_rest(piece, names)] for run in (gone, new)]
    label = _of_rest(rest[0], rest[1], has_facts=bool(found))
    if not found and label is None:
        label = _of_single_facts(gone, new, names)
    yield from (each for each in (*found, label) if each)


def _is_capital_mended(gone: Run, new: Run) -> bool:
    """Return whether capitals changed that do not follow from words having moved to or from a sentence's beginning."""
    return any(one.key != other.key and one.opens == other.opens for one, other in zip(gone, new, strict=True))


def _letters(run: Run) -> str:
    return "".join(piece.folded for piece in run if piece.kind is not Kind.MARK)


def _of_marks(gone: Run, new: Run) -> Iterator[Edit]:
    """Yield a typing error for words parted or joined otherwise, and for marks other than those of quotation."""
    marks = [[piece.key for piece in run if piece.kind is Kind.MARK and piece.key != '"'] for run in (gone, new)]
    words = [[piece.folded for piece in run if piece.kind is not Kind.MARK] for run in (gone, new)]
    if marks[0] != marks[1] or words[0] != words[1]:
        yield Edit.TYPO


def _of_facts(gone: Run, new: Run, names: Names) -> Iterator[Edit]:
    old, now = (Counter(values((piece.folded, piece.key) for piece in run)) for run in (gone, new))
    if old - now and now - old:
        yield Edit.NUMBER
    old, now = (Counter(piece.folded for piece in run if names.holds(piece)) for run in (gone, new))
    if old - now and now - old:
        yield Edit.NAME


def _of_single_facts(gone: Run, new: Run, names: Names) -> Edit | None:
    """Return what it is where only numbers, names and marks are left: one that came or went, or marks alone."""
    runs = [[piece for piece in run if piece.kind is not Kind.MARK] for run in (gone, new)]
    if not runs[0] and not runs[1]:
        return next(_of_marks(gone, new), None)
    if Counter(piece.folded for piece in runs[0]) == Counter(piece.folded for piece in runs[1]):
        return Edit.WORDING
    if any(names.holds(piece) for run in runs for piece in run):
        return Edit.NAME if not (runs[0] and runs[1]) else Edit.WORDING
    return Edit.WORDING


def _is_rest(piece: Piece, names: Names) -> bool:
    if piece.kind in {Kind.MARK, Kind.NUMBER}:
        return False
    return not is_number(piece.folded, piece.key) and not names.holds(piece)


def _of_rest(gone: Run, new: Run, *, has_facts: bool) -> Edit | None:
    """Return what the change of the words that are neither numbers nor names is."""
    old, now = [[piece.folded for piece in run if not (has_facts and piece.folded in _LITTLE)] for run in (gone, new)]
    if old == now:
        return None
    if any(piece.kind is Kind.SIGN for piece in (*gone, *new)):
        one, other = "".join(old), "".join(now)
        is_slip = max(len(old), len(now)) <= _SIGNS and distance(one, other) <= _LETTERS
        return Edit.TYPO if is_slip else Edit.WORDING
    if len(old) == len(now) and all(one == other or is_typo(one, other) for one, other in zip(old, now, strict=True)):
        return Edit.TYPO
    return Edit.WORDING


def _are_slips(gone: Run, new: Run, names: Names) -> bool:
    """Return whether each word is that of the other state, or that one mistyped; a number mistyped is none any more."""
    runs = [[piece for piece in run if piece.kind is not Kind.MARK] for run in (gone, new)]
    if len(runs[0]) != len(runs[1]) or any(piece.kind is not Kind.WORD for run in runs for piece in run):
        return False
    pairs = [(one, other) for one, other in zip(*runs, strict=True) if one.folded != other.folded]
    return bool(pairs) and all(
        is_typo(one.folded, other.folded)
        and not names.holds(one)
        and not names.holds(other)
        and not (is_number(one.folded, one.key) and is_number(other.folded, other.key))
        for one, other in pairs
    )


def is_typo(one: str, other: str) -> bool:
    """Return whether one word is the other mistyped: by a letter, two in a long word, and no inflection of it."""
    if {one, other} <= {"a", "an"}:
        return True
    longer = max(len(one), len(other))
    if min(len(one), len(other)) < _SHORT or (one in _APART and other in _APART):
        return False
    apart = distance(one, other)
    if apart == 1:
        return True
    is_inflected = one[:-2] == other or other[:-2] == one
    return (
        apart == _LETTERS
        and longer >= _LONG
        and not (is_inflected and (one[-2:] in _SUFFIXES or other[-2:] in _SUFFIXES))
    )


def distance(one: str, other: str) -> int:
    """Return by how many letters two words differ; two that changed places are one (Damerau-Levenshtein, restricted).

    More than two is told as three.
    """
    if abs(len(one) - len(other)) > _LETTERS:
        return _LETTERS + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, theirs in enumerate(other, 1):
            cost = min(last[column] + 1, now[-1] + 1, last[column - 1] + (letter != theirs))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == theirs:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        before, last = last, now
    return min(last[-1], _LETTERS + 1)
