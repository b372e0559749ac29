"""The bundled replica of the sites, as a process: the demo talks to it over HTTP alone, as it would to strangers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.request import Request, urlopen

from core.errors import TonleError

_SITES = ("phnom-penh-post", "ohchr", "ohchr-cambodia")  # of those that the replica has, what the demo shows
_TIMEOUT = 30  # seconds; it answers in milliseconds or is broken


@dataclass(frozen=True, slots=True)
class ReplicaProcess:
    """A running replica: the base address of each site by name, and that of its control."""

    sites: dict[str, str]
    control: str

    def advance(self) -> dict[str, dict[str, list[str]]]:
        """Let time pass there; return what each site published, edited and withdrew, as paths."""
        request = Request(f"{self.control}/advance", method="POST")  # noqa: S310  # our own loopback address
        with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310  # as above
            changed: dict[str, dict[str, list[str]]] = json.load(answer)
        return changed


@contextmanager
def running_replica() -> Iterator[ReplicaProcess]:
    """Run the replica on free ports of 127.0.0.1 for the block; it ends itself should this process be killed."""
    command = [sys.executable, "-m", "replica", "--until-stdin-closes", "--sites", *_SITES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise TonleError("The replica did not start; its last words are above.")
            told = json.loads(line)
            yield ReplicaProcess(told["sites"], told["control"])
        finally:
            process.terminate()
            process.wait(_TIMEOUT)
