"""What is measured at the end of a run: how its texts came out, and the alarms that begin and end with it."""

from datetime import datetime
from functools import partial

import structlog

from core.health import Meter
from core.site import Site
from pipelines.ingest import MISSED
from pipelines.meter import Text, jumps, measured
from pipelines.neighbours import heard_of, leaks
from storage.meters import Taken
from storage.store import Corpus

log = structlog.get_logger()
_SIZES = 300  # earlier texts, from which it is learnt what is usual
_METERS = 400  # runs that brought texts


def note_meter(corpus: Corpus, site: Site, run_id: int, now: datetime) -> Meter | None:
    """Measure the texts of a run, record that, and begin and end alarms; None where it brought nothing to measure."""
    first, texts, unread = 1 << 62, [], corpus.meters.unread(run_id)
    for taken in corpus.meters.taken(run_id):
        first = min(first, taken.article_id)
        texts.append(_text(corpus, site.name, taken))
    if not texts and not unread:
        return None
    sizes = corpus.meters.sizes(site.name, first, _SIZES)
    meter = measured(run_id, texts, unread, sizes, has_layouts=bool(site.layouts))
    corpus.meters.keep(site.name, meter)
    _tell(corpus, site.name, run_id, now)
    return meter


def _text(corpus: Corpus, source: str, taken: Taken) -> Text:
    heard = heard_of(taken.paragraphs, partial(corpus.passages.heard, source))
    return Text(
        size=(len("\n".join(taken.paragraphs)), len(taken.paragraphs)),
        is_leaking=any(leaks(taken.paragraphs, taken.key, heard)),
        is_dated=taken.is_dated,
        has_authors=taken.has_authors,
        has_layout=taken.has_layout,
        missed=tuple(taken.missed.split(MISSED)) if taken.missed else (),
    )


def _tell(corpus: Corpus, source: str, run_id: int, now: datetime) -> None:
    was = {alarm.what for alarm in corpus.meters.alarms(source)}
    found = jumps(corpus.meters.recent(source, _METERS), corpus.meters.alarms(source))
    for jump in found:
        alarm = corpus.meters.raise_alarm(source, jump.what, jump.detail, run_id, now)
        if jump.what not in was:
            log.warning("alarm.raised", source=source, what=alarm.what, detail=alarm.detail)
    for what in was - {jump.what for jump in found}:
        corpus.meters.end_alarm(source, what, now)
        log.info("alarm.ended", source=source, what=what)
