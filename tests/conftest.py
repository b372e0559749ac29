import gc
import importlib
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from core.model import Lead, Page
from core.site import Site, load_sites
from crawler import SITES
from storage.store import Store

# The suite says the same on each run; whoever hunts gives --hypothesis-profile and a seed.
settings.register_profile("tonle", deadline=None, derandomize=True, database=None)
settings.load_profile("tonle")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Load the modules of the whole suite beginning elsewhere in each process that tests.

    Rewriting their asserts takes longer than all else that happens before the first test. Each process loads all of
    them: side by side in one order each would rewrite what the others do, and now each finds most of it done.
    """
    # Nothing that is loaded is garbage, and to look for some takes an eighth of the time (5.2 s of CPU, not 5.9).
    gc.disable()
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    root = session.config.rootpath
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in sorted(root.glob("tests/*/test_*.py"))]
    first = len(names) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for name in (*names[first:], *names[:first]):
        # What is wrong with a module is told where its tests are collected.
        with suppress(Exception):
            importlib.import_module(name)


def pytest_collection_finish() -> None:
    """Look for garbage from here on, but never among what was loaded."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def empty_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus without articles, made once: to copy it takes a twentieth of making another.

    It has no identity, which chance makes: messages are named by their keys alone.
    """
    path = tmp_path_factory.mktemp("empty") / "corpus.sqlite"
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM identity")
    return path


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def sites() -> dict[str, Site]:
    return load_sites(SITES)


@pytest.fixture(scope="session")
def post(sites: dict[str, Site]) -> Site:
    return sites["phnom-penh-post"]


@pytest.fixture(scope="session")
def ohchr(sites: dict[str, Site]) -> Site:
    return sites["ohchr"]


@pytest.fixture(scope="session")
def cambodia(sites: dict[str, Site]) -> Site:
    return sites["ohchr-cambodia"]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def page(now: datetime) -> Callable[..., Page]:
    """Build an answer of the Post's site; a text is sent as UTF-8."""

    def build(body: str | bytes = "<p>Text</p>", path: str = "/national/dry-wells", **changes: object) -> Page:
        values: dict[str, object] = {
            "url": path if "://" in path else f"https://www.phnompenhpost.com{path}",
            "status": 200,
            "headers": {"content-type": "text/html; charset=utf-8"},
            "body": body.encode() if isinstance(body, str) else body,
            "fetched_at": now,
        }
        return Page(**(values | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def lead() -> Callable[..., Lead]:
    """Build a lead to a story of the Post."""

    def build(key: str = "dry-wells", **changes: object) -> Lead:
        values: dict[str, object] = {
            "source": "phnom-penh-post",
            "url": f"https://www.phnompenhpost.com/national/{key}",
            "key": key,
            "via": "section",
            "listing": "https://www.phnompenhpost.com/national?page=*",
        }
        return Lead(**(values | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def cms() -> Callable[..., str]:
    """Write a page of the Post's present design around a body."""

    def write(
        body: str,
        title: str = "Wells run dry in Kandal",
        date: str = "Publication date 27 February 2026 | 08:40 ICT",
        byline: str = "Keo Rathana",
        below: str = "",
    ) -> str:
        return (
            f"<!DOCTYPE html><html lang='en'><head><title>{title} | Phnom Penh Post</title></head><body>"
            f"<div class='section-article-header'><h2>{title}</h2></div>"
            f"<div class='ads-social-left-title'><h2>National</h2><p class='paraclass'>{date}</p>"
            f"<p>Reporter : <span class='authname'>{byline}</span></p></div>"
            f"<div class='article-text'>{body}</div>{below}</body></html>"
        )

    return write


@pytest.fixture
def drupal() -> Callable[..., str]:
    """Write a page of the Post's Drupal design around a body."""

    def write(body: str, title: str = "Wells run dry in Kandal", wrapper: str | None = None) -> str:
        by = "<a href='/author/k'><span>Keo Rathana</span></a><br>Publication date 23 April 2014 | 00:26 ICT"
        return (
            f"<html><head><title>{title} | Phnom Penh Post</title></head><body>"
            f"<div class='single-article-header'><h2>{title}</h2></div>"
            f"<div class='article-author-wrapper'><p>{by if wrapper is None else wrapper}</p></div>"
            f"<div id='ArticleBody' itemprop='articleBody'>{body}</div></body></html>"
        )

    return write


@pytest.fixture
def release() -> Callable[..., str]:
    """Write a page of www.ohchr.org's present design around a body."""

    def write(body: str, title: str = "Experts call for open courts", head: str = "<p>25 February 2026</p>") -> str:
        return (
            f"<html lang='en'><head><title>{title} | OHCHR</title></head><body class='path-node'><header>Menu</header>"
            f"<main><article><p class='text--eyebrow'>Press releases Special Procedures</p><h1>{title}</h1>{head}"
            f"<div>{body}</div></article></main></body></html>"
        )

    return write
