"""Settings written to a file, what comes of reading them, and an empty corpus."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from app.desk import open_desk
from core.config import Config, load_config
from core.errors import ConfigError
from core.site import Site
from storage.store import Store
from tests.rigs.watched import Watched

Write = Callable[[str], Path]
Refuse = Callable[[str], ConfigError]


@pytest.fixture
def store(tmp_path: Path, empty_corpus: Path) -> Iterator[Store]:
    opened = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield opened
    opened.close()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def load(write: Write, sites: dict[str, Site]) -> Callable[..., Config]:
    def loaded(text: str, **environ: str) -> Config:
        return load_config(write(text), sites, environ)

    return loaded


@pytest.fixture
def refuse(write: Write, sites: dict[str, Site]) -> Refuse:
    """Return the error that a text of settings meets."""

    def refused(text: str) -> ConfigError:
        path = write(text)
        with pytest.raises(ConfigError) as caught:
            load_config(path, sites, {})
        assert caught.value.path == path
        assert str(path) in str(caught.value)
        assert caught.value.exit_code == 2
        return caught.value

    return refused


@pytest.fixture
def watched(tmp_path: Path, store: Store) -> Callable[..., Watched]:
    def made(**operator: Any) -> Watched:  # noqa: ANN401  # what YAML may hold
        sources = {name: {"enabled": name == "ohchr"} for name in ("phnom-penh-post", "ohchr-cambodia", "post-khmer")}
        text = {"data": ".", "sources": sources | {"ohchr": {"every": "1h"}}, "operator": operator}
        (tmp_path / "config.yaml").write_text(str(text).replace("True", "true").replace("False", "false"))
        return Watched(open_desk(tmp_path / "config.yaml", {}), store)

    return made
