"""Which words of a text are names: by capitals within sentences, behind titles, and behind Khmer ones. Pure."""

import re
from collections.abc import Iterable

from pipelines.edits_numbers import is_number
from pipelines.edits_pieces import Kind, Piece

_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w’'-]*"
_WITHIN = re.compile(rf"[a-zà-öø-ÿ\d,;][”\"’')]?\s+({_CAPITAL}(?:\s{_CAPITAL})*)")
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mme|Mlle|Dr|Prof|Gen|Lt|Col|Sen|Rep|Samdech|Okn?hn?a|Neak|Lok|Excellency|H\. ?E|Minister|President"
    rf"|Governor|Judge|Ambassador|Senator|King|Queen|Prince|Princess|Chief|Director)\.?\s+({_CAPITAL}(?:\s{_CAPITAL})*)"
)
LITTLE_WORDS = (
    "i i'm i've i'll i'd the a an and or but in on at of to for from by with as is are was were be he she it we "
    "they his her its our their this that these those there not no yes if when while after before because so la "
    "le les un une et du de des en dans sur pour par avec il elle ils elles nous vous on ce cette ces outside "
    "beyond inside under over near since until during within without across around against despite like unlike "
    "between among behind above below along through throughout yesterday today tomorrow only both all some many "
    "most"
)
LITTLE = frozenset(LITTLE_WORDS.split())


class Names:
    """The names of a text's paragraphs, of all its states."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._paragraphs = tuple(dict.fromkeys(paragraphs))
        self._known: frozenset[str] | None = None

    def holds(self, piece: Piece) -> bool:
        """Return whether a piece is a name, or a part of one."""
        if piece.is_named and piece.kind is Kind.SIGN:
            return True
        if piece.kind is not Kind.WORD or not piece.key[:1].isupper() or piece.folded in LITTLE:
            return False
        if is_number(piece.folded, piece.key):
            return False
        return not piece.opens or piece.is_named or piece.folded in self._all()

    def _all(self) -> frozenset[str]:
        if self._known is None:
            runs = (match for text in self._paragraphs for rule in (_WITHIN, _TITLED) for match in rule.findall(text))
            self._known = frozenset(word.casefold().replace("’", "'") for run in runs for word in run.split())
        return self._known
