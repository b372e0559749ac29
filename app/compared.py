"""Two revisions of an article held against one another, as they are shown to people and given to scripts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from core.edits import Change
from core.model import Article, Revision
from pipelines.edits import edits_in, state_of
from pipelines.edits_comparison import Op, Passage, compared


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of one revision in another; corrections are the numbers of tonle's own revisions on the way."""

    article: Article
    before: Revision
    after: Revision
    changes: tuple[Change, ...]
    title: tuple[Passage, ...]
    text: tuple[Passage, ...]
    notes: tuple[Passage, ...]
    corrections: tuple[int, ...]

    @property
    def is_same(self) -> bool:
        """Return whether both read the same."""
        return all(each.is_all(Op.KEPT) for each in (*self.title, *self.text, *self.notes))


@dataclass(frozen=True, slots=True)
class Fold:
    """Paragraphs in a row that are as they were."""

    passages: tuple[Passage, ...]

    @property
    def words(self) -> str:
        """What to say in their place."""
        count = len(self.passages)
        return "1 paragraph as it was" if count == 1 else f"{count} paragraphs as they were"


def comparison(article: Article, before: Revision, after: Revision, between: Sequence[Revision]) -> Comparison:
    """Hold two revisions of an article against one another; between are those that lead from the one to the other."""
    old, new = state_of(before), state_of(after)
    text, notes = tuple(compared(old.paragraphs, new.paragraphs)), tuple(compared(old.notes, new.notes))
    return Comparison(
        article,
        before,
        after,
        edits_in([*text, *notes], old, new),
        tuple(compared([old.title], [new.title])),
        text,
        notes,
        tuple(each.number for each in between if each.is_correction),
    )


def folded(passages: Iterable[Passage]) -> Iterator[Fold | Passage]:
    """Yield paragraphs in order, those in a row that are as they were as one."""
    for is_kept, row in groupby(passages, key=lambda passage: passage.is_all(Op.KEPT)):
        if is_kept:
            yield Fold(tuple(row))
        else:
            yield from row


def whereabouts(passage: Passage) -> str:
    """Return what to say of a paragraph that stands elsewhere in the other revision; empty for others."""
    if not passage.is_moved:
        return ""
    return "moved from here" if passage.is_mostly(Op.GONE) else "moved to here"


def state_json(revision: Revision) -> dict[str, object]:
    """Return of which revision one side is."""
    return {
        "number": revision.number,
        "correction": revision.is_correction,
        "fetched_at": revision.fetched_at.isoformat(),
        "published_at": revision.published_at.isoformat() if revision.published_at else None,
        "modified_at": revision.modified_at.isoformat() if revision.modified_at else None,
        "url": revision.url,
    }


def passages_json(passages: Iterable[Passage]) -> list[dict[str, object]]:
    """Return paragraphs as runs of words that are kept, gone or new; joined, runs give the text of one revision."""
    return [
        {
            "moved": passage.is_moved,
            "runs": [
                {"what": span.op.value, "text": " " * (span.is_spaced and place > 0) + span.text}
                for place, span in enumerate(passage.spans)
            ],
        }
        for passage in passages
    ]
