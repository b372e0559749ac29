"""The coverage ledger: for each source, how its crawls went, so that silence can be told from breakage."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.config import Config
from core.crontab import following
from core.health import Alarm, Incident
from core.model import Reason, Run, Tally
from core.text import shortened
from core.timetable import crawl_trigger
from notify.phrases import Reader, age, in_a_row, number_of, visible
from notify.silence import Pace, quiet

_PATIENCE = timedelta(days=1)  # a machine that slept through the night is not a breakage
_OUTCOMES = {"saved": "new", "revised": "revised", "copy": "copies", "unchanged": "unchanged"}
_OUTCOMES |= {"left out": "left out as irrelevant", "skipped": "skipped"}


class State(StrEnum):
    """What the ledger says of a source in a word."""

    WELL = "Crawled well"
    TROUBLE = "Needs a look"
    NEVER = "Not crawled yet"
    OFF = "Switched off"


@dataclass(frozen=True, slots=True)
class Crawls:
    """What the corpus knows of a source's crawls: the newest one that finished, what became of it, and the newest.

    incidents are the open ones: hosts that refused tonle and have not answered since; so are alarms: what is wrong
    with the texts of its newest crawls. new counts its articles in the period of a digest, None where there is none;
    ended counts its runs of that time by how they ended. pace says how often something comes. asked is what became of
    the pages of the newest run that asked for any: most runs find nothing new.
    """

    source: str
    well: Run | None = None
    tally: Tally = field(default_factory=Tally)
    last: Run | None = None
    incidents: tuple[Incident, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    new: int | None = None
    ended: Mapping[str, int] = field(default_factory=dict)
    pace: Pace | None = None
    asked: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One source in the ledger: its title, its state, and whole sentences on it."""

    source: str
    state: State
    sentences: tuple[str, ...]


def coverage_line(crawls: Crawls, config: Config, reader: Reader, now: datetime) -> CoverageLine:
    """Return what the ledger says of a source: how it was crawled, what failed, and what its silence means."""
    title = reader.title(crawls.source)
    if not config.source(crawls.source).enabled:
        return CoverageLine(title, State.OFF, ("It is not crawled: config.yaml says enabled: false.",))
    sentences = []
    if crawls.last is not None and crawls.last.status != "finished":
        sentences.append(_end(crawls.last, reader, now))
    sentences += [_refused(incident, reader, now) for incident in crawls.incidents]
    sentences += [f"Its texts need a look: {visible(alarm.detail)}" for alarm in crawls.alarms]
    is_refused = any(incident.until > now for incident in crawls.incidents)
    if crawls.well is None:
        state = State.TROUBLE if is_refused or _ended_badly(crawls.last) else State.NEVER
        return CoverageLine(title, state, (*sentences, "No crawl has finished yet."))
    sentences.append(_well(crawls.well, crawls.tally, reader, now))
    faults = list(_faults(crawls, config, now))
    sentences += faults
    trouble = bool(faults or crawls.alarms) or is_refused or _ended_badly(crawls.last)
    sentences += _failures(crawls.ended)
    if crawls.new == 0:
        sentences.append(_BROKEN if trouble else quiet(crawls.pace, reader, now))
    return CoverageLine(title, State.TROUBLE if trouble else State.WELL, tuple(sentences))


_BROKEN = "Nothing new came, which may mean that it is broken, not that it is quiet."


def _faults(crawls: Crawls, config: Config, now: datetime) -> Iterator[str]:
    """Yield what is wrong though a crawl finished once."""
    if crawls.well and now > late_from(crawls.source, config, _at(crawls.well)):
        yield "It is overdue."
    if is_all_skipped(crawls.tally):
        yield "Every page was skipped."
    elif not has_asked(crawls.tally) and is_all_skipped(crawls.asked):
        yield "Every page of the last crawl that asked for any was skipped."


def _failures(ended: Mapping[str, int]) -> Iterator[str]:
    """Yield how many crawls of the period failed, where any did."""
    failed = ended.get("failed", 0) + ended.get("killed", 0)
    if failed:
        yield f"{failed:,} of {number_of(sum(ended.values()), 'crawl')} since the last digest failed."


def has_asked(tally: Tally) -> bool:
    """Return whether pages were asked for; what was left out as irrelevant does not count."""
    return _pages(tally) > tally.left_out


def is_all_skipped(tally: Tally) -> bool:
    """Return whether pages were asked for, and every one of them was skipped."""
    return has_asked(tally) and tally.count("skipped") == _pages(tally)


def interval(source: str, config: Config, moment: datetime) -> timedelta:
    """Return the time between two crawls of a source; by a crontab line, that between the two next after `moment`."""
    trigger = crawl_trigger(config, source)
    first = following(trigger, moment)
    return following(trigger, first) - first


def late_from(source: str, config: Config, well: datetime) -> datetime:
    """Return from when a source is late of which no crawl ended well since a moment: a day after it was due twice.

    By a crontab line of working days alone, that is no weekend.
    """
    trigger = crawl_trigger(config, source)
    return following(trigger, following(trigger, well)) + _PATIENCE


def outages(
    source: str, config: Config, pauses: Iterable[tuple[datetime, datetime]]
) -> tuple[tuple[datetime, datetime], ...]:
    """Return those of the stretches without a good run in which a source was late: what came then may be missing."""
    return tuple((start, end) for start, end in pauses if end > late_from(source, config, start))


def _ended_badly(run: Run | None) -> bool:
    # A crawl is stopped because somebody asked for it; where that goes on, the source is overdue within a day.
    return run is not None and run.status not in {"finished", "running", "stopped"}


def _at(run: Run) -> datetime:
    return run.finished_at or run.started_at


def _end(run: Run, reader: Reader, now: datetime) -> str:
    when = f"{reader.when(_at(run))} ({age(now - _at(run))})"
    if run.status == "running":
        return f"A crawl has been under way since {when}."
    why = f": {shortened(visible(run.error).rstrip('.'), 200)}" if run.error else ""
    return f"The last crawl {'was killed' if run.status == 'killed' else run.status}, {when}{why}."


def _refused(incident: Incident, reader: Reader, now: datetime) -> str:
    since = f"since {reader.when(incident.opened_at)}"
    why = f"{incident.host} refused tonle {since} ({visible(incident.reason)})"
    if incident.until <= now:
        return f"{why}; the next crawl asks again."
    return f"{why}; it is left alone until {reader.when(incident.until)}."


def _pages(tally: Tally) -> int:
    return sum(tally.outcomes.values())


def _well(run: Run, tally: Tally, reader: Reader, now: datetime) -> str:
    when = f"Last finished {reader.when(_at(run))} ({age(now - _at(run))})"
    pages = _pages(tally)
    if pages == 0:
        return f"{when}: nothing to fetch."
    numbers = {**tally.outcomes, "left out": tally.left_out, "skipped": tally.count("skipped") - tally.left_out}
    counts = [f"{numbers[name]} {word}" for name, word in _OUTCOMES.items() if numbers.get(name)]
    told = sorted((reason, count) for reason, count in tally.reasons.items() if reason != Reason.IRRELEVANT)
    reasons = ", ".join(f"{visible(reason)} {count}" for reason, count in told)
    because = f" ({reasons})" if reasons else ""
    return f"{when}: {number_of(pages, 'page')} fetched, {in_a_row(counts)}{because}."
