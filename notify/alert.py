"""An alert as a value: which rule an article met, and the passage with the words that matched. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model import Match, Passage
from core.text import shortened
from notify.entry import Entry, entry
from notify.phrases import Reader, Words, scrubbed, words
from notify.versions import Other

# Of a long paragraph this much is shown before the first words that matched, after the last, and between them.
_BEFORE, _AFTER, _WITHIN = 300, 600, 1500


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a passage; marked where it matched."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """All that an alert says. passage gives language and direction of the stretches; found is in the reader's zone."""

    match_id: int
    rule: str
    entry: Entry
    passage: Words
    stretches: tuple[Stretch, ...]
    found: str
    zone: str


def alert(match: Match, reader: Reader, others: Sequence[Other] = ()) -> Alert:
    """Return what is told of a match; others are the other versions of the article's story."""
    return Alert(
        match_id=match.id,
        rule=match.rule,
        entry=entry(match.article, (), reader, others),
        passage=words(match.passage.text, match.article.language),
        stretches=tuple(stretches(match.passage)),
        found=reader.when(match.at),
        zone=str(reader.zone),
    )


def stretches(passage: Passage) -> Iterable[Stretch]:
    """Yield a passage in parts, marked and not; a long one cut, with an ellipsis, before and after what matched."""
    text, spans = passage.text, _apart(passage)
    if not spans:
        yield Stretch(shortened(scrubbed(text), _AFTER), marked=False)
        return
    begin = 0
    for number, (start, end) in enumerate(spans):
        between = scrubbed(text[begin:start])
        if number == 0:
            between = _tail(between, _BEFORE)
        if between:
            yield Stretch(between, marked=False)
        yield Stretch(scrubbed(text[start:end]), marked=True)
        begin = end
    if rest := scrubbed(text[begin:]):
        space = " " if rest.startswith(" ") else ""
        yield Stretch(space + shortened(rest.strip(), _AFTER), marked=False)


def _apart(passage: Passage) -> list[tuple[int, int]]:
    """Return the spans that lie in the text, in order, none overlapping another, none far behind the first."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(passage.spans):
        if not 0 <= start < end <= len(passage.text):
            continue
        if not apart or apart[-1][1] <= start < apart[0][0] + _WITHIN:
            apart.append((start, end))
    return apart


def _tail(text: str, length: int) -> str:
    if len(text) <= length:
        return text.lstrip()
    return "…" + text[-length:].split(" ", 1)[-1]
