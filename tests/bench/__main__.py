"""`python -m tests.bench`: how fast tonle is and what it takes, beside what its parts take alone, in one run."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import backends, clean, cost, duplicates, nothing, rules, speed, steady


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
    if "backends" in options.what:
        yield from backends.measured(options.folder or folder / "backends", options.verdicts)
    if "rules" in options.what:
        yield from rules.measured()
    if "duplicates" in options.what:
        place = options.folder or folder / "duplicates"
        sizes = options.held, options.verdicts, options.load, options.variations
        yield from duplicates.measured(duplicates.Extent(place, *sizes, options.other_python))


def main() -> None:
    """Measure and print, line by line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("what", nargs="*", default=["speed", "nothing", "steady", "clean", "cost", "rules"])
    parser.add_argument("--stories", type=int, default=2_000, help="pages of the crawl whose speed is measured")
    parser.add_argument("--long", type=int, default=20_000, help="pages of the crawl whose memory is measured")
    parser.add_argument("--pages", type=int, default=0, help="so many pages: memory, not time (cost)")
    parser.add_argument("--rounds", type=int, default=5, help="how often the same pages are read (cost)")
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
