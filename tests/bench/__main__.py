"""`python -m tests.bench`: how fast tonle is and what it takes, beside what its parts take alone, in one run."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import clean, cost, nothing, speed, steady


def _measured(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    if "speed" in options.what:
        yield from speed.measured(options.stories, folder / "speed")
    if "nothing" in options.what:
        yield from nothing.measured(folder / "nothing")
    if "steady" in options.what:
        yield from steady.measured(options.long, folder / "steady")
    if "clean" in options.what:
        yield from clean.measured()
    if "cost" in options.what:
        yield from cost.measured(options.pages, options.rounds)


def main() -> None:
    """Measure and print, line by line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("what", nargs="*", default=["speed", "nothing", "steady", "clean", "cost"])
    parser.add_argument("--stories", type=int, default=2_000, help="pages of the crawl whose speed is measured")
    parser.add_argument("--long", type=int, default=20_000, help="pages of the crawl whose memory is measured")
    parser.add_argument("--pages", type=int, default=0, help="so many pages: memory, not time (cost)")
    parser.add_argument("--rounds", type=int, default=5, help="how often the same pages are read (cost)")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="tonle-bench-") as folder:
        for line in _measured(options, Path(folder)):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
