from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import (
    AlreadyRunningError,
    ConfigError,
    CorpusVersionError,
    CrawlError,
    DeliveryError,
    DeliveryRefusedError,
    StorageBusyError,
    StorageError,
    StorageFullError,
    TonleError,
    UsageError,
)
from core.site import Section, Site, load_sites, unknown_site

SITE = """\
name: river
title: River Times
home: https://river.example/
hosts: [river.example]
zone: Asia/Phnom_Penh
language: en
discovery:
  - via: section
    url: /{section}?page={page}
    sections: [news]
    card: '.card'
addresses:
  include:
    - '/news/(?P<slug>[^/]+)'
layouts:
  - name: plain
    from: 2020-01-01
    body: [article]
"""


@pytest.fixture
def describe(tmp_path: Path) -> Callable[..., Site]:
    """Read a description of a site, with one text in it replaced."""

    def read(old: str = "", new: str = "", name: str = "river.yaml") -> Site:
        assert old in SITE
        (tmp_path / name).write_text(SITE.replace(old, new, 1) if old else SITE, encoding="utf-8")
        (site,) = load_sites(tmp_path).values()
        return site

    return read


def test_a_site_is_read_as_it_is_described(describe: Callable[..., Site]) -> None:
    site = describe()
    (section,) = site.discovery
    assert isinstance(section, Section)
    assert (site.home, site.base, site.is_stand_in) == ("https://river.example", "https://river.example", False)
    assert site.tz.key == "Asia/Phnom_Penh"
    assert site.politeness.delay == timedelta(seconds=5)
    assert site.layouts[0].from_.year == 2020


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title:", "titel:", 2, ("unknown key `titel`", "title")),
        ("language: en\n", "", None, ("`language` is missing",)),
        ("https://river.example/", "river.example", 3, ("`home`", "web address")),
        ("Asia/Phnom_Penh", "Asia/Nowhere", 5, ("`zone`", "no such time zone")),
        ("Asia/Phnom_Penh", "../../etc/passwd", 5, ("`zone`", "no such time zone")),
        ("card: '.card'", "card: '.card['", 11, ("not a CSS selector",)),
        ("via: section", "via: telepathy", 8, ("telepathy",)),
        ("sections: [news]", "sections: [news]\n    pages: 0", 11, ("pages",)),
        ("url: /{section}?page={page}", "url: /news?page={page}", 8, ("`url` must hold {section}",)),
        ("'/news/(?P<slug>[^/]+)'", "'/news/(?P<slug>[^/]+'", 14, ("`addresses.include.0`",)),
        ("(?P<slug>[^/]+)'", "[^/]+'\n  identity: slug", 12, ("(?P<slug>…)",)),
        ("    body: [article]\n", "", 16, ("`layouts.0.body` is missing",)),
        ("from: 2020-01-01", "from: long ago", 17, ("`layouts.0.from`",)),
        ("body: [article]", "body: []", 18, ("`layouts.0.body`",)),
        ("name: plain", "name: plain\n    bodyy: article", 17, ("unknown key `layouts.0.bodyy`",)),
    ],
)
def test_a_wrong_description_is_refused_with_file_line_and_reason(
    describe: Callable[..., Site], old: str, new: str, line: int | None, words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        describe(old, new)
    assert Path(caught.value.path).name == "river.yaml"
    assert caught.value.line == line
    assert all(word in caught.value.problem for word in words), caught.value.problem


def test_a_file_is_called_as_its_site(describe: Callable[..., Site]) -> None:
    with pytest.raises(ConfigError, match=r"`name` is river, but the file is called stream\.yaml"):
        describe(name="stream.yaml")


def test_a_site_placed_elsewhere_is_a_stand_in_and_the_original_stays_as_it_was(describe: Callable[..., Site]) -> None:
    site = describe()
    placed = site.at("http://127.0.0.1:8000/mirror/", timedelta(0))
    assert (placed.base, placed.home, placed.is_stand_in) == (
        "http://127.0.0.1:8000/mirror",
        "https://river.example",
        True,
    )
    assert (placed.politeness.delay, site.politeness.delay) == (timedelta(0), timedelta(seconds=5))
    assert (site.base, site.is_stand_in) == ("https://river.example", False)


def test_nothing_is_an_article_of_the_unknown_site() -> None:
    site = unknown_site()
    assert (site.language, site.layouts, site.discovery, site.addresses.include) == ("", (), (), ())


def test_every_site_waits_five_seconds_at_least(sites: dict[str, Site]) -> None:
    assert sites
    assert all(site.politeness.delay >= timedelta(seconds=5) for site in sites.values())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TonleError, 1),
        (UsageError, 2),
        (CrawlError, 3),
        (StorageError, 4),
        (StorageBusyError, 4),
        (StorageFullError, 4),
        (CorpusVersionError, 4),
        (DeliveryError, 5),
        (DeliveryRefusedError, 5),
        (AlreadyRunningError, 6),
    ],
)
def test_every_error_is_of_the_one_tree_and_has_its_exit_code(kind: type[TonleError], code: int) -> None:
    assert kind("Said so.").exit_code == code
    assert issubclass(kind, TonleError)


def test_no_error_is_without_an_exit_code_that_is_listed_here() -> None:
    def below(kind: type[TonleError]) -> set[type[TonleError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    ours = {kind for kind in below(TonleError) if kind.__module__ == "core.errors"}
    assert len(ours) == 11, "a new error needs a line in the test above"
