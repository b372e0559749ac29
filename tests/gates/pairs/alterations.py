"""What happens to a text between one newsroom and the next: typesetting, house style, corrections, other words."""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from tests.gates.pairs.lexicon import KHMER_DIGITS, VARIANTS
from tests.gates.pairs.stories import Text, line_of, sentences
from tests.gates.pairs.wording import PHRASES, SHY, SPELLING, STYLE, SWAPS

WORD = re.compile(r"[A-Za-z]+")
NUMBER = re.compile(r"(?<![\d.,])\d[\d,]*\d(?![\d])|(?<![\d.,])\d(?![\d.,])")
SPELLED = re.compile(r"\b(two|three|four|five|six|seven|eight|nine)\b")
KHMER_NUMBER = re.compile("[០-៩]+")
MOVED = re.compile(r"^([A-Z“][^“”]{20,}?),? (on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)([ ,.][^“”]*)?$")
AFTERTHOUGHT = re.compile(r"^([^“”;]{20,}), ((?:because|while|after|since|although|though|when|as) [^“”,;]{10,})\.$")
# Khmer is set without spaces; some editors put an invisible one before words such as these.
KHMER_WORD = re.compile("(?=(?:បាន|នៅ|ត្រូវ|ដែល|ក្នុង|មិន|របស់|ចំនួន|ដោយ|ហើយ))")
Change = Callable[[str], str]


def mapped(text: Text, change: Change, *, title: bool = True) -> Text:
    """Return a text with each paragraph, and the title unless told otherwise, changed."""
    paragraphs = tuple(change(paragraph) for paragraph in text.paragraphs)
    return replace(text, title=change(text.title) if title else text.title, paragraphs=paragraphs)


def _hyphenated(rng: random.Random, text: str) -> str:
    long = re.compile(r"\b([a-z]{4,6})([a-z]{4,})\b")
    return long.sub(lambda found: f"{found[1]}\u00ad{found[2]}" if rng.random() < 0.4 else found[0], text)


def _ligatured(text: str) -> str:
    return text.replace("fi", "ﬁ").replace("fl", "ﬂ")


def _straight(text: str) -> str:
    return text.replace("“", '"').replace("”", '"').replace("‘", "'").replace("’", "'").replace("–", "-")


def _continental(text: str) -> str:
    return text.replace("“", "« ").replace("”", " »")


def _single(text: str) -> str:
    return text.replace("“", "‘").replace("”", "’").replace("'", "’")


def _spaced(rng: random.Random, text: str) -> str:
    return re.sub(" ", lambda _: rng.choice((" ", " ", " ", " ", "  ", "\u00a0", "\u2009")), text)


def _khmer_set(rng: random.Random, text: Text) -> Text:
    changes: list[Change] = [
        lambda words: KHMER_WORD.sub(lambda _: "\u200b" if rng.random() < 0.7 else "", words),
        lambda words: words.replace("«", "“").replace("»", "”"),
        lambda words: re.sub("។ ?", " ។ ", words).rstrip(),
        lambda words: words.translate({digit: chr(value) for value, digit in KHMER_DIGITS.items()}),
    ]
    for change in rng.sample(changes, rng.randint(1, 3)):
        text = mapped(text, change)
    return text


def retypeset(rng: random.Random, text: Text) -> Text:
    """Return the same words set otherwise: quotation marks, dashes, spaces, hyphens, Unicode forms, capitals."""
    if text.source_language == "km":
        return _khmer_set(rng, text)
    changes: list[Change] = [
        lambda words: _hyphenated(rng, words),
        lambda words: _spaced(rng, words),
        lambda words: unicodedata.normalize("NFD", words),
        _ligatured,
    ]
    quotes: list[Change] = [_straight, _continental, _single]
    chosen = [rng.choice(quotes), *rng.sample(changes, rng.randint(0, 3))]
    before = text
    for change in chosen:
        text = mapped(text, change)
    if rng.random() < 0.4:
        text = replace(text, title=text.title.upper() if rng.random() < 0.7 else text.title.title())
    if rng.random() < 0.4:
        text = replace(text, paragraphs=resplit(rng, text.paragraphs))
    return text if text != before else mapped(text, lambda words: words.replace(" ", "  ", 3))


def resplit(rng: random.Random, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same sentences in other paragraphs: one each, or all in one or two."""
    found = [sentence for paragraph in paragraphs for sentence in sentences(paragraph)]
    if rng.random() < 0.6:
        return tuple(found)
    half = len(found) // 2 if rng.random() < 0.5 else 0
    return tuple(" ".join(part) for part in (found[:half], found[half:]) if part)


def _swapped(rng: random.Random, words: str, share: float) -> str:
    def other(found: re.Match[str]) -> str:
        word = found[0]
        new = SWAPS.get(word.lower())
        if new is None or rng.random() > (share / 8 if word.lower() in SHY else share):
            return word
        return new.capitalize() if word[0].isupper() else new

    return WORD.sub(other, words)


def _reordered(rng: random.Random, sentence: str) -> str:
    if rng.random() < 0.35 and (found := MOVED.match(sentence)):
        rest = (found[3] or ".").lstrip(",")
        return f"{found[2][0].upper()}{found[2][1:]}, {found[1][0].lower()}{found[1][1:]}{rest}"
    if rng.random() < 0.7 and (found := AFTERTHOUGHT.match(sentence)):
        return f"{found[2][0].upper()}{found[2][1:]}, {found[1][0].lower()}{found[1][1:]}."
    return sentence


def reworded(rng: random.Random, paragraph: str, share: float = 0.7, *, clauses: bool = True) -> str:
    """Return a paragraph with about a fifth of its words put otherwise; what stands in quotation marks is kept."""
    text = " ".join(_reordered(rng, sentence) if clauses else sentence for sentence in sentences(paragraph))
    for old, new in PHRASES:
        if old in text and rng.random() < share:
            text = text.replace(old, new)
    pieces = re.split("(“[^”]*”)", text)
    return "".join(piece if piece[:1] == "“" else _swapped(rng, piece, share) for piece in pieces)


def house_style(rng: random.Random, text: Text) -> Text:
    """Return a text in the spelling and style of another newsroom, some names transliterated otherwise."""
    names = {part: VARIANTS[part] for name in text.names for part in (name, *name.split()) if part in VARIANTS}
    names = {old: new for old, new in names.items() if rng.random() < 0.5}
    style = [pair for pair in STYLE if rng.random() < 0.7]
    spelling = rng.random() < 0.7

    def changed(words: str) -> str:
        for old, new in (*style, *names.items()):
            words = words.replace(old, new)
        return WORD.sub(lambda found: SPELLING.get(found[0], found[0]), words) if spelling else words

    return mapped(text, changed)


def refiled(rng: random.Random, text: Text) -> Text:
    """Return a text as another outlet files it: dateline, credits, house style, and a sentence or three edited."""
    styled = house_style(rng, text)
    place = rng.choice(("PHNOM PENH", "BANGKOK", "SIEM REAP", "Phnom Penh, Cambodia", "GENEVA"))
    paragraphs = list(styled.paragraphs)
    for number in rng.sample(range(len(paragraphs)), min(len(paragraphs), rng.randint(1, 3))):
        *front, last = sentences(paragraphs[number])
        paragraphs[number] = " ".join((*front, reworded(rng, last, 0.6)))
    paragraphs[0] = f"{place} ({text.outlet or 'Agency'}) {rng.choice('—–-')} {paragraphs[0]}"
    if rng.random() < 0.5:
        paragraphs.insert(0, f"By {rng.choice(('our correspondent', 'staff reporters', 'a staff writer'))}")
    return replace(styled, paragraphs=(*paragraphs, *(line_of(rng, "credit") for _ in range(rng.randint(0, 2)))))


def renumbered(rng: random.Random, text: Text, count: int) -> Text:
    """Return a text with up to `count` of its numbers corrected wherever they stand; there is always one."""
    khmer = text.source_language == "km"
    pattern = KHMER_NUMBER if khmer else NUMBER
    found = sorted(set(pattern.findall(text.body))) or sorted(set(SPELLED.findall(text.body)))
    if not found:
        return mapped(text, lambda words: re.sub(r"\b(half|half a|hardly)\b", "a third", words))
    chosen = {old: _other_number(rng, old) for old in rng.sample(found, min(count, len(found)))}
    every = re.compile(f"{pattern.pattern}|{SPELLED.pattern}")
    return mapped(text, lambda words: every.sub(lambda hit: chosen.get(hit[0], hit[0]), words))


def _other_number(rng: random.Random, old: str) -> str:
    spelled = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
    if old in spelled:
        return spelled[(spelled.index(old) + rng.randint(1, 7)) % 8]
    value = int(old.replace(",", ""))
    # A year is never off by far.
    near = 4 if "," not in old and 1900 < value < 2100 else max(1, value // 5)
    new = value + (rng.choice((-1, 1)) * rng.randint(1, near) if value > 1 else 1)
    if old[0] in "០១២៣៤៥៦៧៨៩":
        return str(new).translate(KHMER_DIGITS)
    return f"{new:,}" if "," in old or new >= 10_000 else str(new)


def misspelled(rng: random.Random, name: str) -> str:
    """Return a name with a letter wrong, as a hurried reporter spells it."""
    letters = [at for at in range(1, len(name) - 1) if name[at].isalpha() and name[at].islower()]
    if not letters:
        return f"{name}\u17cb"
    at = rng.choice(letters)
    swap = {"e": "i", "i": "e", "a": "o", "o": "a", "u": "o", "t": "th", "k": "kh", "s": "z", "n": "nn", "h": ""}
    return name[:at] + swap.get(name[at], name[at] * 2) + name[at + 1 :]


def renamed(rng: random.Random, text: Text) -> Text:
    """Return a text in which one name was corrected wherever it stands: its spelling, or the person."""
    name = rng.choice(text.names) if text.names else "Phnom Penh"
    parts = name.split()
    old = rng.choice(parts) if len(parts) > 1 else name
    new = VARIANTS.get(old) if rng.random() < 0.5 else None
    new = new or misspelled(rng, old)
    return mapped(text, lambda words: words.replace(old, new))


def mistyped(rng: random.Random, text: Text, count: int) -> Text:
    """Return a text with typing errors in `count` of its longer words."""
    words = list(re.finditer(r"\b[a-z]{5,}\b", text.body))
    chosen = sorted(rng.sample(words, min(count, len(words))), key=lambda found: found.start(), reverse=True)
    body = text.body
    for found in chosen:
        body = body[: found.start()] + typo(rng, found[0]) + body[found.end() :]
    return replace(text, paragraphs=tuple(body.split("\n")))


def typo(rng: random.Random, word: str) -> str:
    """Return a word with two letters swapped, one dropped or one doubled; it is never the word itself."""
    at = rng.randint(1, len(word) - 3)
    kinds = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] * 2 + word[at + 1 :],
    )
    made = rng.choice(kinds)
    return made if made != word else word[:at] + word[at] * 2 + word[at + 1 :]
