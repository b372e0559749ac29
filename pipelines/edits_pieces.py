"""The pieces of a text by which edits are told: words, numbers, signs of unspaced scripts, and marks of punctuation."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from core.shingles import SIGN, UNSPACED
from core.text import normalised
from pipelines.edits_numbers import KHMER, KHMER_DAYS, figure

_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_ACCENTS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670"
_LETTER = rf"[^\W\d_{UNSPACED}]"
_WORD = rf"{_LETTER}(?:{_LETTER}|[{_UNSEEN}{_ACCENTS}])*"
# What is counted stands behind a number: without it these words may be parts of others.
_COUNTED = r"(?=\s?(?:នាក់|គ្រួសារ|ថ្ងៃ|ឆ្នាំ|ខែ|ភាគរយ|លាន|ពាន់|រយ|ម៉ឺន|សែន|ដង|កន្លែង|ខ្នង|ហិកតា|ម៉ោង|រូប|គ្រឿង|ករណី))"
_SHORT = {"ពីរ": "2", "បី": "3", "មួយ": "1"}
_TIMES = r"(?:រយ|ពាន់|ម៉ឺន|សែន|លាន)(?=\s?(?:នាក់|គ្រួសារ|រៀល|ដុល្លារ|ហិកតា|ខ្នង|គីឡូ|ម៉ែត្រ))"
_PIECE = re.compile(
    rf"(?P<figure>\d{{1,3}}(?:[ \u00a0\u202f]\d{{3}})+(?![\d.,]?\d)|\d+(?:[.,]\d+)*)"
    rf"|(?P<number>{'|'.join((*KHMER, *KHMER_DAYS))}|(?:{'|'.join(_SHORT)}){_COUNTED}|{_TIMES})"
    rf"|(?P<word>{_WORD}(?:['’]{_WORD})*)"
    r"|(?P<stop>[។៕៖ៗ៘៙៚๏ฯ၊။、。〈〉《》「」『』])"
    rf"|(?P<sign>{SIGN})"
    rf"|(?P<mark>\.{{2,}}|[-‐‑‒–—―−]+|[^\s{_UNSEEN}])"
)
_CHUNK = re.compile(r"\S+")
_ABBREVIATIONS_WORDS = (
    "mr mrs ms dr prof st gen lt col maj capt sgt gov sen rep hon rev no mme mm mlle jr sr vs al inc ltd co"
)
_ABBREVIATIONS = frozenset(_ABBREVIATIONS_WORDS.split())
_ENDS = frozenset(".!?:។៕؟۔。") | {"..."}
_BEFORE_SPEECH = frozenset(",:(-")
_KHMER_TITLE = re.compile(
    r"(?:ចៅក្រម|ខេត្ត|ស្រុក|ឃុំ|ភូមិ|ក្រុង|សម្តេច|សម្ដេច|ឯកឧត្តម|លោកស្រី|លោកជំទាវ|លោក|អ្នកស្រី|អ្នកឧកញ៉ា|ឧកញ៉ា|កញ្ញា)\s?"
    r"(?P<name>[\u1780-\u17d3]{2,}(?:\s[\u1780-\u17d3]{2,24})?)"
)
_KHMER_WHO = re.compile(r"(?:^|[។»”]\s*|របស់)(?P<name>[\u1780-\u17d3]{2,24})(?=\s?ដែលជា)")
_AFTER_NAME = re.compile(
    r"បាន|ថា|ជា|និង|នៅ|ដែល|ក៏|បន្ត|មាន|ត្រូវ|អះអាង|ប្រាប់|ថ្លែង|មន្ត្រី|ប្រធាន|អភិបាល|រដ្ឋ|អ្នក|មិន|នឹង|កំពុង|ពី|ក្នុង|ស្នើ|សម្តែង|បញ្ជាក់"
    r"|ចំពោះ|នេះ|នោះ|ឲ្យ|ឱ្យ|លើក"
)
_STRAIGHT = {"'": '"', "`": '"', "''": '"', "....": "..."}


class Kind(Enum):
    """What a piece is; a sign is a character with its marks of a script that sets no spaces."""

    WORD = "word"
    NUMBER = "number"
    SIGN = "sign"
    MARK = "mark"


class Piece(NamedTuple):
    """A piece as it is compared (folded: without capitals; key: with them), and its place in its paragraph's text.

    opens: it is the first word of a sentence, or of what somebody says. is_named: it stands behind a Khmer title, or
    begins a sentence and another capital follows on it.
    """

    folded: str
    key: str
    kind: Kind
    at: int
    end: int
    opens: bool = False
    is_named: bool = False


_KINDS = {
    "figure": Kind.NUMBER,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "stop": Kind.MARK,
    "sign": Kind.SIGN,
    "mark": Kind.MARK,
}


def pieces(text: str) -> list[Piece]:
    """Return the pieces of a paragraph in order; white space and invisible characters are none."""
    named = list(_khmer_names(text))
    found: list[Piece] = []
    opens, quotes = True, 0
    for match in _PIECE.finditer(text):
        group = match.lastgroup or "mark"
        key, kind, at = _key(match[0], group), _KINDS[group], match.start()
        is_named = bool(named) and any(low <= at < high for low, high in named)
        if found and found[-1].opens and kind is Kind.WORD and key[:1].isupper() and found[-1].key[:1].isupper():
            found[-1] = found[-1]._replace(is_named=True)
        found.append(Piece(key.casefold(), key, kind, at, match.end(), opens and kind is Kind.WORD, is_named))
        quotes += key == '"'
        opens = kind is Kind.MARK and _opens_next(found, opens, is_speech=bool(quotes % 2))
    return found


def chunks(text: str) -> list[Piece]:
    """Return what white space parts as pieces: a tenth of the work, for what is too long to be looked at closely."""
    return [
        Piece(match[0].casefold(), match[0], Kind.WORD, match.start(), match.end()) for match in _CHUNK.finditer(text)
    ]


def _opens_next(found: list[Piece], opens: bool, *, is_speech: bool) -> bool:
    """Return whether a word behind the newest piece, a mark, begins a sentence, or what somebody says."""
    mark, before = found[-1].key, found[-2] if len(found) > 1 else None
    if before is None:
        return True
    if mark == '"':
        return opens or before.key in _ENDS or (is_speech and before.key in _BEFORE_SPEECH)
    if mark not in _ENDS:
        return opens
    is_short = before.folded in _ABBREVIATIONS or (len(before.key) == 1 and before.key.isupper())
    return not (mark == "." and is_short)


def _khmer_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names stand behind titles: Khmer has no capitals to tell them by."""
    for match in (*_KHMER_TITLE.finditer(text), *_KHMER_WHO.finditer(text)):
        verb = _AFTER_NAME.search(match["name"])
        start = match.start("name")
        yield start, start + (verb.start() if verb else len(match["name"]))


def shown(text: str, run: Iterable[Piece]) -> str:
    """Return the words of pieces that stand in a row in a paragraph's text."""
    row = list(run)
    return text[row[0].at : row[-1].end] if row else ""


@lru_cache(maxsize=1 << 14)
def _key(text: str, group: str) -> str:
    if group == "figure":
        return figure(text)
    if group == "number":
        return KHMER.get(text) or _SHORT.get(text, text)
    if group == "mark":
        plain = normalised(text) or text
        return "-" if plain.startswith("-") else _STRAIGHT.get(plain, plain)
    if text.isascii():
        return text
    # As core.text.normalised does it, but for the capitals.
    return unicodedata.normalize("NFKC", re.sub(f"[{_UNSEEN}]", "", text)).replace("’", "'")
