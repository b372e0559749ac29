"""Whether the memory of one long crawl stays where it was after its first pages."""

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import OperationalError
from statistics import linear_regression

from tests.bench.places import POST, Place
from tests.bench.processes import memory, replica

_WARM = 2_000  # pages after which everything is loaded and every cache is full


def measured(stories: int, folder: Path) -> Iterator[str]:
    """Yield what there is to say."""
    with replica(stories) as sites:
        place = Place(folder, sites, (POST,))
        place.configure(crawl={"time_limit": "2h"})
        due = place.expect(POST, sites.stories(POST))
        samples: list[tuple[int, int]] = []

        def look(pid: int) -> None:
            try:
                samples.append((place.held(), memory(pid)))
            except OperationalError:
                return  # the corpus is being made or closed

        cost = place.crawl("--pages", "1", watch=look)
    yield f"one crawl of {due:,} pages in {cost.wall:.0f} s, {place.held():,} articles held"
    warm = [(held, size) for held, size in samples if held >= min(_WARM, due // 4) and size]
    slope, _ = linear_regression([held for held, _ in warm], [size for _, size in warm])
    tenths = [warm[len(warm) * tenth // 10][1] / 1e6 for tenth in range(10)]
    yield f"  memory of all its processes, MB, tenth by tenth: {' '.join(f'{size:.0f}' for size in tenths)}"
    yield f"  slope: {slope:.0f} bytes a page, {slope * due / 1e6:.1f} MB over the whole crawl"
