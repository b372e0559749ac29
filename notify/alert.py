"""An alert as a value: which rule an article met, and the passage with the words that matched. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.model import Match
from notify.entry import Beside, Entry, entry
from notify.marked import Stretch, stretches
from notify.phrases import Reader, Words, words
from notify.versions import Other


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
        entry=entry(match.article, reader, Beside(others=others)),
        passage=words(match.passage.text, match.article.language),
        stretches=tuple(stretches(match.passage)),
        found=reader.when(match.at),
        zone=str(reader.zone),
    )
