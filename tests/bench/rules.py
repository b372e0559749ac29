"""What rules cost a text: ten, a thousand, ten thousand, beside a search of its own for each entry of each rule."""

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from time import process_time

from core.query import Phrase, leaves
from core.rules import Rule
from core.text import folded
from pipelines.alerts import Text
from pipelines.matcher import Matcher
from tests.bench.tellings import Tellings

_SIZES = (10, 1_000, 10_000)
_MOST_APART = 1_000
"""Above so many rules a search for each is left out: it takes minutes."""
_TEXTS, _TEXTS_APART = 300, 15
_FEWEST = 2_000
"""Rules are of words rarer than this rank, as names and turns of speech are; each fourth has a common one too."""


def measured() -> Iterator[str]:
    """Yield what was measured, line by line."""
    tellings = Tellings()
    words = tellings.words
    texts = [Text("ohchr", each.title, tuple(each.text.split("\n"))) for each in tellings.several(0, _TEXTS)]
    length = sum(sum(map(len, text.parts)) for text in texts) / _TEXTS
    yield f"rules: {_TEXTS} texts of {length:,.0f} characters; CPU"
    first = 0.0
    for size in _SIZES:
        chance = Random(size)
        before = process_time()
        rules = [rule_of(number, words, chance) for number in range(size)]
        read = process_time()
        matcher = Matcher(rules)
        ready = process_time()
        _spent(matcher, texts)  # what is made at the first hit of a word is made once
        spent, met = _spent(matcher, texts)
        first = first or spent
        yield (
            f"  {size:>6,} rules: {spent * 1e6:>7,.0f} µs a text, {spent / first:.1f} times that of {_SIZES[0]};"
            f" {met / _TEXTS:.1f} met; read in {read - before:.2f} s, made ready in {ready - read:.2f} s"
        )
        if size <= _MOST_APART:
            apart = _spent_apart(rules, texts[:_TEXTS_APART])
            yield f"         a search for each entry: {apart * 1e6:>9,.0f} µs a text, {apart / spent:,.0f} times that"


def rule_of(number: int, words: Sequence[str], chance: Random) -> Rule:
    """Return an invented rule of a number: of rare words, in one of four forms."""

    def rare() -> str:
        return words[chance.randrange(_FEWEST, len(words))]

    common = words[chance.randrange(150, _FEWEST)]
    query = (
        f'{rare()} OR "{rare()} {rare()}" OR {rare()}*',
        f"{common} NEAR/5 ({rare()} OR {rare()}) -{rare()}",
        f"({rare()} OR {rare()} OR {rare()}) {common}",
        f"title:{rare()} OR {rare()} {common}",
    )[number % 4]
    return Rule(name=f"rule-{number}", query=query)


def _spent(matcher: Matcher, texts: Sequence[Text]) -> tuple[float, int]:
    before = process_time()
    met = sum(sum(1 for _ in matcher.met(text)) for text in texts)
    return (process_time() - before) / len(texts), met


def _spent_apart(rules: Sequence[Rule], texts: Sequence[Text]) -> float:
    searches: list[Callable[[str], object]] = [
        re.compile(_spelt(leaf)).search for rule in rules for leaf in leaves(rule.wanted) if isinstance(leaf, Phrase)
    ]
    before = process_time()
    for text in texts:
        for part in map(folded, text.parts):
            for search in searches:
                search(part)
    return (process_time() - before) / len(texts)


def _spelt(phrase: Phrase) -> str:
    body = r"\s+".join(re.escape(folded(word.text)) for word in phrase.words)
    end = "" if phrase.words[-1].ending else r"(?!\w)"
    return rf"(?<!\w){body}{end}"
