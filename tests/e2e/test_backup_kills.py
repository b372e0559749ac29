"""Backing up, putting back and forgetting, killed at any moment: the corpus is whole, the next time completes it."""

import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from tests.e2e.places import CAMBODIA, Place
from tests.e2e.processes import Running

LATER = " (later)"
Moment = Callable[[Running], None]
"""Waits for a moment and kills."""


@dataclass(frozen=True)
class Scene:
    """A place with a corpus of many old runs, a folder with a backup of it, and what the corpus held then."""

    place: Place
    backup: Path
    titles: list[str]

    @property
    def data(self) -> Path:
        return self.place.folder / "data"


@pytest.fixture(scope="module")
def original(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    place = filled.copy(tmp_path_factory.mktemp("original"))
    with closing(sqlite3.connect(place.database)) as connection:
        for number in range(9000):
            connection.execute(
                'INSERT INTO runs (source, "trigger", started_at, finished_at, status, error) VALUES'
                " (?, 'manual', '2020-01-01 00:00:00.000000', '2020-01-01 00:00:00.000000', 'finished', ?)",
                (CAMBODIA, f"run {number} " * 20),
            )
        connection.commit()
    folder = tmp_path_factory.mktemp("backups")
    assert place.tonle("db", "backup", str(folder / "one.sqlite"), "--archive").code == 0
    return Scene(place, folder / "one.sqlite", titles(place.database))


def changed(original: Scene, folder: Path) -> Scene:
    """Return a copy whose articles have other titles than the backup."""
    place = original.place.copy(folder)
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("UPDATE articles SET title = title || ?", [LATER])
        connection.commit()
    return Scene(place, original.backup, original.titles)


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM articles ORDER BY id")]


def seen(path: Path, pattern: str, number: int = 1) -> Moment:
    """Kill when so many files are there."""

    def killed(running: Running) -> None:
        while not running.ended.is_set() and len(list(path.glob(pattern))) < number:
            sleep(0.0003)
        running.send(signal.SIGKILL)

    return killed


def written(path: Path, times: int) -> Moment:
    """Kill when a file has changed so often."""

    def killed(running: Running) -> None:
        before, left = state(path), times
        while left and not running.ended.is_set():
            after = state(path)
            left -= after != before
            before = after
            sleep(0.0003)
        running.send(signal.SIGKILL)

    return killed


def state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def kill(scene: Scene, moment: Moment, *command: str) -> int:
    """Start a command, kill it at a moment; return how it ended."""
    running = scene.place.start("db", *command)
    moment(running)
    return running.wait().code


def kill_in_time(original: Scene, folder: Path, moment: Callable[[Scene], Moment], *command: str) -> Scene:
    """Kill a command in a fresh copy, again where it was done before it was seen; return the copy."""
    for number in range(4):
        scene = changed(original, folder / str(number))
        if kill(scene, moment(scene), *command) == -signal.SIGKILL:
            return scene
    pytest.fail("No kill came in time.")


def sound(scene: Scene) -> None:
    check = scene.place.tonle("db", "check", "--archive")
    assert check.code == 0, check.err


def backed_up(scene: Scene, target: Path) -> None:
    """Look at what a killed backup left that was to replace another, and make one."""
    assert titles(target) == titles(scene.place.database)
    sound(scene)
    ended = scene.place.tonle("db", "backup", str(target), "--archive", "--force")
    assert ended.code == 0, ended.err
    assert [path.name for path in target.parent.rglob("*.new*") if path.suffix != ".sqlite"] == []


def restored(scene: Scene) -> None:
    """Look at what a killed restoring left, the old corpus or the new one, and put the new one back."""
    assert titles(scene.place.database) in (scene.titles, [f"{title}{LATER}" for title in scene.titles])
    sound(scene)
    ended = scene.place.tonle("db", "restore", str(scene.backup), "--archive")
    assert ended.code == 0, ended.err
    assert titles(scene.place.database) == scene.titles
    assert list(scene.data.glob("*restoring*")) == []
    sound(scene)


def pruned(scene: Scene) -> None:
    """Look at what a killed forgetting left, all articles, and forget the rest."""
    sound(scene)
    assert scene.place.tonle("db", "prune").code == 0
    assert scene.place.tonle("db", "prune", "--json").json["rows"] == {}
    assert titles(scene.place.database) == [f"{title}{LATER}" for title in scene.titles]
    sound(scene)


def test_a_killed_backup_leaves_the_earlier_one(original: Scene, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "new.sqlite"
    target.parent.mkdir()
    command = ("backup", str(target), "--archive", "--force")
    first = changed(original, tmp_path / "first")
    assert first.place.tonle("db", *command).code == 0
    scene = kill_in_time(original, tmp_path, lambda _: seen(target.parent, "new.sqlite.new"), *command)
    backed_up(scene, target)


@pytest.mark.parametrize("pattern", ["corpus.sqlite.restoring", "corpus.sqlite.replaced-*"])
def test_a_killed_restoring_leaves_the_old_corpus_or_the_new_one(original: Scene, tmp_path: Path, pattern: str) -> None:
    command = ("restore", str(original.backup), "--archive")
    restored(kill_in_time(original, tmp_path, lambda scene: seen(scene.data, pattern), *command))


def test_a_killed_forgetting_leaves_all_articles(original: Scene, tmp_path: Path) -> None:
    log = "corpus.sqlite-wal"
    pruned(kill_in_time(original, tmp_path, lambda scene: written(scene.data / log, 3), "prune", "--compact"))
