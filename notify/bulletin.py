"""What the operator is told, as values: troubles that begin, get worse and end; and a sign of life. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.model import Run
from core.trouble import SOURCE, Event, Gravity, Report, Subject, Trouble
from notify.causes import called, cause_of, commands, headline
from notify.phrases import Reader, in_a_row, number_of, visible

_NAMED = 3  # subjects in a line that names several
_LEADS = {Event.WORSE: "worse: ", Event.CHANGED: "another cause: ", Event.GREW: "more of it: "}
_BLIND = timedelta(days=3)
"""After so long without a look at everything, one a day, nobody knows whether all is well."""
_STEPS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Alarm:
    """One trouble as it is told: line says it in one, happened what is new of it, the rest in sentences.

    Of one that is over meaning, remedy and commands are empty.
    """

    event: Event
    part: str
    name: str
    cause: str
    line: str
    happened: str
    reasons: tuple[str, ...]
    meaning: str = ""
    remedy: str = ""
    commands: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The line as a heading."""
        return titled(self.line, self.name)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One message of alarms; subject says it all. ended are those that are over."""

    subject: str
    heading: str
    alarms: tuple[Alarm, ...]
    ended: tuple[Alarm, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class SourceNews:
    """What a sign of life says of a source: good is its last crawl that ended well, came what it brought."""

    name: str
    good: Run | None
    came: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What a sign of life is made of. since: what came is counted from there; following: when the next one comes.

    looked: when all was last looked at for trouble, None for never.
    """

    troubles: Sequence[Trouble]
    sources: Sequence[SourceNews]
    since: datetime
    following: datetime
    articles: int = 0
    waiting: int = 0
    given_up: int = 0
    looked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a sign of life: what it is of, what is said of it, and whether that needs a look."""

    title: str
    says: str
    needs_look: bool = False


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A sign of life. open are the lines of troubles, sources those of each source."""

    subject: str
    heading: str
    summary: str
    open: tuple[Line, ...]
    sources: tuple[Line, ...]
    messages: str
    following: str
    zone: str
    totals: Mapping[str, int] = field(default_factory=dict)


def bulletin(reports: Iterable[Report], reader: Reader) -> Bulletin:
    """Return what is told of some reports, in one message."""
    found = [_alarm(report, reader) for report in reports]
    ended = tuple(alarm for alarm in found if alarm.event is Event.ENDED)
    begun = tuple(alarm for alarm in found if alarm.event is not Event.ENDED)
    heading = _heading(begun, ended)
    alone = len(found) == 1 and found[0].title
    return Bulletin(f"tonle: {heading}", alone or heading, begun, ended, str(reader.zone))


def _heading(begun: Sequence[Alarm], ended: Sequence[Alarm]) -> str:
    if len(begun) + len(ended) == 1:
        return (*begun, *ended)[0].line
    counts = [number_of(len(begun), "alarm")] * bool(begun) + [number_of(len(ended), "all-clear")] * bool(ended)
    names = list(dict.fromkeys(called(Subject(alarm.part, alarm.name)) for alarm in (*begun, *ended)))
    more = [number_of(len(names) - _NAMED, "other")] if len(names) > _NAMED else []
    return f"{in_a_row(counts)}: {in_a_row([*names[:_NAMED], *more])}"


def _alarm(report: Report, reader: Reader) -> Alarm:
    trouble = report.trouble
    said = headline(trouble.subject, report.cause)
    if report.event is Event.ENDED:
        return _all_clear(report, said, reader)
    known = cause_of(report.cause)
    return Alarm(
        event=report.event,
        part=trouble.subject.part,
        name=trouble.subject.name,
        cause=report.cause,
        line=_LEADS.get(report.event, "") + said,
        happened=_happened(report, reader),
        reasons=tuple(map(visible, report.reasons)),
        meaning=known.meaning,
        remedy=known.remedy,
        commands=commands(trouble.subject, report.cause),
    )


def _happened(report: Report, reader: Reader) -> str:
    since = reader.when(report.trouble.opened_at)
    if report.event is Event.WORSE:
        return f"Told of before, since {since}. It has got worse, seen {reader.when(report.at)}."
    if report.event is Event.CHANGED:
        return f"Told of before, since {since}. It lasts, and by now for another reason, seen {reader.when(report.at)}."
    if report.event is Event.GREW:
        return f"Told of before, since {since}. It lasts, and there is more of it, seen {reader.when(report.at)}."
    return f"Since {since}."


def _all_clear(report: Report, said: str, reader: Reader) -> Alarm:
    trouble = report.trouble
    end = trouble.ended_at or report.at
    lasted = duration(end - trouble.opened_at)
    return Alarm(
        event=report.event,
        part=trouble.subject.part,
        name=trouble.subject.name,
        cause=report.cause,
        line=f"all-clear for {called(trouble.subject)}, after {lasted}",
        happened=f"It lasted {lasted}, from {reader.when(trouble.opened_at)} to {reader.when(end)}. It was: {said}.",
        reasons=(),
    )


def titled(line: str, name: str) -> str:
    """Return a line with a capital, unless it begins with the name of a source, which is written as it is."""
    return line if name and line.startswith(name) else line[:1].upper() + line[1:]


def duration(span: timedelta) -> str:
    """Return how long something lasted, in one unit: `3 days`, `26 hours`, `1 minute`; `less than a minute`."""
    for unit, length in _STEPS:
        if span >= (length if unit == "minute" else 2 * length):
            return number_of(span // length, unit)
    return "less than a minute"


def heartbeat(known: Known, reader: Reader, now: datetime) -> Heartbeat:
    """Return a sign of life."""
    count, came = len(known.troubles), sum(each.came for each in known.sources)
    blind = tuple(_blind(known, reader, now))
    state = f"{number_of(count, 'trouble')} {'is' if count == 1 else 'are'} open" if count else "all is well"
    if blind:
        state = "nobody looks for trouble"
    news = number_of(came, "new article")
    of_source = {each.subject.name: each for each in known.troubles if each.subject.part == SOURCE}
    kept = f"The corpus holds {number_of(known.articles, 'article')}."
    return Heartbeat(
        subject=f"tonle is alive: {state}, {news}",
        heading=state[:1].upper() + state[1:],
        summary=f"{news[:1].upper()}{news[1:]} came since {reader.when(known.since)}. {kept}",
        open=(*blind, *(_open(trouble, reader, now) for trouble in known.troubles)),
        sources=tuple(_source(each, of_source.get(each.name), reader) for each in known.sources),
        messages=_messages(known),
        following=reader.when(known.following),
        zone=str(reader.zone),
        totals={"troubles": count, "new": came, "waiting": known.waiting, "given_up": known.given_up},
    )


def _blind(known: Known, reader: Reader, now: datetime) -> Iterator[Line]:
    if known.looked is None or now - known.looked <= _BLIND:
        return
    when = (
        f"All was last looked at {reader.when(known.looked)}, {duration(now - known.looked)} ago; once a day is usual."
    )
    says = f"{when} Alarms are of then: the daemon’s log says why, where it did not stand still."
    yield Line("Nobody looks for trouble", says, needs_look=True)


def _open(trouble: Trouble, reader: Reader, now: datetime) -> Line:
    said = headline(trouble.subject, trouble.cause)
    since = f"Since {reader.when(trouble.opened_at)}, for {duration(now - trouble.opened_at)}."
    calm = "Nothing was wrong in the last look." if trouble.well_since else ""
    says = " ".join((since, *(visible(reason) for reason in trouble.reasons), calm)).strip()
    return Line(titled(said, trouble.subject.name), says, trouble.gravity is Gravity.WRONG)


def _source(each: SourceNews, trouble: Trouble | None, reader: Reader) -> Line:
    if each.good is None:
        return Line(reader.title(each.name), "No crawl has ended well yet.", needs_look=True)
    at = reader.when(each.good.finished_at or each.good.started_at)
    says = f"{number_of(each.came, 'new article')}; last crawl that ended well: {at}."
    return Line(reader.title(each.name), says, trouble is not None)


def _messages(known: Known) -> str:
    if not (known.waiting or known.given_up):
        return "No message waits."
    given_up = f", {known.given_up:,} given up (`tonle deliveries`)" if known.given_up else ""
    return f"{number_of(known.waiting, 'message')} waiting{given_up}."
