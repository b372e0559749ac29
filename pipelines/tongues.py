"""In which language a text is, where its page does not say or cannot be right.

By script first (Unicode's blocks), and among Latin scripts by the commonest words of a few languages.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from core.text import normalised

_SAMPLE = 3000  # characters
_LEAST_LETTERS = 20
_MOST = 0.5  # the share of its letters that makes a script a text's own; names and quotations are in others
_LATIN = "latin"
_BLOCKS = (
    (0x0041, 0x024F, _LATIN),
    (0x1E00, 0x1EFF, _LATIN),
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x04FF, "ru"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"),
    (0x0750, 0x077F, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x0980, 0x09FF, "bn"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x1000, 0x109F, "my"),
    (0x1100, 0x11FF, "ko"),
    (0x1780, 0x17FF, "km"),
    (0x3040, 0x30FF, "ja"),
    (0x3400, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
)
_OF_SCRIPT = {
    "ru": frozenset({"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "uz"}),
    "ar": frozenset({"ar", "fa", "ur", "ps", "ku", "ug", "ckb"}),
    "hi": frozenset({"hi", "mr", "ne", "sa"}),
    "bn": frozenset({"bn", "as"}),
    "zh": frozenset({"zh", "ja", "yue"}),
    "he": frozenset({"he", "yi"}),
}
_IN_OTHER_SCRIPTS = frozenset({"ja", "ko", "km", "lo", "th", "my", "ta", "si", "el"})
_OF_BOTH = frozenset({"sr", "uz", "kk", "ku", "az", "mn"})  # written in Latin as well
_WORDS = {
    "en": "the of and to in that is was for on with he as by said have from are has they their which will been",
    "fr": "le la les des et du une est dans pour que qui au sur par plus avec ont sont cette ses pas aux selon",
    "es": "el la los las de del y en que una para por con se su al como fue más está han este pero ha según",
    "vi": "và của là các có được cho không những trong người một với đã này khi để từ năm về tại theo ông bị",
    "id": "yang dan di dengan untuk pada dari dalam ini itu tidak akan oleh telah juga kepada karena adalah sebagai",
    "de": "der die das und den von zu mit sich des auf für ist im dem nicht ein eine als auch nach wurde hat",
    "pt": "o os as do da dos das em e uma para que não com por no na ao mais foi são pela pelo segundo também",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_WORDS = 5  # of a language's own in a sample; a list of names has none
_LEAST_LEAD = 1.2  # times the next language's: those of one family share words


def detected(lines: Iterable[str]) -> str:
    """Return the language of a text (ISO 639-1), empty where it is too short or in no language that is known here."""
    sample = _sample(lines)
    script = _script(sample)
    if script == "ru" and re.search("[іїєґ]", sample.lower()) and "ы" not in sample:
        return "uk"
    if script == "zh" and sum("\u3040" <= character <= "\u30ff" for character in sample) > len(sample) / 10:
        return "ja"
    return _of_latin(sample) if script == _LATIN else script


def contradicts(language: str, lines: Iterable[str]) -> bool:
    """Return whether a text cannot be in a language, since it is written in another script."""
    script = _script(_sample(lines))
    if not script or language in _OF_BOTH:
        return False
    others = _IN_OTHER_SCRIPTS.union(*_OF_SCRIPT.values())
    if script == _LATIN:
        return language in others
    return language not in _OF_SCRIPT.get(script, {script})


def _sample(lines: Iterable[str]) -> str:
    return "\n".join(_beginning(lines))


def _beginning(lines: Iterable[str]) -> Iterator[str]:
    left = _SAMPLE
    for line in lines:
        yield line[:left]
        left -= len(line)
        if left <= 0:
            return


def _script(sample: str) -> str:
    """Return the script of most letters, by the language that stands for it; empty where there is none."""
    counted: Counter[str] = Counter()
    for character, count in Counter(sample).items():
        if character.isalpha() or "\u0e00" <= character <= "\u17ff":
            counted[_block(ord(character))] += count
    if sum(counted.values()) < _LEAST_LETTERS:
        return ""
    script, count = counted.most_common(1)[0]
    if script == "ja":
        script = "zh"  # told apart by the caller: a Japanese text holds both
    return script if count >= _MOST * counted.total() else ""


@lru_cache(maxsize=4096)  # the characters of a few scripts
def _block(code: int) -> str:
    return next((name for first, last, name in _BLOCKS if first <= code <= last), "")


def _of_latin(sample: str) -> str:
    counted: Counter[str] = Counter()
    for word in _WORD.findall(normalised(sample)):
        for language in _LANGUAGES_OF.get(word, ()):
            counted[language] += 1
    (first, hits), (_, others) = ([*counted.most_common(2), ("", 0), ("", 0)])[:2]
    return first if hits >= _LEAST_WORDS and hits >= _LEAST_LEAD * others else ""
