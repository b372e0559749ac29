"""Checks of the machine: Python and packages, disk, permissions, clock."""

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from app.doctor.finding import Finding, Patient, look, ok, wrong
from core.secrets import secret_files
from notify.phrases import span_of
from storage.condition import condition
from storage.schema import HEAD
from storage.store import Store

_GB, _MB = 1_000_000_000, 1_000_000
_LOW, _FULL = 2 * _GB, 200 * _MB  # a year of four sources with their pages takes about one gigabyte
_FEW_FILES = 1000
SKEW = timedelta(minutes=2)
"""A clock that is wrong by more is worth a word: times of articles, digests and leases follow it."""
_SECRET_FILES = (".env", "*.env", "secrets/*")


def python(_patient: Patient) -> Iterator[Finding]:
    """Check Python and the packages that tonle needs, as its metadata ask for them."""
    found = ".".join(map(str, sys.version_info[:3]))
    try:
        needed = [Requirement(line) for line in requires("tonle") or ()]
    except PackageNotFoundError:
        yield look(f"Python {found}; tonle is not installed, only run.", "install it: make demo, or docs/operations.md")
        return
    missing = [told for each in needed if (told := _missing(each))]
    if missing:
        yield wrong(f"Python {found}; {', '.join(missing)}.", "install what requirements.lock names (make demo does)")
    else:
        yield ok(f"Python {found}, {len(needed)} packages as tonle asks for them.")


def _missing(needed: Requirement) -> str:
    if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
        return ""
    try:
        there = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    return (
        ""
        if needed.specifier.contains(there, prereleases=True)
        else f"{needed.name} is {there}, not {needed.specifier}"
    )


def disk(patient: Patient) -> Iterator[Finding]:
    """Check the room on the disk of `data`."""
    folder = _existing(patient.desk.config.data)
    usage = shutil.disk_usage(folder)
    files = os.statvfs(folder)
    says = f"{usage.free / _GB:.1f} GB of {usage.total / _GB:.0f} GB are free where {folder} is."
    remedy = "make room, or move `data`, or its `archive` alone, to a larger disk: docs/operations.md, A larger disk"
    if usage.free < _FULL or (files.f_files and files.f_favail < _FEW_FILES):
        yield wrong(says if usage.free < _FULL else "No more files can be made on the disk of `data`.", remedy)
    elif usage.free < _LOW:
        yield look(says, remedy)
    else:
        yield ok(says)


def permissions(patient: Patient) -> Iterator[Finding]:
    """Check whether this user may write what tonle writes, and nobody else may read secrets or change the corpus."""
    found = [*_unwritable(patient), *_open_secrets(patient), *_open_data(patient.desk.config.data)]
    yield from found or [ok(f"{patient.desk.config.data} can be written, and by nobody else.")]


def _unwritable(patient: Patient) -> Iterator[Finding]:
    data = patient.desk.config.data
    user = "the user that runs tonle"
    if not data.exists():
        there = _existing(data)
        if not os.access(there, os.W_OK | os.X_OK):
            yield wrong(
                f"{data} does not exist and cannot be made: {there} is read-only for this user.",
                f"let {user} write there",
            )
        return
    wanted = [data, data / "locks", data / "logs", data / "archive", data / "outbox"]
    wanted += data.glob("corpus.sqlite*")
    closed = [str(path) for path in wanted if path.exists() and not os.access(path, os.W_OK)]
    if closed:
        yield wrong(
            f"This user may not write {', '.join(closed)}.",
            f"run this as {user}; or, where another user ran tonle once: chown -R USER {data}",
        )


def _open_secrets(patient: Patient) -> Iterator[Finding]:
    beside = patient.desk.path.resolve().parent
    folders = dict.fromkeys((beside, patient.desk.config.data))
    found = [path for folder in folders for pattern in _SECRET_FILES for path in folder.glob(pattern)]
    for path in dict.fromkeys(path.absolute() for path in (*found, *secret_files(patient.environ)) if path.exists()):
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_IRGRP | stat.S_IROTH):
            yield look(f"{path} may hold secrets, and others can read it ({stat.filemode(mode)}).", f"chmod 600 {path}")


def _open_data(data: Path) -> Iterator[Finding]:
    for path in (data, data / "corpus.sqlite"):
        if path.exists() and path.stat().st_mode & stat.S_IWOTH:
            yield wrong(f"Everybody on this machine can change {path}.", f"chmod o-w {path}")


def clock(patient: Patient) -> Iterator[Finding]:
    """Hold the clock against what the corpus says was done last; sources' clocks are asked with the sources."""
    config, now = patient.desk.config, patient.desk.clock()
    newest = None
    if config.corpus.exists() and condition(config.corpus, timedelta(0)).schema == HEAD:
        store = Store.existing(config.corpus, timedelta(seconds=2))
        try:
            with store.reading() as corpus:
                newest = corpus.history.ahead(now + SKEW)
        finally:
            store.close()
    if newest:
        says = f"The clock is {span_of(newest - now)} behind what the corpus says was done last."
        yield wrong(says, "set the clock (timedatectl), and let NTP keep it; if it is right, it was ahead once: go on")
    else:
        yield ok(f"{now.astimezone(patient.desk.zone):%d %b %Y %H:%M %Z}; the corpus says nothing else.")


def _existing(path: Path) -> Path:
    return next((each for each in (path, *path.parents) if each.exists()), Path("/"))
