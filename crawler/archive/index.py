"""The index beside a WARC file, in the form that pywb and others read (CDXJ): a line an answer, `key time {json}`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.model import Capture
from crawler.archive.exchange import Head
from crawler.archive.members import Gap, Member, scan
from crawler.archive.records import NOT_MODIFIED, head_of, warc_date
from crawler.archive.surt import surt

SUFFIX = ".warc.gz"
_TIME = "%Y%m%d%H%M%S"
REVISIT = "warc/revisit"


def index_path(path: Path) -> Path:
    """Return where the index of a WARC file stands."""
    return path.with_name(path.name.removesuffix(SUFFIX) + ".cdxj")


@dataclass(frozen=True, slots=True)
class Line:
    """An answer in a WARC file, or a revisit record that stands for one. time is its WARC-Date, in fourteen digits."""

    key: str
    time: str
    url: str
    mime: str
    status: int
    digest: str
    offset: int
    length: int

    @property
    def at(self) -> datetime:
        """The WARC-Date."""
        return _moment(self.time)

    @property
    def end(self) -> int:
        """Where what follows it in the file begins."""
        return self.offset + self.length

    @property
    def is_revisit(self) -> bool:
        """Whether the bytes of the answer are elsewhere, or nowhere (304)."""
        return self.mime == REVISIT

    def written(self, filename: str) -> str:
        """Return the line of the index of the file of that name."""
        fields = {
            "url": self.url,
            "mime": self.mime,
            "status": str(self.status),
            "digest": self.digest.removeprefix("sha1:") or "-",
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": filename,
        }
        return f"{self.key} {self.time} {json.dumps(fields, ensure_ascii=False)}\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an index says of an answer, wherever it stands; mime is REVISIT for a revisit record."""

    url: str
    at: datetime
    mime: str
    status: int
    digest: str

    def standing(self, offset: int, length: int) -> Line:
        """Return the line of the answer at a place."""
        time = self.at.astimezone(UTC).strftime(_TIME)
        return Line(surt(self.url), time, self.url, self.mime, self.status, self.digest, offset, length)


def mime_of(head: Head) -> str:
    """Return the media type that an answer declares; `unk` where it declares none, as indexes write it."""
    return head.get("Content-Type").partition(";")[0].strip().casefold() or "unk"


def read_line(text: str) -> Line:
    """Return what a line of an index says. Raises ValueError if it is none of ours."""
    try:
        key, time, rest = text.split(" ", 2)
        said = json.loads(rest)
        digest = "" if said["digest"] == "-" else f"sha1:{said['digest']}"
        _moment(time)
        numbers = int(said["status"]), int(said["offset"]), int(said["length"])
        return Line(key, time, str(said["url"]), str(said["mime"]), numbers[0], digest, numbers[1], numbers[2])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no line of an index: {text[:80]}") from error


def _moment(time: str) -> datetime:
    # A file of a gigabyte has 160,000 lines: strptime takes ten times as long as this.
    return datetime.fromisoformat(f"{time[:8]}T{time[8:]}+00:00")


def read_index(path: Path) -> list[Line] | None:
    """Return the lines of an index; None if there is none or it is damaged.

    A last line that is torn, as a crash leaves it, is passed over: the WARC file tells what stood there.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    whole, _, _ = text.rpartition("\n")
    try:
        return [read_line(line) for line in whole.split("\n") if line]
    except ValueError:
        return None


def line_of(member: Member) -> Line | None:
    """Return the index line of a record, None for one that is no answer, or one that a replay should pass over.

    An answer 304 is left out: pywb would show it, an empty page, where the full answer before it still stands. Raises
    ValueError if the head is broken.
    """
    head, start = head_of(member.beginning, "utf-8")
    kind = head.get("WARC-Type").casefold()
    if kind not in {"response", "revisit"}:
        return None
    at, url = warc_date(head.get("WARC-Date")), head.get("WARC-Target-URI")
    answer, _ = head_of(member.beginning[start:])
    status = int(answer.line.split()[1])
    if status == NOT_MODIFIED:
        return None
    mime = REVISIT if kind == "revisit" else mime_of(answer)
    return Answer(url, at, mime, status, head.get("WARC-Payload-Digest")).standing(member.offset, member.length)


def lines_in(stream: BinaryIO, start: int, end: int) -> Iterator[Line | Gap]:
    """Yield the answers in a part of a WARC file, and the gaps."""
    for found in scan(stream, start, end):
        if isinstance(found, Gap):
            yield found
            continue
        try:
            line = line_of(found)
        except (ValueError, IndexError):
            continue  # whole, but not what we would index
        if line:
            yield line


def write_index(path: Path, lines: Iterable[Line], filename: str) -> None:
    """Write an index anew, sorted, so that whoever reads it meanwhile reads the old one or the new one."""
    text = "".join(sorted(line.written(filename) for line in lines))
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def captures(folder: Path, path: Path) -> Iterator[tuple[str, Capture]]:
    """Yield address and Capture of each answer in a WARC file of an archive, by its index; none where that fails."""
    file = path.resolve().relative_to(folder.resolve()).as_posix()
    for line in read_index(index_path(path)) or ():
        if not line.is_revisit:
            yield line.url, Capture(file, line.offset, line.length, line.digest, line.at)
