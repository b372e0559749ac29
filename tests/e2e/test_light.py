"""What a crawl loads that finds nothing new: most crawls are of that kind, and loading is most of what they cost."""

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.places import CAMBODIA, Build, Place

ROOT = Path(__file__).parents[2]
HEAVY = {
    "aiohttp",
    "alembic",
    "app.daemon",
    "crawler.metering",
    "apscheduler",
    "dateparser",
    "feedparser",
    "jinja2",
    "lark",
    "notify.delivery",
    "pipelines.process",
    "pypdfium2",
    "requests",
    "rich.progress",
    "smtplib",
    "snowballstemmer",
    "sqlalchemy.dialects.postgresql",
    "trafilatura",
}
SCRIPT = """
import atexit, runpy, sys
atexit.register(lambda: print("loaded:", *sorted(sys.modules)))
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def loaded(place: Place, *args: str) -> set[str]:
    """Return the modules that a command has loaded when it ends."""
    command = [sys.executable, "-c", SCRIPT, "--config", str(place.folder / "config.yaml"), *args]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environ, cwd=place.folder, capture_output=True, text=True, check=True)
    # Other tests run tonle in forks, which do not take themselves apart at their end: what is said then is seen here.
    assert ended.stderr == ""
    return set(ended.stdout.splitlines()[-1].split()[1:])


def test_a_crawl_that_finds_nothing_new_loads_no_parser_and_nothing_that_tells_people(copied: Place) -> None:
    asked = len(copied.replica.log)
    found = loaded(copied, "crawl", "--json")
    assert len(copied.replica.log) > asked
    assert "scrapy.core.downloader.handlers.http11" in found
    assert found & HEAVY == set()


def test_a_crawl_that_reads_a_page_and_owes_an_alert_loads_what_that_takes(build: Build) -> None:
    assert {"crawler.metering", "trafilatura", "pipelines.process", "notify.delivery", "jinja2"} <= loaded(
        build(), "crawl", "--json", CAMBODIA
    )


def test_a_command_loads_no_other_command(build: Build) -> None:
    found = loaded(build(), "config", "check")
    assert {name for name in found if name.startswith(("app.cli.", "scrapy"))} == {
        "app.cli.commands",
        "app.cli.config",
        "app.cli.options",
    }
