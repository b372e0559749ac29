"""Secrets come from the environment or from files, and from one place alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Config
from core.errors import ConfigError
from core.secrets import secret, secret_files

NAME = "TONLE_SMTP_PASSWORD"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder with the secret in a file."""
    (tmp_path / NAME).write_text("hunter2\n")
    return tmp_path


@pytest.mark.parametrize("way", [f"{NAME}_FILE", "TONLE_SECRETS", "CREDENTIALS_DIRECTORY"])
def test_a_secret_is_read_from_a_file_without_the_line_end_behind_it(kept: Path, way: str) -> None:
    path = kept / NAME if way.endswith("_FILE") else kept
    assert secret(NAME, {way: str(path)}) == "hunter2"


def test_spaces_and_line_ends_within_a_secret_are_its_own(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(b" one\ntwo \r\n\n")
    assert secret(NAME, {f"{NAME}_FILE": str(path)}) == " one\ntwo "


@pytest.mark.parametrize("environ", [{}, {NAME: ""}, {NAME: "", f"{NAME}_FILE": "", "TONLE_SECRETS": ""}])
def test_an_empty_variable_is_none(environ: dict[str, str]) -> None:
    assert secret(NAME, environ) == ""


def test_a_folder_without_the_file_has_no_such_secret(tmp_path: Path) -> None:
    assert secret(NAME, {"TONLE_SECRETS": str(tmp_path)}) == ""
    assert secret(NAME, {"TONLE_SECRETS": str(tmp_path), NAME: "hunter2"}) == "hunter2"


@pytest.mark.parametrize(
    "ways", [(NAME, f"{NAME}_FILE"), (NAME, "TONLE_SECRETS"), (f"{NAME}_FILE", "CREDENTIALS_DIRECTORY")]
)
def test_a_secret_in_two_places_is_refused_and_both_are_named(kept: Path, ways: tuple[str, str]) -> None:
    values = {NAME: "another", f"{NAME}_FILE": str(kept / NAME), "TONLE_SECRETS": str(kept)}
    values["CREDENTIALS_DIRECTORY"] = str(kept)
    with pytest.raises(ConfigError) as caught:
        secret(NAME, {way: values[way] for way in ways})
    for way in ways:
        assert (way if way.startswith(NAME) else str(kept / NAME)) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "another" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\n", "it is empty"),
        (b"x" * 70_000, "too large"),
        (b"\xff\xfe", "UTF-8"),
        (None, "read"),
    ],
)
def test_a_file_that_holds_no_secret_is_named_with_what_to_do(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        secret(NAME, {f"{NAME}_FILE": str(path)})
    for word in (str(path), NAME, words):
        assert word in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_says_who_has_to(kept: Path) -> None:
    (kept / NAME).chmod(0)
    with pytest.raises(ConfigError, match="let the user that runs tonle read it"):
        secret(NAME, {"TONLE_SECRETS": str(kept)})


def test_a_folder_of_secrets_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="TONLE_SECRETS names no folder"):
        secret(NAME, {"TONLE_SECRETS": str(tmp_path / "none")})


def test_every_secret_of_the_settings_may_be_a_file(load: Callable[..., Config], tmp_path: Path) -> None:
    names = ("TONLE_SMTP_USER", NAME, "TONLE_UNSUBSCRIBE_KEY", "TONLE_CHANNEL_TEAM_CHAT")
    for name in names:
        (tmp_path / name).write_text(f"value of {name}\n")
    text = "channels: {team-chat: {kind: apprise}}\nunsubscribe: {url: 'https://tonle.example.org'}\n"
    by_folder = load(text, TONLE_SECRETS=str(tmp_path))
    by_name = load(text, **{f"{name}_FILE": str(tmp_path / name) for name in names})
    for config in (by_folder, by_name):
        there = (config.mail.user, config.mail.password, config.unsubscribe.secret, config.channels["team-chat"].secret)
        assert there == tuple(f"value of {name}" for name in names)


def test_the_files_that_hold_secrets_are_known(kept: Path, tmp_path: Path) -> None:
    (kept / "somebody-elses").touch()
    environ = {"TONLE_SECRETS": str(kept), "TONLE_SMTP_USER_FILE": "/run/user", "OTHER_FILE": "/etc/other"}
    assert set(secret_files(environ)) == {tmp_path / NAME, Path("/run/user")}
