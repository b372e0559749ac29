"""The operator's alarms as a job of the daemon.

    look at the machine → judge sources → decide → troubles, reports and the message owed, in one transaction

Killed at any moment, either all of a look is kept or nothing: the next one finds things as they were and decides the
same. A message is a row before it leaves, under a key of its own (docs of storage/outbox.py), so it leaves once.
Where nothing changed, nothing is written.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from app.alarms.deciding import AGAIN, Looked, Step, decide
from app.alarms.symptoms import OFTEN, SELDOM, looked, of_jobs, of_machine
from app.desk import Desk
from core.trouble import Event, Report
from notify.life import LOOK
from storage.store import Corpus, Store

log = structlog.get_logger()
_SELDOM = timedelta(days=1)
_NEARLY = 0.9
"""Of the time between two looks: one that comes a moment early is not to put a message off until the next."""


def watch(desk: Desk, store: Store, source: str | None = None, since: datetime | None = None) -> bool:
    """Look at everything, or after a crawl at its source alone; return whether the operator is owed a message by it.

    since: since when tonle has been at work, where that is known.
    """
    now = desk.clock()
    is_seldom = not source and _is_time(store, now)
    machine = {} if source else of_machine(desk, OFTEN) | (of_machine(desk, SELDOM) if is_seldom else {})
    if not store.is_in_place():
        # Taken away while it was looked at: what was found says nothing of it, and could not be kept.
        return False

    def look(corpus: Corpus) -> Looked:
        of_all = machine if source else machine | of_jobs(corpus)
        return looked(desk, corpus, of_all, now, lambda name: source in {None, name}, since)

    with store.reading() as corpus:
        if not (is_seldom or _steps(corpus, look, now) or corpus.troubles.untold()):
            return False
    with store.transaction() as corpus:
        # Judged again: what is decided is decided on what nobody else changes meanwhile.
        for step in _steps(corpus, look, now):
            _keep(corpus, step, now)
        if is_seldom:
            corpus.jobs.done(LOOK, now)
        return _tell(desk, corpus, now)


def _is_time(store: Store, now: datetime) -> bool:
    """Return whether parts are to be looked at that cost much."""
    with store.reading() as corpus:
        last = corpus.jobs.last(LOOK)
    return last is None or abs(now - last) >= _SELDOM


def _steps(corpus: Corpus, look: Callable[[Corpus], Looked], now: datetime) -> tuple[Step, ...]:
    known = {trouble.subject: trouble for trouble in corpus.troubles.open()}
    oldest = min((trouble.opened_at for trouble in known.values()), default=now)
    return tuple(decide(known, corpus.troubles.ends(oldest - AGAIN), look(corpus), now))


def _keep(corpus: Corpus, step: Step, now: datetime) -> None:
    trouble = step.trouble
    trouble_id = corpus.troubles.keep(trouble)
    if step.event is None:
        return
    corpus.troubles.report(trouble, trouble_id, step.event, now)
    told = log.info if step.event is Event.ENDED else log.warning
    told(
        "trouble.reported",
        what=step.event.value,
        part=trouble.subject.part,
        name=trouble.subject.name,
        cause=trouble.cause,
        reasons=list(trouble.reasons),
    )


def _tell(desk: Desk, corpus: Corpus, now: datetime) -> bool:
    """Owe the operator one message of all that was not told yet; not within `operator.every` of the one before."""
    untold: tuple[Report, ...] = corpus.troubles.untold()
    if not untold:
        return False
    if not desk.config.operator_readers:
        corpus.troubles.tell(untold, 0, now)
        return False
    last = corpus.troubles.last_told()
    if last is not None and abs(now - last) < _NEARLY * desk.config.operator.every:
        return False
    number = untold[0].id
    corpus.troubles.tell(untold, number, now)
    return corpus.outbox.owe("trouble", number, f"trouble:{number}", now)
