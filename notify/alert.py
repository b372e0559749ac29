"""An alert as a value: which rule an article met, on what, and the passage with the words that matched. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.model import CopyAddress, Match, Revision
from core.stories import Absence, Relation
from notify.archived import Kept
from notify.difference import Difference, Run, difference
from notify.entry import Beside, Entry, Place, entry, place
from notify.marked import Stretch, stretches
from notify.phrases import Reader, Words, words
from notify.versions import Other
from notify.withdrawals import went

_WORDS = {"edits": "edit", "withdrawals": "withdrawal", "copies": "copy"}


@dataclass(frozen=True, slots=True)
class Alert:
    """All that an alert says. passage gives language and direction of the stretches; found is in the reader's zone.

    event is what happened to an article that was held before, in a word (edit, withdrawal, copy), empty for a new one;
    happened says it in sentences, where: at which place a copy stands. Of an edit labels say what it is called,
    paragraphs are those that differ, the headline first, more counts those left out, and command shows all.
    """

    match_id: int
    rule: str
    entry: Entry
    passage: Words
    stretches: tuple[Stretch, ...]
    found: str
    zone: str
    event: str = ""
    happened: tuple[str, ...] = ()
    where: Place | None = None
    labels: tuple[str, ...] = ()
    paragraphs: tuple[tuple[Run, ...], ...] = ()
    more: int = 0
    command: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What an alert tells of beside the match: the article's other versions, where its page is kept, what happened.

    Of an edit that is the revisions before and after, of a withdrawal the absence, of a copy its address.
    """

    others: Sequence[Other] = ()
    kept: Kept | None = None
    edit: tuple[Revision, Revision] | None = None
    absence: Absence | None = None
    copy: CopyAddress | None = None


def alert(match: Match, reader: Reader, others: Sequence[Other] = (), known: Occurrence | None = None) -> Alert:
    """Return what is told of a match; others are the other versions of its story, unless known names them."""
    known = known or Occurrence(others)
    found = difference(*known.edit) if known.edit else Difference((), (), 0)
    return Alert(
        match_id=match.id,
        rule=match.rule,
        entry=entry(match.article, reader, Beside(others=known.others, kept=known.kept)),
        passage=words(match.passage.text, match.article.language),
        stretches=tuple(stretches(match.passage)),
        found=reader.when(match.at),
        zone=str(reader.zone),
        event=_WORDS.get(match.event, ""),
        happened=tuple(_happened(match, known, reader)),
        where=_where(match, known.copy, reader),
        labels=tuple(dict.fromkeys(change.label.value for change in found.changes)),
        paragraphs=found.paragraphs,
        more=found.more,
        command=_command(known.edit),
    )


def _command(edit: tuple[Revision, Revision] | None) -> str:
    if edit is None:
        return ""
    before, after = edit
    return f"tonle diff {after.article_id} --from {before.number} --to {after.number}"


def _happened(match: Match, known: Occurrence, reader: Reader) -> Iterator[str]:
    if match.is_late:
        yield "Its page was read anew by better rules: the text is no newer than before."
    if known.edit:
        yield f"It was edited: revision {match.revision}, read {reader.when(known.edit[1].fetched_at)}."
    if known.absence:
        yield f"It was withdrawn. {went(known.absence, reader)} The text is kept."
    if known.copy:
        yield f"Another address carries it, found {reader.when(known.copy.seen_at)}:"


def _where(match: Match, copy: CopyAddress | None, reader: Reader) -> Place | None:
    return place(Other(copy.source, copy.url, Relation.SAME), match.article.source, reader) if copy else None
