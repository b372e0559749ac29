"""What a digest says of edits: each article once, with the words that went and those that came. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.edits import Change as Edited
from core.edits import Edit
from core.model import Article, Revision
from core.owed import Change, ChangeKind
from core.text import shortened
from notify.archived import Kept
from notify.entry import Beside, title_of
from notify.phrases import Reader, Words, bounded, number_of, visible, words
from pipelines.edits import edits, state_of

MOST = 20
"""So many edited articles are told of with their words; the others are counted."""
_FIRST = 3  # of the edits of one article
_WORDS = 120  # characters on either side


@dataclass(frozen=True, slots=True)
class Alteration:
    """One edit: what it is called, the words that went and the words that came; one of them may be empty."""

    label: str
    gone: Words
    new: Words


@dataclass(frozen=True, slots=True)
class EditedEntry:
    """An edited article: what was done to it, the first few edits; more counts the others, command shows all."""

    article_id: int
    source: str
    title: Words
    url: str
    when: str
    rules: tuple[str, ...]
    alterations: tuple[Alteration, ...]
    more: int
    command: str
    notices: tuple[str, ...] = ()
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class EditedEntries:
    """The articles that were edited, those that met a rule first, then the latest; number counts those left out."""

    number: int = 0
    entries: tuple[EditedEntry, ...] = ()

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return self.number - len(self.entries)

    @property
    def summary(self) -> str:
        """The total in a sentence; empty where nothing was edited."""
        if not self.number:
            return ""
        return f"{number_of(self.number, 'article')} told of before {'was' if self.number == 1 else 'were'} edited."

    @property
    def brief(self) -> str:
        """The total for a subject; empty where nothing was edited."""
        return f"{self.number:,} edited" if self.number else ""


@dataclass(frozen=True, slots=True)
class Stage:
    """The edits of an article in a period: from which state to which, when the last of them was read."""

    article_id: int
    before: int
    after: int
    change: Change


@dataclass(slots=True)
class Edits:
    """The edits of a period; two states are held against one another when they are first asked for."""

    stages: Mapping[int, Stage] = field(default_factory=dict)
    states: Mapping[tuple[int, int], Revision] = field(default_factory=dict)
    _told: dict[int, tuple[Edited, ...]] = field(default_factory=dict)

    def told(self, article_id: int) -> tuple[Edited, ...]:
        """Return what was edited of an article in the period, from the state before to the newest of the period."""
        if article_id not in self._told:
            stage = self.stages[article_id]
            self._told[article_id] = edited(
                self.states.get((article_id, stage.before)), self.states.get((article_id, stage.after))
            )
        return self._told[article_id]

    def corrections(self, article_id: int) -> tuple[int, ...]:
        """Return the numbers of tonle's own revisions between the two states."""
        stage = self.stages[article_id]
        on_the_way = (
            (number, self.states.get((article_id, number))) for number in range(stage.before + 1, stage.after)
        )
        return tuple(number for number, state in on_the_way if state and state.is_correction)


def stages(changes: Iterable[Change]) -> dict[int, Stage]:
    """Return the edits of a period by article: several of one article are one, from before the first to the newest."""
    found: dict[int, Stage] = {}
    for change in changes:
        if change.what is ChangeKind.EDIT:
            known = found.get(change.article_id)
            before = min(known.before, change.number - 1) if known else change.number - 1
            after = max(known.after, change.number) if known else change.number
            found[change.article_id] = Stage(change.article_id, before, after, change)
    return found


def edited(before: Revision | None, after: Revision | None) -> tuple[Edited, ...]:
    """Return what was edited from one revision to another, nothing where one of them is not held."""
    return edits(state_of(before), state_of(after)) if before and after else ()


def alterations(changes: Sequence[Edited], language: str, most: int = _FIRST) -> tuple[Alteration, ...]:
    """Return the first edits as messages show them, each kind once before any of them a second time."""
    turns: dict[Edit, int] = {}
    ranked = []
    for place, change in enumerate(changes):
        turns[change.label] = turns.get(change.label, 0) + 1
        ranked.append((turns[change.label], place, change))
    return tuple(_alteration(change, language) for _, _, change in sorted(ranked, key=lambda each: each[:2])[:most])


def _alteration(change: Edited, language: str) -> Alteration:
    gone, new = (words(shortened(visible(each), _WORDS), language) for each in (change.before, change.after))
    if gone.text == new.text:  # a paragraph that stands elsewhere now
        return Alteration(f"{change.label.value}, moved", Words(""), new)
    return Alteration(change.label.value, gone, new)


def edited_entry(article: Article, found: Edits, reader: Reader, beside: Beside) -> EditedEntry:
    """Return how an edited article is told of."""
    stage = found.stages[article.id]
    told = found.told(article.id)
    shown = alterations(told, article.language)
    span = "" if stage.after == article.revision == stage.before + 1 else f" --from {stage.before} --to {stage.after}"
    own = found.corrections(article.id)
    corrected = (f"Revision {number} on the way is a correction of tonle’s own." for number in own)
    return EditedEntry(
        article_id=article.id,
        source=reader.title(article.source),
        title=title_of(article),
        url=bounded(article.url),
        when=reader.when(stage.change.at),
        rules=tuple(map(visible, beside.rules)),
        alterations=shown,
        more=len(told) - len(shown),
        command=f"tonle diff {article.id}{span}",
        notices=(*corrected, *beside.notices),
        kept=beside.kept,
    )
