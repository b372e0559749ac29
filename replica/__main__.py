"""`python -m replica`: serve until SIGTERM or SIGINT, the addresses as one line of JSON on stdout."""

import argparse
import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime

from replica.server import Replica

_READ = 4096


def main() -> int:
    """Serve until told to stop; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m replica", description="A local replica of five news sites.")
    parser.add_argument("--now", type=_aware, help="ISO time with zone from which the stories' ages count")
    parser.add_argument("--crawl-delay", type=float, help="Crawl-delay in the Post's robots.txt, seconds")
    parser.add_argument("--feeds", action="store_true", help="let the Post's feeds answer")
    parser.add_argument("--stories", type=int, default=0, help="how many generated stories the Post holds besides")
    parser.add_argument("--weight", type=int, default=0, help="fill pages up to so many bytes with scripts and menus")
    parser.add_argument("--sites", nargs="+", default=(), help="serve these sites only")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when stdin does, so no orphan stays")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    if options.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), daemon=True).start()
    with Replica(
        now=options.now or datetime.now(UTC),
        crawl_delay=options.crawl_delay,
        feeds=options.feeds,
        stories=options.stories,
        sites=options.sites,
        weight=options.weight,
    ) as replica:
        sys.stdout.write(json.dumps({"control": replica.control, "sites": replica.base_urls}) + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _watch_stdin(stop: threading.Event) -> None:
    # Not sys.stdin: its lock, held by a thread that waits, would break the interpreter's shutdown.
    while os.read(0, _READ):
        pass
    stop.set()


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"needs a time zone: {text}")
    return moment


if __name__ == "__main__":
    sys.exit(main())
