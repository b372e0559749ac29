"""What every backend's store is tested with: real files, builders of values, and other processes."""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import Engine

from core.model import Article, Draft, Lead
from storage.store import Corpus, Store
from tests.contract import postgresql

ROOT = Path(__file__).parents[2]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A place for a corpus, where there is none yet."""
    return tmp_path / "data" / "corpus.sqlite"


@pytest.fixture
def open_store(path: Path) -> Iterator[Callable[..., Store]]:
    """Open the corpus at `path`, as often as one likes; all are closed after the test."""
    with ExitStack() as stack:

        def opened(place: Path = path, busy_timeout: timedelta = timedelta(seconds=30)) -> Store:
            store = Store.open(place, busy_timeout)
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture(scope="session")
def postgresql_engine() -> Iterator[Engine]:
    """A PostgreSQL server, started where the first test asks for it."""
    programs = postgresql.programs()
    if programs is None:
        pytest.skip(postgresql.MISSING)
    with postgresql.server(programs) as url:
        engine = postgresql.engine_of(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite"])
def store(request: pytest.FixtureRequest, path: Path, empty_corpus: Path, open_store: Callable[..., Store]) -> Store:
    """An empty corpus, in SQLite; on each backend where a test is marked ON_EACH_BACKEND.

    In PostgreSQL it has the tables alone: no search, and nothing that the migrations add.
    """
    if request.param == "postgresql":
        engine: Engine = request.getfixturevalue("postgresql_engine")
        postgresql.emptied(engine)
        return Store(engine)
    path.parent.mkdir()
    copyfile(empty_corpus, path)
    return open_store()


@pytest.fixture
def corpus(store: Store) -> Iterator[Corpus]:
    """An empty corpus within one transaction, which is committed after the test."""
    with store.transaction() as opened:
        yield opened


@pytest.fixture
def draft() -> Callable[..., Draft]:
    """Build a draft; the key alone makes it one of its own."""

    def build(key: str = "one", text: str = "Villagers were evicted.", **changes: object) -> Draft:
        values: dict[str, object] = {
            "source": "ppp",
            "url": f"https://ppp.test/{key}",
            "key": key,
            "title": f"Title of {key}",
            "paragraphs": tuple(text.split("\n")),
            "language": "en",
        }
        return Draft(**(values | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def lead() -> Callable[..., Lead]:
    """Build a lead; the key alone makes it one of its own."""

    def build(key: str = "one", **changes: object) -> Lead:
        values: dict[str, object] = {
            "source": "ppp",
            "url": f"https://ppp.test/{key}",
            "key": key,
            "via": "feed",
            "listing": "https://ppp.test/feed",
            "title": f"Title of {key}",
        }
        return Lead(**(values | changes))  # type: ignore[arg-type]

    return build


@pytest.fixture
def keep(draft: Callable[..., Draft], now: datetime) -> Callable[..., int]:
    """Keep an article whose hashes are told by its key; returns its id."""

    def add(corpus: Corpus, key: str = "one", first_seen: datetime = now, **changes: object) -> int:
        return corpus.articles.add(draft(key, **changes), f"text-{key}", f"content-{key}", now, first_seen)

    return add


@pytest.fixture
def kept(keep: Callable[..., int]) -> Callable[..., Article]:
    """Keep an article; returns it."""

    def add(corpus: Corpus, key: str = "one", **changes: object) -> Article:
        article = corpus.articles.by_id(keep(corpus, key, **changes))
        assert article is not None
        return article

    return add


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Let no file that this process writes grow beyond so many bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def child(path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Run a script in a process of its own, with `path` in it, as far as its first line; ended after the test."""
    with ExitStack() as stack:

        def started(script: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from pathlib import Path\npath = Path({str(path)!r})\n{script}"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        yield started
