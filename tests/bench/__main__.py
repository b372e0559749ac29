"""`python -m tests.bench`: how fast tonle is and what it takes, beside what its parts take alone, in one run."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import alerting, backends, clean, cost, delivery, duplicates, nothing, rules, speed, steady

Measured = Callable[[argparse.Namespace, Path], Iterator[str]]


def _duplicates(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    place = options.folder or folder / "duplicates"
    sizes = options.held, options.verdicts, options.load, options.variations
    return duplicates.measured(duplicates.Extent(place, *sizes, options.other_python))


def _delivery(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    return delivery.measured(folder / "delivery", options.articles, options.subscribers, options.alerts)


_KINDS: Mapping[str, Measured] = {
    "speed": lambda options, folder: speed.measured(options.stories, folder / "speed"),
    "nothing": lambda _, folder: nothing.measured(folder / "nothing"),
    "steady": lambda options, folder: steady.measured(options.long, folder / "steady"),
    "clean": lambda *_: clean.measured(),
    "cost": lambda options, _: cost.measured(options.pages, options.rounds),
    "backends": lambda options, folder: backends.measured(options.folder or folder / "backends", options.verdicts),
    "rules": lambda *_: rules.measured(),
    "alerting": lambda options, folder: alerting.measured(options.new, folder / "alerting"),
    "delivery": _delivery,
    "duplicates": _duplicates,
}


def _measured(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    for kind, measured in _KINDS.items():
        if kind in options.what:
            yield from measured(options, folder)


def main() -> None:
    """Measure and print, line by line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("what", nargs="*", default=["speed", "nothing", "steady", "clean", "cost", "rules"])
    parser.add_argument("--stories", type=int, default=2_000, help="pages of the crawl whose speed is measured")
    parser.add_argument("--long", type=int, default=20_000, help="pages of the crawl whose memory is measured")
    parser.add_argument("--pages", type=int, default=0, help="so many pages: memory, not time (cost)")
    parser.add_argument("--rounds", type=int, default=5, help="how often the same pages are read (cost)")
    telling = parser.add_argument_group("delivery, which is left out unless asked for")
    telling.add_argument("--articles", type=int, default=2_000, help="new articles that a digest tells of")
    telling.add_argument("--subscribers", type=int, default=200, help="who get that digest")
    telling.add_argument("--alerts", type=int, default=1_000, help="alerts that leave by mail")
    parser.add_argument("--new", type=int, default=10_000, help="new articles held against rules (alerting)")
    duplicate = parser.add_argument_group("duplicates, which takes an hour and is left out unless asked for")
    duplicate.add_argument("--held", type=int, default=1_000_000, help="texts that a new one is held against")
    duplicate.add_argument("--verdicts", type=int, default=2_000, help="new texts (duplicates, backends)")
    duplicate.add_argument("--load", type=int, default=100_000, help="texts whose index is made, by tonle and others")
    duplicate.add_argument("--variations", type=int, default=10_000, help="of one text, one after another")
    duplicate.add_argument("--folder", type=Path, help="where the corpora are made, to be used again")
    duplicate.add_argument("--other-python", default="", help="a Python that has datasketch and rensa")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="tonle-bench-") as folder:
        for line in _measured(options, Path(folder)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
