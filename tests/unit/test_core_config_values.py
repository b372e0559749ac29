from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from core.config import Config, load_config, sites_as_configured
from core.errors import ConfigError
from core.site import Site

Write = Callable[[str], Path]
Refuse = Callable[[str], ConfigError]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "---\n", "{}\n"])
def test_an_empty_file_gives_every_default(load: Callable[..., Config], tmp_path: Path, text: str) -> None:
    assert load(text) == Config(data=tmp_path / "data", sites=tmp_path / "sites", rules_folder=tmp_path / "rules")


@pytest.mark.parametrize("word", ["17:30", "no", "on", "0x1F x", "2026-03-01", "1_000 words"])
def test_what_older_yaml_takes_for_numbers_booleans_and_dates_stays_words(
    load: Callable[..., Config], word: str
) -> None:
    assert load(f"contact: {word}\n").contact == word
    (rule,) = load(f"rules:\n  - name: a\n    any: [{word}]\n").rules
    assert rule.any == (word,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("20 m", timedelta(minutes=20)),
        ("1.5h", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("2w", timedelta(days=14)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(load: Callable[..., Config], text: str, expected: timedelta) -> None:
    assert load(f"daemon:\n  every: {text}\n").daemon.every == expected


@pytest.mark.parametrize(("text", "expected"), [("500kB", 500_000), ("20 MB", 20_000_000), ("1GB", 10**9)])
def test_a_size_is_a_whole_number_and_a_decimal_unit(load: Callable[..., Config], text: str, expected: int) -> None:
    assert load(f"crawl:\n  max_page: {text}\n").crawl.max_page == expected


def test_the_example_file_shows_the_defaults_and_every_key(root: Path, sites: dict[str, Site]) -> None:
    config = load_config(root / "config.yaml", sites, {})
    defaults = Config(data=root / "data")
    for section in ("data", "contact", "alerts", "digest", "mail", "crawl", "daemon", "storage"):
        assert getattr(config, section) == getattr(defaults, section), section
    document = YAML().load((root / "config.yaml").read_text(encoding="utf-8"))
    assert set(document) == set(Config.model_fields)
    for section in ("alerts", "digest", "mail", "crawl", "daemon", "storage"):
        fields = set(type(getattr(defaults, section)).model_fields) - {"user", "password"}
        assert set(document[section]) == fields, section


def test_the_example_file_names_every_site_and_keeps_all_of_them_enabled(root: Path, sites: dict[str, Site]) -> None:
    config = load_config(root / "config.yaml", sites, {})
    assert set(config.sources) == set(sites)
    assert list(sites_as_configured(config, sites)) == list(config.sources)


@pytest.mark.parametrize(
    ("set_to", "expected"), [("", "kept"), ("elsewhere", "elsewhere"), ("/srv/corpus", "/srv/corpus")]
)
def test_tonle_data_goes_before_the_file_and_starts_beside_it(
    load: Callable[..., Config], tmp_path: Path, set_to: str, expected: str
) -> None:
    config = load("data: kept\n", TONLE_DATA=set_to)
    assert config.data == tmp_path / expected
    assert config.corpus == tmp_path / expected / "corpus.sqlite"


def test_a_tilde_in_data_is_the_home_folder(load: Callable[..., Config]) -> None:
    assert load("data: ~/corpus\n").data == Path.home() / "corpus"


@pytest.mark.parametrize(("set_to", "expected"), [("", "in-file@example.org"), ("x@example.org", "x@example.org")])
def test_tonle_contact_goes_before_the_file(load: Callable[..., Config], set_to: str, expected: str) -> None:
    assert load("contact: in-file@example.org\n", TONLE_CONTACT=set_to).contact == expected


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources: {2026-01-01: {}}\n", 1, "must be text"),
        ("sources:\n  ohchr: {}\n  2026-01-01: {}\n", 3, "must be text"),
        ("data: here\n? [a, b]\n: c\n", 2, "must be text"),
        ("data: here\n5: five\n", 2, "must be text"),
        ("crawl:\n  retries: 2\ncontact: 2026-13-45\n", 3, "no such number or date"),
        ("data: here\ncrawl:\n  retries: " + "9" * 5_000 + "\n", 3, "no such number or date"),
        ("contact: " + "[" * 600 + "]" * 600 + "\n", 1, "too deep"),
    ],
)
def test_what_yaml_allows_and_settings_do_not_is_refused_with_its_line(
    refuse: Refuse, text: str, line: int, words: str
) -> None:
    error = refuse(text)
    assert (error.line, words in error.problem) == (line, True), error


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("daemon:\n  every: 9999999999999w\n", 2, "at most 520w"),
        ("daemon:\n  every: " + "9" * 400 + "s\n", 2, "at most 520w"),
        ("sources:\n  ohchr:\n    every: 521w\n", 3, "at most 520w"),
        ("sources:\n  ohchr:\n    every: 0.5s\n", 3, "at least 1s"),
        ("sources:\n  ohchr:\n    every: 0s\n", 3, "at least 1s"),
        ("daemon:\n  every: 0s\n", 2, "at least 1s"),
        ("daemon:\n  misfire_grace: 0s\n", 2, "at least 1s"),
        ("daemon:\n  deliver_every: 0s\n", 2, "at least 0.1s"),
        ("crawl:\n  time_limit: 0s\n", 2, "at least 1s"),
        ("crawl:\n  time_limit: 30d\n", 2, "at most 7d"),
        ("crawl:\n  request_timeout: 0s\n", 2, "at least 0.1s"),
        ("crawl:\n  revisit_after: [1h, 0s]\n", 2, "at least 1s"),
        ("crawl:\n  stop_grace: 5w\n", 2, "at most 1d"),
        ("mail:\n  timeout: 0s\n", 2, "at least 0.1s"),
        ("storage:\n  busy_timeout: 5w\n", 2, "at most 1d"),
    ],
)
def test_a_duration_that_makes_no_sense_is_refused_with_its_bound(
    refuse: Refuse, text: str, line: int, words: str
) -> None:
    error = refuse(text)
    assert (error.line, words in error.problem) == (line, True), error


@pytest.mark.parametrize("key", ["crawl.stop_grace", "storage.busy_timeout"])
def test_not_waiting_at_all_can_be_asked_for_where_it_makes_sense(load: Callable[..., Config], key: str) -> None:
    group, name = key.split(".")
    assert getattr(getattr(load(f"{group}:\n  {name}: 0s\n"), group), name) == timedelta(0)


@pytest.mark.parametrize("key", sorted(Config.model_fields))
def test_a_bare_key_means_its_default(load: Callable[..., Config], tmp_path: Path, key: str) -> None:
    assert load(f"{key}:\n") == Config(
        data=tmp_path / "data", sites=tmp_path / "sites", rules_folder=tmp_path / "rules"
    )


def test_a_bare_key_within_a_group_means_its_default(load: Callable[..., Config]) -> None:
    config = load("crawl:\n  retries:\nsources:\n  ohchr:\nrules:\n  - name: a\n    any: [x]\n    none:\n")
    assert config.crawl == Config().crawl
    assert list(config.sources) == ["ohchr"]
    assert config.rules[0].none == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://Mirror.Example:8000/OHCHR/", "http://mirror.example:8000/OHCHR"),
        ("HTTPS://mirror.example.:443", "https://mirror.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[0:0::1]", "http://[::1]"),
        ("http://bücher.example", "http://xn--bcher-kva.example"),
        ("http://replica_1:80", "http://replica_1"),
    ],
)
def test_a_web_address_is_kept_as_crawled_pages_name_it(
    load: Callable[..., Config], address: str, expected: str
) -> None:
    assert load(f"sources:\n  ohchr:\n    base_url: '{address}'\n").source("ohchr").base_url == expected


@pytest.mark.parametrize(
    "address",
    [
        "http://[::1",
        "http://[nonsense]",
        "http://::1",
        "http://user:secret@mirror.example",
        "http://user@mirror.example",
        "http://mirror.example:0",
        "http://mirror.example:65536",
        "http://mirror.example:http",
        "http://mirror..example",
        "http://:8000",
        "http://mirror.example\\@ohchr.org",
        "http://" + "a" * 64 + ".example",
    ],
)
def test_an_address_that_leads_nowhere_or_holds_a_secret_is_refused(refuse: Refuse, address: str) -> None:
    error = refuse(f"sources:\n  ohchr:\n    base_url: '{address}'\n")
    assert (error.line, "`sources.ohchr.base_url`" in error.problem) == (3, True)


def test_a_live_site_is_known_by_any_spelling_of_its_host(refuse: Refuse) -> None:
    error = refuse("sources:\n  ohchr:\n    base_url: https://WWW.ohchr.org.\n    delay: 0s\n")
    assert (error.line, "`delay`" in error.problem) == (4, True)


def test_settings_are_frozen() -> None:
    config = Config()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config, "contact", "x")  # noqa: B010  # mypy knows that it is frozen
    with pytest.raises(ValidationError, match="frozen"):
        setattr(config.crawl, "retries", 3)  # noqa: B010  # as above


def test_sites_are_placed_where_and_as_slowly_as_configured(
    load: Callable[..., Config], sites: dict[str, Site]
) -> None:
    config = load(
        "sources:\n"
        "  ohchr-cambodia: {enabled: false}\n"
        "  phnom-penh-post: {delay: 20s}\n"
        "  ohchr: {base_url: 'http://127.0.0.1:8000/', delay: 0s}\n"
    )
    placed = sites_as_configured(config, sites)
    assert list(placed) == ["phnom-penh-post", "ohchr", "post-khmer"]
    assert placed["ohchr"].base == "http://127.0.0.1:8000"
    assert placed["ohchr"].is_stand_in
    assert placed["ohchr"].politeness.delay == timedelta(0)
    assert not placed["phnom-penh-post"].is_stand_in
    assert placed["phnom-penh-post"].politeness.delay == timedelta(seconds=20)


def test_a_site_that_the_file_does_not_name_comes_last_with_its_own_defaults(
    load: Callable[..., Config], sites: dict[str, Site]
) -> None:
    placed = sites_as_configured(load("sources: {phnom-penh-post: {}}\n"), sites)
    assert next(iter(placed)) == "phnom-penh-post"
    assert set(placed) == set(sites)
    assert placed["ohchr"] == sites["ohchr"].asking({}, (), sites["ohchr"].relevance)
