"""The site files of the user, beside those that come with tonle."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.desk import Desk, open_desk
from core.errors import ConfigError
from tests.unit.test_core_site import SITE

Settle = Callable[..., Path]


@pytest.fixture
def settle(tmp_path: Path) -> Settle:
    """Write settings, and a site file by its path below their folder."""

    def settled(settings: str = "", **files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        path = tmp_path / "config.yaml"
        path.write_text(settings, encoding="utf-8")
        return path

    return settled


def desk_at(path: Path) -> Desk:
    return open_desk(path, {})


def test_site_files_beside_the_settings_are_sources_like_any_other(settle: Settle) -> None:
    desk = desk_at(settle("sources:\n  river: {pages: 7}\n", sites__river_yaml=SITE))
    assert {"river", "ohchr"} <= set(desk.sites)
    assert desk.sites["river"].discovery[0].pages == 7  # type: ignore[union-attr]
    assert desk.config.sites == desk.path.parent / "sites"


def test_the_folder_is_named_relative_to_the_settings_or_absolute(settle: Settle, tmp_path: Path) -> None:
    assert "river" in desk_at(settle("sites: mine\n", mine__river_yaml=SITE)).sites
    absolute = settle(f"sites: {tmp_path / 'mine'}\n")
    assert "river" in desk_at(absolute).sites
    assert "river" not in desk_at(settle("sites: elsewhere\n")).sites


def test_a_folder_that_is_missing_is_no_error(settle: Settle) -> None:
    assert "ohchr" in desk_at(settle()).sites


def test_a_site_that_exists_already_is_an_error_that_names_both_files(settle: Settle) -> None:
    with pytest.raises(ConfigError) as caught:
        desk_at(settle(sites__ohchr_yaml=SITE.replace("river\n", "ohchr\n")))
    assert Path(caught.value.path).parts[-2:] == ("sites", "ohchr.yaml")
    assert str(Path("crawler", "sites", "ohchr.yaml")) in caught.value.problem


def test_a_site_that_is_switched_off_stays_known(settle: Settle) -> None:
    desk = desk_at(settle("sources:\n  river: {enabled: false}\n", sites__river_yaml=SITE))
    assert "river" not in desk.sites
    assert desk.known["river"].title == "River Times"


def test_an_unknown_source_is_told_where_site_files_are_looked_for(settle: Settle, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown source `stream`") as caught:
        desk_at(settle("sources:\n  stream: {}\n"))
    assert str(tmp_path / "sites") in caught.value.problem
