"""What a child process that did not end well leaves behind, put into the record of its run."""

from datetime import datetime

from app.child import Ended
from app.desk import Desk
from core.errors import AlreadyRunningError
from core.model import Run
from storage.lock import is_held
from storage.store import Corpus, Store


def keep_last_words(desk: Desk, store: Store, source: str, ended: Ended, since: datetime) -> int | None:
    """Put how a child ended, which crawled a source on schedule from `since` on, into the record of its run.

    A run that told its own end keeps that, but for one that was stopped past its time limit: that has failed. A child
    that died before its run began gets a run of its own, which failed: else nobody would see that it tried. Returns
    the run that was written to; None where there was nothing to write.
    """
    if ended.code in {0, AlreadyRunningError.exit_code}:
        return None
    now = desk.clock()
    # A manual crawl may run now: looked at before the transaction, as what lets go of its lock has told its end.
    is_busy = is_held(desk.lock(source))
    with store.transaction() as corpus:
        run = _run_since(corpus, source, since)
        if run is not None:
            return _told(corpus, run, ended, now, is_busy=is_busy)
        if ended.stopped or is_busy:
            return None
        run_id = corpus.runs.start(source, "schedule", since)
        corpus.runs.finish(run_id, "failed", now, ended.told)
        return run_id


def _run_since(corpus: Corpus, source: str, since: datetime) -> Run | None:
    # A child starts one run; a few more by hand may have come since.
    found = corpus.history.runs(5, source)
    return next((run for run in found if run.trigger == "schedule" and run.started_at >= since), None)


def _told(corpus: Corpus, run: Run, ended: Ended, now: datetime, *, is_busy: bool) -> int | None:
    if run.status == "running" and not is_busy:
        corpus.runs.finish(run.id, "stopped" if ended.stopped else "killed", now, ended.told)
        return run.id
    if run.status == "killed" and not run.error:
        corpus.runs.finish(run.id, "killed", run.finished_at or now, ended.told)
        return run.id
    if run.status == "stopped" and ended.timed_out:
        # Nobody wanted it to end but the daemon: what never comes to its end is retried less often, and told of.
        corpus.runs.finish(run.id, "failed", run.finished_at or now, ended.told)
        return run.id
    return None
