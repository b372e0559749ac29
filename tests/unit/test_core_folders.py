"""Folders that are there after a power cut."""

from pathlib import Path, PosixPath
from typing import ClassVar

import pytest

from core.folders import make_folder


class Noted(PosixPath):
    """A place of which is noted what the system is asked about it."""

    asked: ClassVar[list[str]] = []

    def __fspath__(self) -> str:
        self.asked.append(str(self))
        return str(self)


def test_of_each_folder_that_is_made_the_name_is_put_on_the_disk(tmp_path: Path) -> None:
    make_folder(Noted(tmp_path / "a" / "b" / "c"))
    assert (tmp_path / "a" / "b" / "c").is_dir()
    # After each is made, the folder above it is opened, to be synced.
    made_and_opened = [("a", "."), ("a/b", "a"), ("a/b/c", "a/b")]
    assert Noted.asked[-7:-1] == [str(tmp_path / each) for pair in made_and_opened for each in pair]
    Noted.asked.clear()
    make_folder(Noted(tmp_path / "a"))
    assert str(tmp_path) not in Noted.asked


def test_the_folder_that_all_is_within_is_not_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with pytest.raises(FileNotFoundError) as raised:
        make_folder(data / "outbox" / "alerts", data)
    assert raised.value.filename == str(data)
    assert not data.exists()
    make_folder(tmp_path / "elsewhere" / "alerts", data)
    assert (tmp_path / "elsewhere" / "alerts").is_dir()
    data.mkdir()
    make_folder(data / "outbox" / "alerts", data)
    assert (data / "outbox" / "alerts").is_dir()


def test_whatever_the_folder_that_all_is_within_is_called_it_is_not_made_anew(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "srv").symlink_to(tmp_path / "disk")
    with pytest.raises(FileNotFoundError):
        make_folder(tmp_path / "disk" / "data" / "feeds", tmp_path / "srv" / "data")
    assert not (tmp_path / "disk" / "data").exists()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "feeds").touch(0o600)
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "feeds")
