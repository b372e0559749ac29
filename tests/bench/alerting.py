"""What a thousand rules add to taking in new articles: each is kept in two corpora, one of them without rules."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import process_time

import structlog

from core.model import Lead
from core.rules import Rule
from pipelines.ingest import Ingest
from storage.store import Store
from tests.bench.held import NOW, draft_of
from tests.bench.rules import rule_of
from tests.bench.tellings import Tellings

_RULES = 1_000
_TENTHS = 10


@dataclass(slots=True)
class _Desk:
    """A corpus that takes articles in by rules, and the seconds of the processor that it took."""

    store: Store
    ingest: Ingest
    seconds: list[float] = field(default_factory=list)

    def take(self, number: int, tellings: Tellings) -> None:
        draft = draft_of(tellings(number))
        before = process_time()
        self.ingest.keep(draft, Lead(draft.source, draft.url, draft.key, "feed"), NOW)
        self.seconds.append(process_time() - before)


def measured(articles: int, folder: Path) -> Iterator[str]:
    """Yield what was measured, line by line."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder.mkdir(parents=True, exist_ok=True)
    tellings, chance = Tellings(), Random(_RULES)
    rules = tuple(rule_of(number, tellings.words, chance) for number in range(_RULES))
    yield f"alerting: {articles:,} new articles, {_RULES:,} rules; CPU"
    with closing(_store(folder / "without.db")) as without, closing(_store(folder / "with.db")) as with_rules:
        desks = [_desk(without, ()), _desk(with_rules, rules)]
        for number in range(articles):
            # What is asked last is remembered by the machine: each is the first in turn.
            for desk in desks[:: 1 - 2 * (number % 2)]:
                desk.take(number, tellings)
        with with_rules.reading() as corpus:
            owed = corpus.outbox.waiting()
    plain, ruled = (sum(desk.seconds) for desk in desks)
    yield f"  without rules {1000 * plain / articles:.2f} ms an article, with them {1000 * ruled / articles:.2f} ms:"
    yield f"  {ruled / plain:.2f} times; {owed:,} alerts owed"
    tenth = max(articles // _TENTHS, 1)
    first, last = sum(desks[1].seconds[:tenth]), sum(desks[1].seconds[-tenth:])
    yield f"  the last tenth took {last / first:.2f} times what the first did"


def _store(path: Path) -> Store:
    path.unlink(missing_ok=True)
    return Store.open(path)


def _desk(store: Store, rules: tuple[Rule, ...]) -> _Desk:
    with store.transaction() as corpus:
        run = corpus.runs.start("bench", "bench", NOW)
    return _Desk(store, Ingest(store, run, rules, (timedelta(days=1),), lambda: NOW))
