"""What is done to a corpus as a whole, killed at random moments: it is whole after each; the next time completes it.

Upgrades from every older schema, backups, restorings, forgetting, reading the archive again, and what is made anew.
"""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from storage.schema import HEAD
from tests.contract.test_upgrade import ROWS
from tests.contract.test_upgrade_steps import STEPS, step
from tests.e2e.places import CAMBODIA, Build, Place
from tests.e2e.processes import Running
from tests.e2e.test_backup_kills import Scene, backed_up, changed, original, pruned, restored
from tests.e2e.test_killed_anywhere import damage, killing, sound, starter_of
from tests.e2e.test_reextract import BROKEN, MENDED, describe
from tests.rigs.kills import Killer, Start, scaled, undisturbed

__all__ = ["original"]
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not Path("/proc/self/syscall").exists(), reason="looks in /proc what a process does"),
]
KILLS = 15
MANY = 600
"""Articles of the older corpora: an upgrade then takes long enough to be killed in its midst."""
HELD = {"articles": "id, source, key, title, text, revision", "revisions": "article_id, number, title, text"}
"""What of a corpus every schema has."""


def struck(
    killer: Killer, start: Start, made: Callable[[str], Scene], after: Callable[[Scene], None], kills: int = KILLS
) -> None:
    """Kill work in one copy after another, and look at what it left in each."""
    work = undisturbed(start, made("timed").place, made("counted").place)
    wanted = killer.hits + scaled(kills)
    while killer.hits < wanted:
        scene = made(f"place-{killer.hits + killer.missed}")
        killer.strike(work, scene.place)
        after(scene)
        shutil.rmtree(scene.place.folder)


@pytest.fixture
def copies(original: Scene, tmp_path: Path) -> Callable[[str], Scene]:
    return lambda name: changed(original, tmp_path / name)


def test_a_backup_killed_anywhere_leaves_the_earlier_one(original: Scene, tmp_path: Path) -> None:
    def made(name: str) -> Scene:
        scene = changed(original, tmp_path / name)
        ended = scene.place.tonle("db", "backup", str(scene.place.folder / "copies.sqlite"), "--archive")
        assert ended.code == 0, ended.err
        return scene

    def start(place: Place, strace: Sequence[str]) -> Running:
        target = str(place.folder / "copies.sqlite")
        return starter_of("db", "backup", target, "--archive", "--force")(place, strace)

    with killing("backup") as killer:
        struck(killer, start, made, lambda scene: backed_up(scene, scene.place.folder / "copies.sqlite"))


def test_a_restoring_killed_anywhere_leaves_the_old_corpus_or_the_new_one(
    original: Scene, copies: Callable[[str], Scene]
) -> None:
    with killing("restore") as killer:
        struck(killer, starter_of("db", "restore", str(original.backup), "--archive"), copies, restored)


def test_a_forgetting_killed_anywhere_leaves_all_articles(copies: Callable[[str], Scene]) -> None:
    with killing("prune") as killer:
        struck(killer, starter_of("db", "prune", "--compact"), copies, pruned)


def mended(scene: Scene, *command: str) -> None:
    """Run a command again where the check names it, and find the corpus sound."""
    check = scene.place.tonle("db", "check")
    assert check.code == 0 or f"tonle {' '.join(command)}" in check.only_error
    assert damage(scene.place.database) == [] or check.code
    ended = scene.place.tonle(*command)
    assert ended.code == 0, ended.err
    sound(scene.place, scene.place.folder.with_name("copy"))


@pytest.mark.parametrize("command", [("db", "reindex"), ("db", "rebuild", "fingerprints")], ids=" ".join)
def test_what_is_made_anew_and_killed_anywhere_is_as_it_was_once_it_is_made_again(
    original: Scene, copies: Callable[[str], Scene], command: tuple[str, ...]
) -> None:
    with original.place.corpus() as corpus:
        stories = sorted(map(str, corpus.stories.all()))

    def after(scene: Scene) -> None:
        mended(scene, *command)
        with scene.place.corpus() as corpus:
            assert sorted(map(str, corpus.stories.all())) == stories

    with killing(" ".join(command)) as killer:
        struck(killer, starter_of(*command), copies, after, KILLS // 2)


def test_reading_the_archive_again_killed_anywhere_ends_with_the_same_corrections(build: Build, tmp_path: Path) -> None:
    misread = build()
    describe(misread, BROKEN)
    misread.at(office=misread.replica.base_url(CAMBODIA)).crawl()

    def made(name: str) -> Scene:
        place = misread.copy(tmp_path / name)
        describe(place, MENDED)
        return Scene(place, place.database, [])

    twin = made("twin").place
    assert twin.tonle("reextract").code == 0
    assert twin.snapshot() != misread.snapshot()

    def after(scene: Scene) -> None:
        sound(scene.place, tmp_path / "copy")
        assert scene.place.tonle("reextract").code == 0
        assert scene.place.snapshot() == twin.snapshot()

    with killing("reextract") as killer:
        struck(killer, starter_of("reextract"), made, after)


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A corpus of each schema before this one, with many articles."""
    folder = tmp_path_factory.mktemp("older")
    paths = {revision: folder / f"{revision}.sqlite" for revision in STEPS[:-1]}
    step(paths[STEPS[0]], STEPS[0])
    with closing(sqlite3.connect(paths[STEPS[0]])) as connection:
        for table, rows in ROWS.items():
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
        for table, number in (("articles", "id"), ("revisions", "article_id")):
            columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
            changed = {number: "n", "key": "key || n", "text": "'The well of village ' || n || ' ran dry. ' || text"}
            taken = ", ".join(changed.get(name, f'"{name}"') for name in columns)
            connection.execute(
                f"WITH RECURSIVE more(n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM more WHERE n < {MANY})"  # noqa: S608
                f" INSERT INTO {table} SELECT {taken} FROM more JOIN {table} AS one ON one.{number} = 2"
            )
        connection.commit()
    for before, after in pairwise(paths):
        shutil.copyfile(paths[before], paths[after])
        step(paths[after], after)
    return paths


def held(path: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
            for table, columns in HELD.items()
        ]


def schema(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found)


def test_an_upgrade_killed_anywhere_leaves_the_older_corpus_or_the_new_one(
    build: Build, older: dict[str, Path], tmp_path: Path
) -> None:
    blank = build()
    (blank.folder / "data").mkdir()

    with killing("upgrade") as killer:
        for revision, path in older.items():

            def made(name: str, path: Path = path) -> Scene:
                place = blank.copy(tmp_path / path.stem / name)
                shutil.copyfile(path, place.database)
                return Scene(place, path, [])

            def after(scene: Scene, revision: str = revision) -> None:
                copy = scene.place.copy(scene.place.folder.with_name("copy"))
                assert schema(copy.database) in (revision, HEAD)
                assert damage(copy.database) == []
                shutil.rmtree(copy.folder)
                ended = scene.place.tonle("db", "upgrade")
                assert ended.code == 0, ended.err
                sound(scene.place, copy.folder)
                assert schema(scene.place.database) == HEAD
                before = scene.place.database.with_name(f"corpus.sqlite.before-{HEAD}")
                assert held(scene.place.database) == held(scene.backup) == held(before)
                assert schema(before) == revision
                assert sorted(each.name for each in before.parent.glob("*.new*")) == []

            struck(killer, starter_of("db", "upgrade"), made, after, 4)
