"""The digest as a value: what is new by source or rule, what became of what was told, and how the crawls went. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from notify.carried import Carriage
from notify.chart import Chart
from notify.coverage import CoverageLine, State
from notify.editing import EditedEntries
from notify.entry import Entry
from notify.phrases import in_a_row, number_of
from notify.withdrawals import Moves

_NAMED = 4  # sources or rules in a subject
_LAST = "the last digest"


@dataclass(frozen=True, slots=True)
class Section:
    """What is new at one source, or of one rule, newest first, undated last; source is what it is called.

    entries are told in full, titled by title alone; number is how many there are, those left out included.
    """

    source: str
    number: int
    entries: tuple[Entry, ...]
    titled: tuple[Entry, ...] = ()

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return self.number - len(self.entries) - len(self.titled)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Digest:
    """All that a digest says. Times are in the reader's zone; span and rules may be empty.

    since is when the last one was made, empty where nobody knows. rules counts the stories that met each rule, most
    first; kept is the number of articles in the corpus. carried are stories told of before, more_carried counts those
    left out; articles is how many articles the new stories have. edited are articles told of before that were edited,
    unheard those that met a rule without an alert, moves those that were withdrawn or are back. only are the rules of
    which one has to be met, where the reader named any; is_by_rule: the sections are rules.

    One is equal to itself alone: readers of one view are given the same one.
    """

    day: str
    made: str
    zone: str
    span: str
    sections: tuple[Section, ...]
    rules: tuple[tuple[str, int], ...]
    matched: int
    coverage: tuple[CoverageLine, ...]
    kept: int
    moves: Moves = field(default_factory=Moves)
    articles: int = 0
    carried: tuple[Carriage, ...] = ()
    more_carried: int = 0
    edited: EditedEntries = field(default_factory=EditedEntries)
    unheard: tuple[Entry, ...] = ()
    more_unheard: int = 0
    chart: Chart | None = None
    since: str = ""
    only: tuple[str, ...] = ()
    is_by_rule: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell but how the crawls went."""
        return not (self.sections or self.carried or self.edited.number or self.unheard or self.moves.lists)

    @property
    def number(self) -> int:
        """How many stories are new; of most there is one article."""
        return sum(section.number for section in self.sections)

    @property
    def titled(self) -> int:
        """How many articles are named by title alone."""
        return sum(len(section.titled) for section in self.sections)

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return sum(section.left_out for section in self.sections)

    @property
    def summary(self) -> str:
        """The totals in a sentence."""
        if self.sections:
            return self._counted
        if self.is_empty:
            how = self.trouble or ("all sources were crawled well" if self.is_all_well else "")
            return f"{self._nothing}{f'; {how}' if how else ''}."
        if self.carried and not (self.moves.lists or self.edited.number or self.unheard):
            told = len(self.carried) + self.more_carried
            trouble = f"; {self.trouble}" if self.trouble else ""
            return f"{self._nothing} but others who carry what it told of ({told:,}){trouble}."
        return f"No new article since {_LAST}."

    @property
    def _counted(self) -> str:
        of_each = in_a_row(f"{section.source} {section.number:,}" for section in self.sections)
        if self.articles > self.number:
            stories = "1 new story" if self.number == 1 else f"{self.number:,} new stories"
            return f"{stories} in {self.articles:,} articles: {of_each}."
        return f"{number_of(self.number, 'new article')}: {of_each}."

    @property
    def _nothing(self) -> str:
        return f"Nothing new since {_LAST}{f' ({self.since})' if self.since else ''}"

    @property
    def watched(self) -> str:
        """What met an alert rule, in a sentence; empty where nothing did, or where the sections say so."""
        if not self.rules or self.is_by_rule:
            return ""
        of_each = ", ".join(f"{rule} {count:,}" for rule, count in self.rules)
        if self.only:
            return f"You are told of what met {in_a_row(self.only)}: {of_each}."
        return f"{self.matched:,} of them met an alert rule: {of_each}."

    @property
    def totals(self) -> str:
        """What there is, in one paragraph."""
        return " ".join(
            filter(None, (self.summary, self.watched, self.edited.summary, self._unheard, self.moves.summary))
        )

    @property
    def _unheard(self) -> str:
        number = len(self.unheard) + self.more_unheard
        return f"{number_of(number, 'article')} met a rule without an alert." if number else ""

    @property
    def subject(self) -> str:
        """What a message's subject says of it: what is new, or what else there is, and what is in trouble."""
        counts = [f"{section.source} {section.number:,}" for section in self.sections]
        if len(counts) > _NAMED:
            counts[_NAMED:] = [f"{len(counts) - _NAMED} more"]
        carried = len(self.carried) + self.more_carried
        nothing = f"nothing new, {carried:,} carried on" if carried else "nothing new"
        new = f"{self.number:,} new — {', '.join(counts)}" if counts else nothing
        trouble = "" if counts else self.trouble
        return f"tonle: {'; '.join(filter(None, (new, self.edited.brief, self.moves.brief, trouble)))}"

    @property
    def is_all_well(self) -> bool:
        """Whether all sources that are crawled at all were crawled well."""
        crawled = [line.state for line in self.coverage if line.state is not State.OFF]
        return bool(crawled) and all(state is State.WELL for state in crawled)

    @property
    def trouble(self) -> str:
        """Which sources need a look (`OHCHR needs a look`), no whole sentence; empty where all is well."""
        if not self._troubled:
            return ""
        return f"{in_a_row(self._troubled)} {'needs' if len(self._troubled) == 1 else 'need'} a look"

    @property
    def _troubled(self) -> list[str]:
        return [line.source for line in self.coverage if line.state is State.TROUBLE]

    @property
    def caution(self) -> str:
        """Which sources may have more than is told, in a sentence; empty where all is well, or nothing is told."""
        if self.is_empty or not self._troubled:
            return ""
        return f"{in_a_row(self._troubled)} may have more than is told here: see how the crawls went, at the end."

    @property
    def ledger(self) -> Sequence[CoverageLine]:
        """The lines on the crawls that are shown: where there is nothing else to tell only those that need a look."""
        if not self.is_empty:
            return self.coverage
        return [line for line in self.coverage if line.state is State.TROUBLE]


def ranked(whole: Digest) -> list[tuple[int, int]]:
    """Return section and place of all entries, those first that are told in full first when there is little room.

    Those that met an alert rule go first; then each section's newest, in turn, so that none crowds out another.
    """
    places = [
        (not (item.rules or whole.is_by_rule), index, number)
        for number, section in enumerate(whole.sections)
        for index, item in enumerate(section.entries)
    ]
    return [(number, index) for _, index, number in sorted(places)]


def abridged(whole: Digest, full: int, titled: int) -> Digest:
    """Return a digest that tells `full` articles in full, `titled` by title, as ranked, and counts the rest."""
    ranks = {place: rank for rank, place in enumerate(ranked(whole))}
    sections = []
    for number, section in enumerate(whole.sections):
        order = [(ranks[number, index], item) for index, item in enumerate(section.entries)]
        sections.append(replace(section, entries=_within(order, 0, full), titled=_within(order, full, full + titled)))
    return replace(whole, sections=tuple(sections))


def _within(order: Iterable[tuple[int, Entry]], first: int, end: int) -> tuple[Entry, ...]:
    return tuple(item for rank, item in order if first <= rank < end)
