"""A source judged against its own history: well, quiet or broken, and why. Pure, but for `history_of`, which asks."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.desk import Desk
from core.health import Alarm, Incident
from core.model import Reason, Run, Tally
from core.text import shortened
from notify.coverage import has_asked, interval, is_all_skipped, late_from, outages
from notify.phrases import Reader, number_of, span_of, visible
from notify.silence import KNOWN_BY, Pace, pace, quiet
from pipelines.visits import GONE, PASSING
from storage.store import Corpus

_HOUR = timedelta(hours=1)
_RUNS = 20  # newest ones that are looked at
_IN_A_ROW = 2  # failed runs that are no chance any more: the next run of a passing fault goes well
_LOST_AFTER = 5  # runs in a row, for reasons that do not pass by themselves
_RESTED = timedelta(days=3)  # a feed that rests is asked once a day; one that was taken out is asked no more
_NAMED_AT_MOST = 3
_PATIENCE = timedelta(days=1)
_LONG = timedelta(days=30)
"""Without anything new, for a source of which too little has come to tell how often something does."""
_WINDOW, _BEFORE = timedelta(days=7), timedelta(days=56)  # a whole week each: weekends bring less
_LEAST_WEEKS, _LEAST_USUAL = 2.0, 5.0
_CHANCE = 0.001
"""That so few would come if nothing had changed, by a Poisson tail: of five a week, none is .007, not worth a word."""
_TOLD_AFTER = 2
"""The longest gaps that a silence has to last before the operator is told.

Where articles come by chance, one of thirty gaps is the longest so far, and so would be an alarm a month for a source
of one article a day; twice the longest (eight usual gaps) comes once in some years.
"""
_BLOCKING = frozenset({Reason.CHALLENGE, Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS})
_ENDED = frozenset({"finished", "failed", "killed"})  # stopped: somebody asked for it
_NAMED = re.compile(r"([a-z0-9-]+) \(")  # as crawler.crawl.no_listing writes reasons
_REASONS = frozenset(map(str, Reason))
_CERTIFICATE = re.compile(r"certificate|ssl|tls", re.IGNORECASE)
_WHYS: Mapping[str, tuple[str, str]] = {
    Reason.ROBOTS: ("robots", "its robots.txt forbids what tonle asks for"),
    Reason.ROBOTS_UNREACHABLE: ("robots-unreachable", "its robots.txt cannot be read, so nothing may be asked"),
    Reason.HOST_UNKNOWN: ("host-unknown", "its host's name is not known to the name server (DNS)"),
    Reason.CHALLENGE: ("challenge", "it shows a challenge instead of its pages"),
    Reason.FORBIDDEN: ("forbidden", "it refuses tonle (403)"),
    Reason.RATE_LIMITED: ("rate-limited", "it says that tonle asks too much (429)"),
    Reason.BLOCKED: ("failing", "its host is being left alone after a refusal"),
    Reason.TIMEOUT: ("timeout", "it does not answer in time"),
    Reason.CONNECTION_LOST: ("connection-lost", "the connection to it fails"),
    Reason.SERVER_ERROR: ("server-error", "its server fails (5xx)"),
    Reason.NOT_A_FEED: ("listing", "a listing is something else than a feed or sitemap"),
    Reason.BROKEN_XML: ("listing", "a feed or sitemap cannot be parsed"),
    Reason.NOT_FOUND: ("listing", "a listing is not there any more (404)"),
    Reason.GONE: ("listing", "a listing is not there any more (410)"),
}
"""What a reason is as a cause of trouble (notify/causes.py), and in words."""


class State(StrEnum):
    """How a source stands, in a word."""

    WELL = "well"
    QUIET = "quiet"
    BROKEN = "broken"
    BLOCKED = "blocked"
    NEVER = "never"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a source stands, and why, in whole sentences; a source that is well may have something to be said of it.

    cause is the word for what is wrong (notify/causes.py), empty where the operator need not be told.
    """

    state: State
    reasons: tuple[str, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a source.

    runs are its newest, newest first, and those of a part alone (by hand) where it was never crawled as a whole; tally
    is what became of the pages of the newest of them that ended, asked that of the newest run that asked for any:
    whoever refuses them refuses them still when a run has none to ask for. every is the time between two runs; it is
    late from late_from on, if no run ends well before. recent counts its articles of the last week, before those of the
    `weeks` before it. lost are the listings that led to items once and now fail run after run, while others go on.
    first is when its first good run ended, of those that are known; outages are when it was not crawled for too long.
    """

    reader: Reader
    is_enabled: bool = True
    runs: tuple[Run, ...] = ()
    well: Run | None = None
    tally: Tally = field(default_factory=Tally)
    asked: Tally = field(default_factory=Tally)
    incidents: tuple[Incident, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    pace: Pace | None = None
    every: timedelta = timedelta(hours=1)
    late_from: datetime | None = None
    recent: int = 0
    before: int = 0
    weeks: float = 0.0
    lost: tuple[str, ...] = ()
    first: datetime | None = None
    outages: tuple[tuple[datetime, datetime], ...] = ()


def history_of(desk: Desk, corpus: Corpus, source: str, now: datetime, newest: Run | None = None) -> History:
    """Return what the corpus knows of a source. newest is its newest run where the caller knows its true end."""
    # A crawl of a part says nothing of the whole: who tries an address that is gone has broken no source.
    whole = corpus.runs.last(source, whole=True) is not None
    found = corpus.history.runs(_RUNS, source, whole=whole)
    runs = tuple(newest if newest and run.id == newest.id else run for run in found)
    ended = next((run for run in runs if run.status in _ENDED), None)
    well = next((run for run in runs if run.status == "finished"), None)
    well = well or corpus.runs.last(source, "finished", whole=whole)
    asked = corpus.history.asked(source, GONE, whole=whole)
    start = now - _WINDOW
    recent, _ = corpus.history.dated(source, start, now + timedelta(days=1))
    before, first = corpus.history.dated(source, start - _BEFORE, start)
    dates = corpus.news.dates(source, KNOWN_BY)
    history = History(
        reader=Reader(desk.titles, desk.zone),
        is_enabled=source in desk.sites,
        runs=runs,
        well=well,
        tally=corpus.runs.tally([ended.id]) if ended else Tally(),
        asked=corpus.runs.tally([asked]) if asked else Tally(),
        incidents=corpus.incidents.open(source),
        alarms=corpus.meters.alarms(source),
        pace=pace(dates),
        every=interval(source, desk.config, now),
        late_from=late_from(source, desk.config, _at(well)) if well else None,
        recent=recent,
        before=before,
        weeks=(start - first) / _WINDOW if first else 0.0,
        lost=_lost(corpus, source, runs, now),
        first=corpus.history.first_good(source),
    )
    if not _seems_quiet(history, now):
        return history
    away = outages(source, desk.config, corpus.history.pauses(source, min((start, *dates[-1:]))))
    return replace(history, pace=pace(dates, away), outages=away)


def _seems_quiet(history: History, now: datetime) -> bool:
    """Return whether outages matter: to look for them through all runs of a year takes 17 ms."""
    known = history.pace
    if known is not None and known.usual is not None and now - known.last > max(_TOLD_AFTER * known.usual, _PATIENCE):
        return True
    return _are_few(history)


def _lost(corpus: Corpus, source: str, runs: tuple[Run, ...], now: datetime) -> tuple[str, ...]:
    finished = [run.id for run in runs if run.status == "finished"][:_LOST_AFTER]
    if len(finished) < _LOST_AFTER:
        return ()
    # A listing alone that is refused, while others go on, is as lost as one that is gone.
    passing = PASSING - {Reason.ROBOTS, Reason.FORBIDDEN}
    return corpus.listings.lost(source, finished, passing, now - _RESTED)


def _in_words(listings: tuple[str, ...]) -> str:
    named = ", ".join(shortened(visible(url), 120) for url in listings[:_NAMED_AT_MOST])
    more = f" and {len(listings) - _NAMED_AT_MOST} more" if len(listings) > _NAMED_AT_MOST else ""
    return f"{'The listing' if len(listings) == 1 else 'The listings'} {named}{more}"


def judged(history: History, now: datetime) -> Judgement:
    """Return how a source stands: broken and blocked go before quiet, as silence says nothing where reading fails."""
    if not history.is_enabled:
        return Judgement(State.OFF, ("It is not crawled: config.yaml says enabled: false.",))
    failures = _failures(history)
    troubles = (*_blocked(history, now), *_broken(history, failures, now))
    if any(incident.reason in _BLOCKING and incident.until > now for incident in history.incidents):
        return Judgement(State.BLOCKED, troubles, _cause(history, failures, now))
    if troubles:
        return Judgement(_closed(history, failures), troubles, _cause(history, failures, now))
    if history.well is None:
        return Judgement(State.NEVER, ("No crawl has finished yet.",))
    passing = tuple(f"The last crawl {_ended(run)}: {why(run.error, history.tally)}." for run in failures[:1])
    silence = tuple(_quiet(history, now))
    return Judgement(State.QUIET if silence else State.WELL, (*passing, *silence), _silent(history, now))


def why(error: str, tally: Tally) -> str:
    """Return in words why a run failed: by what its error names first, else by what its listings met."""
    return _named(error, tally)[1]


def _named(error: str, tally: Tally) -> tuple[str, str]:
    """Return why a run failed, as a cause and in words."""
    named = [name for name in _NAMED.findall(error) if name in _REASONS]
    for name in named or sorted(tally.listings):
        if name in {Reason.CONNECTION_LOST, Reason.FAILED} and _CERTIFICATE.search(error):
            return "certificate", "its certificate is not valid, or its TLS is not"
        if name in _WHYS:
            return _WHYS[name]
    said = shortened(visible(error).rstrip("."), 200)
    return "failing", said or "it left no word; see the log of the run"


def _failures(history: History) -> tuple[Run, ...]:
    """Return the failed runs in a row since the last good one, newest first."""
    found = []
    for run in history.runs:
        if run.status == "finished":
            break
        if run.status in _ENDED:
            found.append(run)
    return tuple(found)


def _blocked(history: History, now: datetime) -> Iterator[str]:
    for incident in history.incidents:
        _, what = _WHYS.get(incident.reason, ("", str(incident.reason)))
        then = f"left alone until {history.reader.when(incident.until)}"
        since = f"since {history.reader.when(incident.opened_at)}"
        then = then if incident.until > now else "the next crawl asks again"
        if incident.until > now or incident.reason in _BLOCKING:
            yield f"{incident.host}, {since}: {what}; {then}."


def _broken(history: History, failures: tuple[Run, ...], now: datetime) -> Iterator[str]:
    is_late = bool(history.well) and _is_late(history, now)
    if failures and (len(failures) >= _IN_A_ROW or is_late or history.well is None):
        last = failures[0]
        yield f"{_in_a_row(len(failures))} {_ended(last)}: {why(last.error, history.tally)}."
    if is_late and history.well:
        hours = number_of((now - _at(history.well)) // _HOUR, "hour")
        yield f"No crawl has ended well for {hours}, and there should be one every {span_of(history.every)}."
    for alarm in history.alarms:
        yield f"Its texts need a look since {history.reader.when(alarm.opened_at)}: {visible(alarm.detail)}"
    if history.lost and not failures:
        yield f"{_in_words(history.lost)} cannot be read any more; the crawls go on by the others."
    if is_all_skipped(history.asked):
        which = "the last crawl" if has_asked(history.tally) else "the last crawl that asked for any"
        yield f"Every page of {which} was skipped ({', '.join(sorted(history.asked.reasons))})."


def _cause(history: History, failures: tuple[Run, ...], now: datetime) -> str:
    """Return the first of what is wrong with a source, in a word: what refuses tonle goes before what fails."""
    of_hosts = sorted(history.incidents, key=lambda incident: incident.reason not in _BLOCKING)
    for incident in of_hosts:
        if incident.until > now or incident.reason in _BLOCKING:
            # A host that cannot be reached, by its certificate, is an incident too: the run's error names that.
            known = _WHYS.get(incident.reason, ("failing", ""))[0]
            by_run = _named(failures[0].error, history.tally)[0] if failures else known
            return by_run if by_run == "certificate" else known
    if failures and (len(failures) >= _IN_A_ROW or history.well is None or _is_late(history, now)):
        return _named(failures[0].error, history.tally)[0]
    if _is_late(history, now):
        return "late"
    if history.alarms:
        return "texts"
    if history.lost and not failures:
        return "lost"
    barred = sorted(_barred(history.asked))
    return _WHYS[barred[0]][0] if barred else "skipped"


def _barred(tally: Tally) -> frozenset[Reason]:
    """Return by what every page of a run was refused; nothing where some were skipped for other reasons."""
    met = {Reason(name) for name in tally.reasons if name in _REASONS} - {Reason.IRRELEVANT}
    return frozenset(met) if is_all_skipped(tally) and met <= _BLOCKING else frozenset()


def _silent(history: History, now: datetime) -> str:
    """Return the cause of a silence of which the operator is to be told."""
    known = history.pace
    if known is None:
        return "silent" if history.first and now - history.first > _PATIENCE else ""
    if _is_long(history, known, now):
        return "silent"
    if known.longest is not None and now - known.last > max(_TOLD_AFTER * known.longest, timedelta(days=1)):
        return "silent"
    return "fewer" if any(said.startswith("Fewer") for said in _quiet(history, now)) else ""


def _in_a_row(count: int) -> str:
    if count == 1:
        return "The last crawl"
    return f"{'At least ' if count == _RUNS else 'The last '}{count} crawls in a row"


def _closed(history: History, failures: tuple[Run, ...]) -> State:
    """Return whether a source in trouble is closed to tonle, or broken."""
    met = {incident.reason for incident in history.incidents}
    met |= {Reason(name) for run in failures[:1] for name in _NAMED.findall(run.error) if name in _REASONS}
    met |= _barred(history.asked)
    return State.BLOCKED if met & _BLOCKING else State.BROKEN


def _quiet(history: History, now: datetime) -> Iterator[str]:
    known = history.pace
    if known is None:
        yield quiet(None, history.reader, now)
        return
    is_longest = known.longest is not None and now - known.last > max(known.longest, timedelta(days=1))
    if is_longest or _is_long(history, known, now):
        yield quiet(known, history.reader, now)
        return
    # After an outage nobody knows what came in it: feeds hold so many items, whenever these came.
    if _are_few(history) and not any(end > now - _WINDOW for _, end in history.outages):
        usual = history.before / history.weeks
        came = number_of(history.recent, "article")
        yield f"Fewer items than usual: {came} in seven days, where {usual:.0f} are usual; it was crawled well."


def _is_long(history: History, known: Pace, now: datetime) -> bool:
    """Return whether nothing has come for long from a source of which too little came before to say what is usual."""
    looked_since = max(known.last, history.first or known.last)
    return known.longest is None and now - looked_since > _LONG


def _are_few(history: History) -> bool:
    if history.weeks < _LEAST_WEEKS:
        return False
    usual = history.before / history.weeks
    return usual >= _LEAST_USUAL and _tail(history.recent, usual) < _CHANCE


def _tail(count: int, mean: float) -> float:
    """Return how likely so few, or fewer, are where `mean` are usual."""
    return sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count + 1))


def _is_late(history: History, now: datetime) -> bool:
    return history.late_from is not None and now > history.late_from


def _at(run: Run) -> datetime:
    return run.finished_at or run.started_at


def _ended(run: Run) -> str:
    return "was killed" if run.status == "killed" else "failed"
