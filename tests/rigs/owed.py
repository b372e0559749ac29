"""A corpus that owes many messages to many readers, and working through what it owes with a clock of one's own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from os import environ
from pathlib import Path

from core.audience import Subscriber
from core.config import AlertSettings, Config, DigestSettings
from core.model import Draft, Passage
from notify.delivery import DeliveryReport, deliver_due
from notify.periods import owe_digest
from storage.outbox import DeliveryState
from storage.store import Corpus, Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
TITLES = {"post": "Phnom Penh Post"}
_LONGEST_STEP = timedelta(hours=4)
_MOST_ROUNDS = 500


@dataclass
class Owing:
    """The corpus, its readers, and the time that it is."""

    store: Store
    config: Config
    now: datetime = NOW
    rounds: int = 0

    def owe(self, articles: int, digests: int) -> None:
        """Take in articles that met a rule, owe each reader an alert of each, and so many digests, each of a part."""
        with self.store.transaction() as corpus:
            corpus.enrol([each.name for each in self.config.subscribers], self.now)
        for part in range(digests):
            with self.store.transaction() as corpus:
                for number in range(part, articles, digests):
                    self._take_in(corpus, number)
            for reader in self.config.subscribers:
                assert owe_digest(self.store, self.config, TITLES, self.now, subscriber=reader)

    def _take_in(self, corpus: Corpus, number: int) -> None:
        text = f"The land case goes on. A court heard it for the {number}th time."
        draft = Draft("post", f"https://www.example.org/{number}", str(number), f"Headline {number}", (text,))
        article = corpus.articles.add(draft, f"t-{number}", f"c-{number}", self.now, self.now)
        match = corpus.matches.add(article, 1, "land", Passage(text, ((4, 8),)), self.now, is_told=True)
        assert match
        for reader in self.config.subscribers:
            corpus.outbox.owe("alert", match, f"alert:{match}:{reader.name}", self.now, reader.name)

    def work(self) -> DeliveryReport:
        """Look once through the outbox."""
        return deliver_due(self.store, self.config, TITLES, lambda: self.now)

    def work_off(self) -> None:
        """Look through the outbox until nothing is owed; in between the time moves on."""
        while self.waiting():
            assert self.rounds < _MOST_ROUNDS
            self.work()
            self.now += min(timedelta(minutes=2) * 2 ** min(self.rounds, 20), _LONGEST_STEP)
            self.rounds += 1

    def waiting(self) -> int:
        with self.store.reading() as corpus:
            return corpus.outbox.waiting()

    def states(self) -> dict[str, DeliveryState]:
        """Return how far each message has come, by its key, in the order in which they were owed."""
        with self.store.reading() as corpus:
            return {state.key: state for state in reversed(corpus.outbox.listed("all", 100_000))}


def readers(number: int, channel: str, **settings: object) -> tuple[Subscriber, ...]:
    """Return subscribers who want every alert by itself, and digests."""
    values = {"channel": channel, "schedule": ("immediate", "daily 07:30"), "burst": 0} | settings
    return tuple(
        Subscriber.model_validate(values | {"name": f"reader-{each}", "to": (f"reader-{each}@example.org",)})
        for each in range(number)
    )


def settings(folder: Path, who: Iterable[Subscriber], **more: object) -> Config:
    """Return settings under which nobody else is told."""
    values: Mapping[str, object] = {
        "data": folder,
        "subscribers": tuple(who),
        "alerts": AlertSettings(channel="none"),
        "digest": DigestSettings(channel="none"),
    }
    return Config.model_validate({**values, **more})


def twice(arrived: Iterable[str]) -> Counter[str]:
    """Return what came more than once, and how often beyond the first time."""
    return Counter({name: count - 1 for name, count in Counter(arrived).items() if count > 1})


def deliverer(config: Config, now: datetime, certificate: Path | None = None) -> ForkServerProcess:
    """Start a process that looks once through the outbox; it is forked off one that has loaded what that takes."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.rigs.owed", "notify.channels.webhook", "smtplib"])
    process = context.Process(target=_deliver, args=(config, now, certificate), daemon=True)
    process.start()
    return process


def _deliver(config: Config, now: datetime, certificate: Path | None) -> None:
    if certificate:
        environ["SSL_CERT_FILE"] = str(certificate)
    store = Store.open(config.corpus)
    deliver_due(store, config, TITLES, lambda: now)
    store.close()
