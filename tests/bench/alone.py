"""What a crawl is compared with, each alone in a process: `python -m tests.bench.alone KIND FILE`.

fetch: a bare Scrapy spider asks for the addresses in FILE (JSON), and does nothing with the pages. trafilatura N: its
bare_extraction with metadata, for the pages of FILE (a pickle) in N processes. read N: tonle's own reading in N
processes. Prints one line of JSON: pages, and seconds without what importing took.
"""

import json
import pickle
import sys
import time
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from core.model import Page
from core.site import Site


def _fetch(addresses: list[str]) -> int:
    from scrapy import Spider  # noqa: PLC0415  # each pays for its own imports alone
    from scrapy.crawler import AsyncCrawlerProcess  # noqa: PLC0415  # as above
    from scrapy.http import Response  # noqa: PLC0415  # as above

    came = []

    class Bare(Spider):
        name = "bare"
        start_urls = addresses
        custom_settings = {  # noqa: RUF012  # Scrapy's own form
            "LOG_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
            "CONCURRENT_REQUESTS": 4,
            "DOWNLOAD_DELAY": 0,
        }

        def parse(self, response: Response, **kwargs: object) -> Iterable[Any]:
            del kwargs
            came.append(len(response.body))
            return ()

    process = AsyncCrawlerProcess({"LOG_ENABLED": False})
    process.crawl(Bare)
    process.start()
    return len(came)


def _trafilatura(pages: list[Page], processes: int) -> int:
    if processes == 1:
        return sum(map(_extracted, pages))
    with get_context("fork").Pool(processes) as pool:
        return sum(pool.imap_unordered(_extracted, pages, chunksize=8))


def _extracted(page: Page) -> int:
    import trafilatura  # noqa: PLC0415  # as above

    trafilatura.bare_extraction(page.body, url=page.url, with_metadata=True)
    return 1


def _read(pages: list[Page], site: Site, processes: int) -> int:
    from pipelines.workshop import Workshop  # noqa: PLC0415  # as above

    with Workshop({site.name: site}, processes) as workshop:
        return sum(1 for _ in workshop.read_all((page, site.name, None) for page in pages))


def main(kind: str, file: Path, processes: int = 1) -> None:
    """Do one of them."""
    if kind == "fetch":
        addresses = json.loads(file.read_text())
    else:
        pages, site = pickle.loads(file.read_bytes())  # noqa: S301  # written by the benchmark
    begun = time.perf_counter()
    match kind:
        case "fetch":
            count = _fetch(addresses)
        case "trafilatura":
            count = _trafilatura(pages, processes)
        case _:
            count = _read(pages, site, processes)
    sys.stdout.write(json.dumps({"pages": count, "seconds": time.perf_counter() - begun}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
