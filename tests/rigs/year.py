"""A daemon at work for very many runs, on sites in trouble, with readers behind servers that refuse and fall silent."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.model import Article, Run
from notify.channels.webhook import webhook_id
from notify.message import message_id
from replica import Replica
from storage.outbox import DeliveryState
from storage.store import Store
from tests.e2e.processes import ROOT, until
from tests.rigs.faults import Act, Faults, Stage
from tests.rigs.owed import twice
from tests.rigs.postoffice import PostOffice, post_office
from tests.rigs.seasons import CAMBODIA, OHCHR, POST, SOURCES, Seasons
from tests.rigs.webhooks import SECRET, Receiver, receiver

_MAIL_ODDS = {
    Stage.CONNECT: (Act.DEFER, Act.FORBID, Act.BREAK),
    Stage.EHLO: (Act.DEFER, Act.BREAK),
    Stage.MAIL: (Act.DEFER, Act.BREAK),
    Stage.RCPT: (Act.DEFER, Act.BREAK),
    Stage.DATA: (Act.DEFER, Act.BREAK),
    Stage.WITHIN: (Act.BREAK,),
    Stage.LETTER: (Act.DEFER, Act.BREAK, Act.HANG),
}
"""Whatever may pass, but no answer that is lost: who does not hear that a message was taken must send it again."""
_HOOK_ODDS = {Stage.LETTER: (Act.DEFER, Act.FORBID, Act.BREAK, Act.HANG)}
_RULES = [
    {"name": "land", "any": ["land titles", "land activist*", "eviction*", "a fenced road"]},
    {"name": "seized", "any": ["seized nets", "burned stalls", "cut cables"]},
    {"name": "experts", "any": ["UN expert*", "special rapporteur", "court stamps"], "sources": [OHCHR, CAMBODIA]},
]


def _readers() -> list[dict[str, Any]]:
    return [
        {"name": "ann", "to": ["ann@example.org"], "schedule": ["immediate", "* * * * *"], "burst": 0},
        {"name": "bo", "to": ["bo@example.org"], "schedule": ["immediate"], "rules": ["land"], "burst": 3},
        {"name": "chan", "channel": "hook", "schedule": ["immediate", "*/2 * * * *"], "burst": 0, "sources": [POST]},
        {"name": "dara", "to": ["dara@example.org"], "schedule": ["*/3 * * * *"], "zone": "Europe/Berlin"},
    ]


@dataclass
class Year:
    """The folder of a daemon, the sites that it watches, and what has come to its readers."""

    folder: Path
    replica: Replica
    seasons: Seasons
    office: PostOffice
    hook: Receiver
    settings: dict[str, Any]
    daemons: list["Working"] = field(default_factory=list)

    @property
    def corpus(self) -> Path:
        return self.folder / "data" / "corpus.sqlite"

    @property
    def environ(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("TONLE_")}
        return {**own, "PYTHONPATH": str(ROOT), "TONLE_CHANNEL_HOOK": SECRET}

    def configure(self, **changes: object) -> None:
        self.settings |= changes
        (self.folder / "config.yaml").write_text(json.dumps(self.settings))

    def tonle(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the daemon, to its end."""
        command = [sys.executable, "-m", "app", "--config", str(self.folder / "config.yaml"), *args]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=600)

    def daemon(self) -> "Working":
        """Start a daemon, as a process of its own."""
        working = Working(self, self.folder / f"daemon-{len(self.daemons)}.log")
        self.daemons.append(working)
        return working

    def close(self) -> None:
        for each in self.daemons:
            each.kill()

    def runs(self) -> int:
        """How many scheduled runs have begun so far, of those that are known."""
        return len(self.history()) if self.corpus.exists() else 0

    def history(self, *triggers: str) -> list[Run]:
        """Return the runs that were started so, oldest first; those on schedule where nothing is named."""
        named = triggers or ("schedule",)
        with self._reading() as corpus:
            return [run for run in reversed(corpus.runs.recent(1_000_000)) if run.trigger in named]

    def articles(self) -> dict[tuple[str, str], Article]:
        with self._reading() as corpus:
            return {(article.source, article.key): article for article in corpus.articles.newest(1_000_000)}

    def deliveries(self) -> list[DeliveryState]:
        with self._reading() as corpus:
            return list(reversed(corpus.outbox.listed("all", 1_000_000)))

    def waiting(self) -> int:
        with self._reading() as corpus:
            number: int = corpus.outbox.waiting()
        return number

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        store = Store.open(self.corpus)
        try:
            with store.reading() as corpus:
                yield corpus
        finally:
            store.close()

    def arrived(self) -> Counter[str]:
        """Return what came to readers, by the name under which it came, and how often."""
        return Counter([*self.office.ids, *self.hook.ids])

    def names(self, deliveries: list[DeliveryState]) -> set[str]:
        """Return the names under which messages that were sent should have come."""
        whole = [each for each in deliveries if each.merged_id is None and each.sent_at and not each.error]
        return {webhook_id(each.name) if each.subscriber == "chan" else message_id(each.name) for each in whole}

    def again(self) -> Counter[str]:
        return twice([*self.office.ids, *self.hook.ids])


class Working:
    """A daemon that was started."""

    def __init__(self, year: Year, log: Path) -> None:
        self.log = log
        self._handle = log.open("w")
        command = [sys.executable, "-m", "app", "--config", str(year.folder / "config.yaml")]
        self._process = subprocess.Popen(
            [*command, "--log-format", "json", "daemon"],
            env=year.environ,
            stdout=subprocess.DEVNULL,
            stderr=self._handle,
        )
        self.pid = self._process.pid

    def events(self, name: str = "") -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0].splitlines()
        told = [json.loads(line) for line in whole if line.startswith("{")]
        return [each for each in told if not name or each["event"] == name]

    def await_event(self, name: str, timeout: float = 120) -> None:
        until(lambda: self.events(name) or self._process.poll() is not None, timeout)
        assert self.events(name), self.log.read_text()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.is_alive:
            self._process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self._process.wait(30)
        self._handle.close()

    def end(self) -> int:
        """Ask it to end, and return its exit code."""
        self.send(signal.SIGTERM)
        code = self._process.wait(90)
        self._handle.close()
        return code


@contextmanager
def year(folder: Path, share: float = 0.01, every: str = "1s", slow: str = "") -> Iterator[Year]:
    """Give a year that has not begun.

    share is how often a server of the readers does not do what it should; slow is a source that is asked slowly.
    """
    with ExitStack() as stack:
        replica = stack.enter_context(Replica(now=datetime.now(UTC), sites=SOURCES, challenges=False))
        office = stack.enter_context(post_office(Faults(odds=_MAIL_ODDS, share=share, seed=7)))
        hook = stack.enter_context(receiver(Faults(odds=_HOOK_ODDS, share=share * 3, seed=7)))
        sources: dict[str, dict[str, object]] = {
            # Deep enough for whatever listings lead to.
            name: {
                "base_url": replica.base_url(name),
                "delay": "1s" if name == slow else "0s",
                "every": every,
                "pages": 30,
            }
            for name in SOURCES
        }
        sources[OHCHR]["relevance"] = "all"
        seasons = Seasons(replica, folder / "data" / "corpus.sqlite")
        made = Year(folder, replica, seasons, office, hook, {})
        stack.callback(made.close)
        made.configure(
            data="data",
            contact="archive@example.org",
            sources=sources,
            rules=_RULES,
            subscribers=_readers(),
            channels={"hook": {"kind": "webhook", "url": hook.url}},
            alerts={"channel": "none"},
            digest={"channel": "none"},
            mail={"host": "127.0.0.1", "port": office.port, "timeout": "3s"},
            crawl={
                "processes": 0,
                "request_timeout": "2s",
                "time_limit": "2m",
                "longest_hold": "2s",
                "revisit_after": ["2m", "10m"],
                "gone_after": "1m",
            },
            operator={"channel": "smtp", "to": ["keeper@example.org"], "every": "1m", "heartbeat": "*/5 * * * *"},
            daemon={"deliver_every": "2s"},
        )
        yield made
