"""The archive as its writers see it: an exchange goes in, and what comes back says where its bytes are."""

import threading
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

import structlog

from core.clock import Clock
from core.errors import StorageError
from core.folders import make_folder
from core.model import Capture
from crawler.agent import program_version
from crawler.archive.exchange import Exchange
from crawler.archive.index import REVISIT, SUFFIX, Answer, Line, index_path, mime_of, read_index
from crawler.archive.manifest import note_finished
from crawler.archive.records import NOT_MODIFIED, OK, Original, pair, payload_digest
from crawler.archive.volume import Volume, failure

log = structlog.get_logger()
_DAY = f"{'[0-9]' * 8}-{'[0-9]' * 5}"  # a day, and a number
_MOST_REMEMBERED = 20_000  # addresses of a source: some 10 MB, and more than a source's listings


class Archive:
    """WARC files under a folder, a folder a source and at least a file a day (UTC).

    max_file is the size in bytes from which on a next file is begun; agent is how tonle named itself to servers. Any
    number of threads may store.
    """

    def __init__(self, folder: Path, max_file: int, clock: Clock, agent: str = "") -> None:
        self.folder = folder
        self._max_file = max_file
        self._clock = clock
        self._agent = agent
        self._shelves: dict[str, Shelf] = {}
        self._lock = threading.Lock()

    def store(self, source: str, exchange: Exchange) -> Capture:
        """Keep an exchange and return where it is; a kill does not take it back, a power cut may before `sync`.

        The answer that an address gave before within the day is kept once: then its Capture is returned, and a revisit
        record tells of this time. Of an answer 304 the record of that answer is returned, which has no body. Raises
        StorageFullError, or StorageError.
        """
        return self._shelf(source).store(exchange)

    def sync(self, source: str) -> None:
        """Have all that was kept of a source on the disk, as it must be before anything refers to it.

        One call does so for all exchanges before it: where pages come fast, most find their own done already. Raises
        StorageError.
        """
        self._shelf(source).sync()

    def repair(self, source: str) -> None:
        """Mend the last file of a source (see Volume.open) unless somebody writes it. Raises StorageError."""
        self._shelf(source).repair()

    def close(self) -> None:
        """Sort the indexes and give the files back."""
        with self._lock:
            for shelf in self._shelves.values():
                shelf.close()
            self._shelves.clear()

    def _shelf(self, source: str) -> "Shelf":
        with self._lock:
            if source not in self._shelves:
                shelf = Shelf(self.folder, source, self._max_file, self._clock)
                shelf.about |= {"http-header-user-agent": self._agent} if self._agent else {}
                self._shelves[source] = shelf
            return self._shelves[source]


class Shelf:
    """The files of one source."""

    def __init__(self, folder: Path, source: str, max_file: int, clock: Clock) -> None:
        self._folder = folder / source
        self._within = folder.parent
        self._source = source
        self._max_file = max_file
        self._clock = clock
        self._lock = threading.Lock()
        self._volume: Volume | None = None
        self._day = ""
        self._has_begun_one = False
        self._last: OrderedDict[str, Capture] = OrderedDict()
        self.about = {
            "software": f"tonle/{program_version()}",
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "robots": "obey",
            "isPartOf": source,
        }

    def store(self, exchange: Exchange) -> Capture:
        """Keep an exchange; see Archive.store."""
        with self._lock:
            volume = self._open()
            original = self._original(exchange)
            answer, request = pair(exchange, original)
            offset, _ = volume.write([answer, request])
            line = _answer(exchange, original).standing(offset, len(answer))
            stored = self._capture(volume.path, line)
            if exchange.status == NOT_MODIFIED:
                return stored
            volume.note(line)
            if original:
                return original.capture
            self._remember(exchange.url, exchange.status, stored)
            return stored

    def sync(self) -> None:
        """Have all that was kept on the disk; see Archive.sync."""
        with self._lock:
            if self._volume:
                self._volume.sync()

    def _original(self, exchange: Exchange) -> Original | None:
        """Return the answer that an exchange only repeats."""
        last = self._last.get(exchange.url)
        is_same = last and exchange.status == OK and last.digest == payload_digest(exchange.body)
        return Original(exchange.url, last) if last and (is_same or exchange.status == NOT_MODIFIED) else None

    def repair(self) -> None:
        """Mend the last file; see Archive.repair."""
        with self._lock:
            if self._volume is None and (paths := sorted(self._folder.glob(f"*{SUFFIX}"))):
                volume = Volume.open(paths[-1])
                if volume:
                    volume.close()

    def close(self) -> None:
        """Give back the open file, and note those that are finished since it began another."""
        with self._lock:
            self._close()
            if self._has_begun_one:
                self._has_begun_one = False
                try:
                    note_finished(self._folder.parent)
                except OSError as error:
                    # What is not noted now is noted with the next file, or when the archive is checked.
                    log.warning("archive.manifest_not_written", source=self._source, error=error.strerror)

    def _close(self) -> None:
        volume, self._volume = self._volume, None
        if volume:
            volume.close()

    def _open(self) -> Volume:
        """Return the volume to write to: today's last if there is room and nobody else writes it, or the next.

        Where the clock was set back, it goes on with the newest day that was written: a file before the last is
        finished, and nobody would look for more in it.
        """
        now = self._clock().astimezone(UTC)
        day = max(f"{now:%Y%m%d}", self._day)
        if self._volume and self._day == day and self._volume.size < self._max_file:
            return self._volume
        if self._volume:
            self._close()
        else:
            day = self._begin_shelf(day)
        self._volume = self._todays(day, now)
        if day != self._day:
            self._day = day
            self._recall(day, self._volume)
        return self._volume

    def _begin_shelf(self, day: str) -> str:
        """Make the folder, mend its last file, and return the day to write to: that of the file if it is later."""
        try:
            make_folder(self._folder, self._within)
        except OSError as error:
            raise failure(self._folder, error) from error
        days = [path.name.removesuffix(SUFFIX)[-14:-6] for path in self._folder.glob(f"{self._source}-{_DAY}{SUFFIX}")]
        day = max([day, *days])
        # The last file may be of another day: whoever wrote it may have been killed.
        for path in sorted(self._folder.glob(f"*{SUFFIX}"))[-1:]:
            if f"-{day}-" not in path.name and (volume := Volume.open(path)):
                volume.close()
        return day

    def _todays(self, day: str, now: datetime) -> Volume:
        paths = sorted(self._folder.glob(f"{self._source}-{day}-*{SUFFIX}"))
        number = int(paths[-1].name.removesuffix(SUFFIX)[-5:]) if paths else 1
        while True:
            path = self._folder / f"{self._source}-{day}-{number:05}{SUFFIX}"
            volume = Volume.open(path)
            if volume and volume.size < self._max_file:
                return self._begun(volume, now)
            if volume:
                volume.close()
            number += 1

    def _begun(self, volume: Volume, now: datetime) -> Volume:
        if not volume.size:
            self._has_begun_one = True
            try:
                volume.begin(now, self.about)
            except StorageError:
                volume.close()
                raise
        return volume

    def _recall(self, day: str, last: Volume) -> None:
        """Remember what the day's files hold, so that what did not change since is not kept again."""
        self._last.clear()
        for path in sorted(self._folder.glob(f"{self._source}-{day}-*{SUFFIX}")):
            lines = last.lines if path == last.path else read_index(index_path(path)) or []
            for line in sorted(lines, key=lambda line: line.offset)[-_MOST_REMEMBERED:]:
                if not line.is_revisit:
                    self._remember(line.url, line.status, self._capture(path, line))

    def _remember(self, url: str, status: int, capture: Capture) -> None:
        self._last.pop(url, None)
        if status != OK:  # the next answer is seldom the same, and small
            return
        self._last[url] = capture
        if len(self._last) > _MOST_REMEMBERED:
            self._last.popitem(last=False)

    def _capture(self, path: Path, line: Line) -> Capture:
        return Capture(f"{self._source}/{path.name}", line.offset, line.length, line.digest, line.at)


def _answer(exchange: Exchange, original: Original | None) -> Answer:
    mime, digest = mime_of(exchange.response), payload_digest(exchange.body)
    if original or exchange.status == NOT_MODIFIED:
        mime, digest = REVISIT, original.capture.digest if original else ""
    return Answer(exchange.url, exchange.at, mime, exchange.status, digest)
