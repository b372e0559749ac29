"""Numbers as they are compared: 12, twelve and ១២ are one number; so are 1,200 and 1.2 thousand. Days count too."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

_LONGEST = 15  # digits of what is reckoned with; longer rows are names of things
_GROUP = 3  # digits between the marks of a number
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
_FRENCH = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    *("treize", "quatorze", "quinze", "seize"),
)
_FRENCH_TENS = ("vingt", "trente", "quarante", "cinquante", "soixante")
KHMER = {
    # Longest first: eight begins with five.
    "ប្រាំបួន": "9",
    "ប្រាំបី": "8",
    "ប្រាំពីរ": "7",
    "ប្រាំមួយ": "6",
    "ប្រាំ": "5",
    "បួន": "4",
    "ដប់": "10",
    "ម្ភៃ": "20",
    "សាមសិប": "30",
    "សែសិប": "40",
    "ហាសិប": "50",
    "ហុកសិប": "60",
    "ចិតសិប": "70",
    "ប៉ែតសិប": "80",
    "កៅសិប": "90",
}
"""Khmer words for numbers that are parts of no other words."""
KHMER_DAYS = (
    *("ថ្ងៃព្រហស្បតិ៍", "ថ្ងៃអាទិត្យ", "ថ្ងៃអង្គារ", "ថ្ងៃសៅរ៍", "ថ្ងៃសុក្រ", "ថ្ងៃចន្ទ", "ថ្ងៃពុធ"),
    *("វិច្ឆិកា", "កក្កដា", "កុម្ភៈ", "មិថុនា", "មករា", "កញ្ញា", "មីនា", "មេសា", "ឧសភា", "សីហា", "តុលា", "ធ្នូ"),
)
"""Khmer names of days and months."""
_VALUES: dict[str, int] = {
    **{word: value for value, word in enumerate(_ONES)},
    **{word: 20 + 10 * place for place, word in enumerate(_TENS)},
    **{word: value for value, word in enumerate(_ORDINALS, 1)},
    **{word: value for value, word in enumerate(_FRENCH) if word not in {"un", "six"}},
    **{word: 20 + 10 * place for place, word in enumerate(_FRENCH_TENS)},
    "twentieth": 20,
    "thirtieth": 30,
    "dozen": 12,
    "douzaine": 12,
    "vingts": 20,
}
_TIMES: dict[str, int] = {
    "hundred": 100,
    "cent": 100,
    "cents": 100,
    "thousand": 1000,
    "mille": 1000,
    **dict.fromkeys(("million", "millions", "mn"), 10**6),
    **dict.fromkeys(("billion", "billions", "bn", "milliard", "milliards"), 10**9),
    "រយ": 100,
    "ពាន់": 1000,
    "ម៉ឺន": 10**4,
    "សែន": 10**5,
    "លាន": 10**6,
}
_DAYS_WORDS = (
    "monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche "
    "january february march april june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec janvier février mars avril mai juin juillet août septembre octobre novembre "
    "décembre"
)
_DAYS = frozenset((*_DAYS_WORDS.split(), *KHMER_DAYS))
_MANY_WORDS = "dozens scores hundreds thousands several dizaines centaines milliers plusieurs"
_MANY = frozenset(_MANY_WORDS.split())
_MARKS = re.compile(r"[.,]")


def figure(text: str) -> str:
    """Return a number as its digits: without what groups them, with a point before a fraction."""
    plain = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text if not each.isspace())
    groups, marks = _MARKS.split(plain), _MARKS.findall(plain)
    if not marks:
        return plain
    is_grouped = all(len(group) == _GROUP for group in groups[1:]) and len(groups[0]) <= _GROUP and groups[0] != "0"
    if is_grouped and len(set(marks)) == 1 and (marks[0] == "," or len(marks) > 1):
        return "".join(groups)
    if len(set(marks)) == 1 and len(marks) > 1:
        return plain  # a day, 3.4.2026, or the name of a section
    return f"{''.join(groups[:-1])}.{groups[-1]}".rstrip("0").rstrip(".")


def is_number(word: str, key: str) -> bool:
    """Return whether a word, folded and as it is written, is a number, a day or a month, or says how many."""
    word = _plain(word)
    return word in _VALUES or word in _TIMES or word in _DAYS or word in _MANY or key == "May"


def values(words: Iterable[tuple[str, str]]) -> list[str]:
    """Return the numbers, days and months among words in order, each told as it is compared.

    Words that follow on one another are one number: "two hundred and ten" is 210, "1.2 million" 1200000.
    """
    return list(_Reckoning().told(words))


def _plain(word: str) -> str:
    """Return a day or month as it stands without its genitive: Monday's is Monday."""
    return word.removesuffix("'s")


def _as_told(word: str, key: str) -> Iterator[str]:
    """Yield a word that is reckoned as it stands: a day, a month, a long row of digits, a vague number."""
    if word in _DAYS:
        yield word[:3] if word.isascii() else word
    elif word[:1].isdigit() or word in _MANY or key == "May":
        yield word


def _without_shares(words: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the words but the hundred of "per cent"."""
    before = ""
    for written, key in words:
        word = _plain(written)
        if not (word == "cent" and before in _PER):
            yield word, key
        before = word


class _Reckoning:
    def __init__(self) -> None:
        self._whole = Decimal(0)  # what a thousand or more has closed
        self._part: Decimal | None = None

    def told(self, words: Iterable[tuple[str, str]]) -> Iterator[str]:
        for word, key in _without_shares(words):
            if word[:1].isdigit() and len(word) <= _LONGEST and word.count(".") <= 1:
                yield from self._ended()
                self._part = Decimal(word)
            elif word in _VALUES:
                yield from self._added(Decimal(_VALUES[word]))
            elif word in _TIMES:
                self._multiplied(_TIMES[word])
            elif word not in _BETWEEN:
                yield from self._ended()
                yield from _as_told(word, key)
        yield from self._ended()

    def _added(self, value: Decimal) -> Iterator[str]:
        """Take one more word of a number: twenty-one is twenty and one, but one, two are two numbers."""
        if self._part is not None and not _joins(self._part, value):
            yield from self._ended()
        is_eighty = self._part == _FOUR and value == _TWENTY  # quatre-vingts
        self._part = Decimal(80) if is_eighty else (self._part or 0) + value

    def _multiplied(self, by: int) -> None:
        part = Decimal(1) if self._part is None else self._part
        if by == _HUNDRED:
            self._part = part * by
        else:
            self._whole += part * by
            self._part = Decimal(0)

    def _ended(self) -> Iterator[str]:
        if self._part is not None:
            total = self._whole + self._part
            yield f"{total.normalize():f}"
        self._whole, self._part = Decimal(0), None


_PER = frozenset(("per", "pour"))
_BETWEEN = frozenset(("-", "and", "et"))
_FOUR, _TWENTY, _TEN, _HUNDRED = 4, 20, 10, 100


def _joins(part: Decimal, value: Decimal) -> bool:
    if part == _FOUR and value == _TWENTY:
        return True
    room = part % _HUNDRED
    return value < _HUNDRED and (room == 0 or (room >= _TEN and room % _TEN == 0 and value < _TWENTY))
