from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.config import Config, load_config
from core.errors import ConfigError
from core.site import Site

Write = Callable[[str], Path]
Refuse = Callable[[str], ConfigError]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("data: here\nsourcs: {}\n", 2, ("unknown key `sourcs`", "sources")),
        ("crawl:\n  # bounds\n  retires: 2\n", 3, ("unknown key `crawl.retires`", "retries")),
        ("sources:\n  ohchr:\n    enabled: true\n    evry: 1h\n", 4, ("unknown key `sources.ohchr.evry`", "every")),
        ("rules:\n  - name: a\n    any: [land]\n    al: [court]\n", 4, ("unknown key `rules.0.al`", "all")),
        (
            "mail:\n  pasword: x\n",
            2,
            ("unknown key `mail.pasword`; known here: host, port, security, sender, timeout",),
        ),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_keys_that_exist(
    refuse: Refuse, text: str, line: int, words: tuple[str, ...]
) -> None:
    error = refuse(text)
    assert error.line == line
    assert f"line {line}: " in str(error)
    assert all(word in error.problem for word in words)


@pytest.mark.parametrize(
    ("text", "line", "place"),
    [
        ("\ncrawl:\n  retries: '2'\n", 3, "crawl.retries"),
        ("crawl:\n  retries: 2.5\n", 2, "crawl.retries"),
        ("crawl:\n  retries: 11\n", 2, "crawl.retries"),
        ("crawl: fast\n", 1, "crawl"),
        ("contact: 5\n", 1, "contact"),
        ("contact: [a, b]\n", 1, "contact"),
        ("sources:\n  ohchr:\n    enabled: no\n", 3, "sources.ohchr.enabled"),
        ("sources:\n  ohchr:\n    pages: 0\n", 3, "sources.ohchr.pages"),
        ("rules: {name: a}\n", 1, "rules"),
        ("rules:\n  - name: a\n    any: [land, 5]\n", 3, "rules.0.any.1"),
        ("rules:\n  - name: a\n    any:\n      - land\n      - 5\n", 5, "rules.0.any.1"),
        ("rules:\n  - name: Land Rights\n    any: [land]\n", 2, "rules.0.name"),
        ("mail:\n  port: 70000\n", 2, "mail.port"),
        ("mail:\n  security: ssl\n", 2, "mail.security"),
        ("mail:\n  sender: nobody\n", 2, "mail.sender"),
        ("digest:\n  to: ['a b@example.org']\n", 2, "digest.to.0"),
        ("digest:\n  zone: Asia/Phnompenh\n", 2, "digest.zone"),
        ("digest:\n  cron: '61 7 * * *'\n", 2, "digest.cron"),
        ("digest:\n  cron: '30 7 * *'\n", 2, "digest.cron"),
        ("sources:\n  ohchr:\n    cron: daily\n", 3, "sources.ohchr.cron"),
        ("crawl:\n  max_page: 20\n  time_limit: 30\n", 3, "crawl.time_limit"),
        ("crawl:\n  max_page: 20 megabytes\n", 2, "crawl.max_page"),
        ("daemon:\n  every: soon\n", 2, "daemon.every"),
        ("daemon:\n  every: -1h\n", 2, "daemon.every"),
        ("daemon:\n  every: 1h30m\n", 2, "daemon.every"),
        ("digest:\n  cron: '0 7 1 * 1'\n", 2, "digest.cron"),
        ("operator:\n  heartbeat: immediate\n", 2, "operator.heartbeat"),
        ("operator:\n  heartbeat: 25:00\n", 2, "operator.heartbeat"),
        ("operator:\n  every: 0s\n", 2, "operator.every"),
        ("operator:\n  channel: teletype\n", 2, "teletype"),
        ("crawl:\n  revisit_after: [1h, 6x]\n", 2, "crawl.revisit_after.1"),
        ("sources:\n  ohchr:\n    base_url: 'http://127.0.0.1:8000/?a=b'\n", 3, "sources.ohchr.base_url"),
        ("sources:\n  ohchr:\n    base_url: 'ftp://mirror.example'\n", 3, "sources.ohchr.base_url"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place_and_line(
    refuse: Refuse, text: str, line: int, place: str
) -> None:
    error = refuse(text)
    assert (error.line, f"`{place}`" in error.problem) == (line, True)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources:\n  ohchr:\n    every: 1h\n    cron: '0 * * * *'\n", 2, "exclude one another"),
        ("alerts:\n  channel: smtp\n", 1, "at least one address"),
        ("operator:\n  channel: none\n  heartbeat: 08:00\n", 1, "needs a `channel`"),
        ("channels:\n  post:\n    kind: smtp\noperator:\n  channel: post\n", 5, "needs an e-mail address"),
        ("rules:\n  - name: a\n    none: [sport]\n", 2, "at least one entry in `any` or `all`"),
        ("rules:\n  - name: a\n    any: [land, '*']\n", 2, "without a letter or figure"),
    ],
)
def test_settings_that_contradict_one_another_are_refused_with_the_group_they_stand_in(
    refuse: Refuse, text: str, line: int, words: str
) -> None:
    error = refuse(text)
    assert error.line == line
    assert words in error.problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("data: [a, b\ncontact: c\n", 2),
        ("data: here\n\tcontact: c\n", 2),
        ("data: 'here\n", 2),
        ("data: here\ncontact: a\ncontact: b\n", 3),
        ("crawl:\n  retries: 1\n  retries: 2\n", 3),
    ],
)
def test_what_is_not_yaml_or_says_a_thing_twice_is_refused_with_the_line(refuse: Refuse, text: str, line: int) -> None:
    error = refuse(text)
    assert error.problem.startswith("not valid YAML")
    assert error.line == line


@pytest.mark.parametrize(("text", "kind"), [("- a\n- b\n", "list"), ("just words\n", "text"), ("42\n", "int")])
def test_a_file_that_holds_no_settings_is_refused(refuse: Refuse, text: str, kind: str) -> None:
    error = refuse(text)
    assert (error.line, kind in error.problem) == (1, True)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("sources:\n  ohchr: {}\n  ohcr: {}\n", 3, ("unknown source `ohcr`", "ohchr, ohchr-cambodia")),
        ("sources:\n  ohchr:\n    delay: 4s\n", 3, ("`delay`", "5s")),
        (
            "rules:\n  - {name: a, any: [x]}\n  - name: b\n    any: [x]\n    sources:\n      - ohchr\n      - post\n",
            7,
            ("rule b", "unknown source `post`", "phnom-penh-post"),
        ),
        ("rules:\n  - {name: a, any: [land]}\n  - name: a\n    any: [court]\n", 3, ("two rules are called a",)),
    ],
)
def test_what_does_not_agree_with_the_sites_is_refused_with_its_line(
    refuse: Refuse, text: str, line: int, words: tuple[str, ...]
) -> None:
    error = refuse(text)
    assert error.line == line
    assert all(word in error.problem for word in words)


@pytest.mark.parametrize("address", ["https://www.ohchr.org", "http://ohchr.org", "https://www.phnompenhpost.com/en"])
def test_a_live_site_is_not_asked_faster_by_naming_it_as_its_own_mirror(refuse: Refuse, address: str) -> None:
    error = refuse(f"sources:\n  ohchr:\n    base_url: {address}\n    delay: 0s\n")
    assert (error.line, "`delay`" in error.problem) == (4, True)


def test_a_stand_in_may_be_asked_faster_and_a_live_site_slower(load: Callable[..., Config]) -> None:
    text = "sources:\n  ohchr: {base_url: 'http://127.0.0.1:8000', delay: 0s}\n  phnom-penh-post: {delay: 20s}\n"
    config = load(text)
    assert config.source("ohchr").delay == timedelta(0)
    assert config.source("phnom-penh-post").delay == timedelta(seconds=20)


@pytest.mark.parametrize("key", ["password", "user"])
def test_a_secret_in_the_file_is_refused_and_told_where_it_belongs(refuse: Refuse, key: str) -> None:
    error = refuse(f"mail:\n  host: mail.example\n  {key}: hunter2\n")
    assert error.line == 3
    assert f"TONLE_SMTP_{key.upper()}" in error.problem
    assert "hunter2" not in str(error)


def test_secrets_come_from_the_environment_and_stand_in_no_repr(load: Callable[..., Config]) -> None:
    config = load("", TONLE_SMTP_USER="mailer-9", TONLE_SMTP_PASSWORD="hunter2")
    assert (config.mail.user, config.mail.password) == ("mailer-9", "hunter2")
    for shown in (repr(config), str(config), repr(config.mail), str(config.mail), f"{config.mail!r:>5}"):
        assert "hunter2" not in shown
        assert "mailer-9" not in shown


def test_a_file_that_is_not_there_is_named_without_a_line(tmp_path: Path, sites: dict[str, Site]) -> None:
    with pytest.raises(ConfigError, match="no such file") as caught:
        load_config(tmp_path / "none.yaml", sites, {})
    assert caught.value.line is None
    assert "none.yaml" in str(caught.value)


@pytest.mark.parametrize("content", [b"contact: \xff\xfe\xfa\n", None])
def test_a_file_that_cannot_be_read_is_no_traceback(
    tmp_path: Path, sites: dict[str, Site], content: bytes | None
) -> None:
    path = tmp_path / "config.yaml"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(path, sites, {})


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("08:00", "0 8 * * *"),
        ("7:05", "5 7 * * *"),
        ("weekdays 08:00", "0 8 * * 1-5"),
        ("weekly monday 08:00", "0 8 * * 1"),
        ("'15 6 1 * *'", "15 6 1 * *"),
    ],
)
def test_a_heartbeat_is_a_time_or_a_crontab_line(load: Callable[..., Config], told: str, line: str) -> None:
    assert load(f"operator:\n  heartbeat: {told}\n").operator.heartbeat == line


def test_the_operator_reads_the_operator_s_messages_and_no_others(load: Callable[..., Config]) -> None:
    config = load("operator:\n  channel: smtp\n  to: [a@example.org]\ndigest:\n  zone: Europe/Berlin\n")
    for kind in ("trouble", "heartbeat"):
        reader = config.reader(kind, "")
        assert reader is not None
        assert (reader.to, reader.zone) == (("a@example.org",), "Europe/Berlin")
    assert config.reader("alert", "") != config.reader("trouble", "")
    assert load("operator:\n  channel: none\n").reader("trouble", "") is None
