"""Settings written to a file, and what comes of reading them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Config, load_config
from core.errors import ConfigError
from core.site import Site

Write = Callable[[str], Path]
Refuse = Callable[[str], ConfigError]


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
