"""Folders that are there after a power cut."""

from pathlib import Path, PosixPath
from typing import ClassVar

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
    # At last the three folders above them are opened, to be synced.
    assert Noted.asked[-3:] == [str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")]
    Noted.asked.clear()
    make_folder(Noted(tmp_path / "a"))
    assert str(tmp_path) not in Noted.asked
