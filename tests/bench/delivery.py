"""What it costs to tell people: one digest for many readers, and many alerts by mail, in CPU of the one who sends.

Beside it in the same run: the digest of one reader; the same alerts written and not sent; the same mails handed over by
bare smtplib. The mail server is a process of its own, whose CPU is not counted.
"""

import logging
import smtplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time

import structlog

from core.audience import Subscriber
from core.config import Config, MailSettings
from core.model import Draft, Passage
from notify.channels import KINDS, ChannelMaker
from notify.delivery import deliver_due
from notify.message import Message
from notify.periods import owe_digest
from storage.store import Corpus, Store
from tests.bench.tellings import Tellings
from tests.rigs.owed import NOW, readers, settings
from tests.rigs.postoffice import post_office

_SOURCES = ("post", "ohchr", "khmer")
_TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR", "khmer": "Post Khmer"}
_TELLINGS = Tellings()
_MATCHED = 10  # one article in so many meets a rule


@dataclass
class Kept:
    """A channel that keeps what it is given, and sends nothing."""

    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message, key: str) -> None:
        del key
        self.messages.append(message)

    def close(self) -> None:
        pass


def measured(folder: Path, articles: int, subscribers: int, alerts: int) -> Iterator[str]:
    """Yield what there is to say."""
    folder.mkdir(parents=True, exist_ok=True)
    yield f"digests of {articles:,} articles, then {alerts:,} alerts; CPU of the process that sends"
    logging.disable(logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    one = _digests(folder / "one", articles, readers(1, "file"))
    yield f"a digest for 1 subscriber: {one:.2f} s"
    many = _digests(folder / "many", articles, _various(subscribers))
    yield f"a digest for {subscribers} subscribers: {many:.2f} s, {many / one:.1f} times that for one"
    yield from _alerts(folder, alerts)
    structlog.reset_defaults()
    logging.disable(logging.NOTSET)


def _various(number: int) -> tuple[Subscriber, ...]:
    """Return readers of all, of one source, or of a rule alone."""
    wishes: tuple[Mapping[str, object], ...] = (
        {},
        *({"sources": (source,)} for source in _SOURCES),
        {"rules": ("land",)},
        {"format": "text"},
    )
    return tuple(
        each.model_copy(update=dict(wishes[place % len(wishes)])) for place, each in enumerate(readers(number, "file"))
    )


def _digests(folder: Path, articles: int, who: tuple[Subscriber, ...]) -> float:
    """Return the CPU that the digests of some readers take, from what is owed to the messages, sent nowhere."""
    folder.mkdir()
    config = settings(folder, who)
    store = Store.open(config.corpus)
    with store.transaction() as corpus:
        corpus.enrol([each.name for each in who], NOW)
        for number in range(articles):
            _take_in(corpus, number, ())
    for reader in who:
        owe_digest(store, config, _TITLES, NOW, subscriber=reader)
    kept = Kept()
    taken = _cpu_of(lambda: _deliver(store, config, {"file": lambda *_: kept}))
    store.close()
    assert len(kept.messages) == len(who), len(kept.messages)
    return taken


def _alerts(folder: Path, alerts: int) -> Iterator[str]:
    who = readers(10, "smtp")
    kept = Kept()
    with _office() as port:
        mail = MailSettings(host="127.0.0.1", port=port, timeout=timedelta(seconds=30))
        ways: Mapping[str, Mapping[str, ChannelMaker]] = {
            "written, and not sent": {"smtp": lambda *_: kept},
            "written and sent": KINDS,
        }
        for name, kinds in ways.items():
            config = settings(folder / name, who, mail=mail)
            (folder / name).mkdir()
            store = Store.open(config.corpus)
            with store.transaction() as corpus:
                for number in range(alerts // len(who)):
                    _take_in(corpus, number, who)
            taken = _cpu_of(lambda: _deliver(store, config, kinds))  # noqa: B023  # called at once
            store.close()
            yield f"{alerts:,} alerts {name}: {taken / alerts * 1000:.1f} ms each"
        bare = _cpu_of(lambda: _hand_over(port, kept.messages))
        yield f"the same mails handed over by smtplib alone: {bare / alerts * 1000:.1f} ms each"


def _take_in(corpus: Corpus, number: int, who: tuple[Subscriber, ...]) -> None:
    """Keep an article; of those that met a rule owe each reader an alert."""
    telling = _TELLINGS(number)
    source = _SOURCES[number % len(_SOURCES)]
    url = f"https://www.example.org/{number}"
    draft = Draft(source, url, str(number), telling.title, tuple(telling.text.split("\n")), published_at=NOW)
    article = corpus.articles.add(draft, f"t-{number}", f"c-{number}", NOW, NOW)
    if number % _MATCHED and not who:
        return
    passage = Passage(draft.paragraphs[0], ((0, 6),))
    match = corpus.matches.add(article, 1, "land", passage, NOW, is_told=True)
    for reader in who:
        corpus.outbox.owe("alert", match or 0, f"alert:{match}:{reader.name}", NOW, reader.name)


def _deliver(store: Store, config: Config, kinds: Mapping[str, ChannelMaker]) -> None:
    report = deliver_due(store, config, _TITLES, lambda: NOW, kinds)
    assert (report.postponed, report.given_up) == (0, 0)


def _hand_over(port: int, messages: list[Message]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as session:
        for message in messages:
            session.send_message(message.mail, "tonle@example.org", ["a@example.org"])


def _cpu_of(work: Callable[[], object]) -> float:
    begin = process_time()
    work()
    return process_time() - begin


@contextmanager
def _office() -> Iterator[int]:
    """Run a mail server in a process of its own; give its port."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(pipe: Connection) -> None:
    with post_office() as office:
        pipe.send(office.port)
        pipe.recv()
