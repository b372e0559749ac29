"""The one tree of errors; app maps it once to exit codes.

TonleError                  anything that tonle itself has to say
├── ConfigError             a setting, site file or rule is wrong: place and remedy       exit 2
├── UsageError              the command line asks for what does not exist                 exit 2
├── CrawlError              a source could not be crawled                                 exit 3
├── StorageError            the corpus cannot be read or written                          exit 4
│   ├── StorageBusyError    locked by another process for longer than the busy time-out
│   ├── StorageFullError    the disk, or the quota, is full
│   └── CorpusVersionError  made by another version of tonle
├── DeliveryError           a message could not be handed over                            exit 5
│   └── DeliveryRefusedError    and never will be: the other side said no for good
└── AlreadyRunningError     another process holds the lock                                exit 6
"""

from datetime import timedelta
from pathlib import Path


class TonleError(Exception):
    """Anything that tonle itself has to say to a person; the message is a whole sentence."""

    exit_code = 1


class ConfigError(TonleError):
    """A settings file is wrong: names the file, the line where there is one, and what to do."""

    exit_code = 2

    def __init__(self, problem: str, path: Path | str, line: int | None = None) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        where = f"{path}, line {line}" if line else f"{path}"
        super().__init__(f"{where}: {problem}")


class UsageError(TonleError):
    """The command line asks for something that does not exist or cannot be combined."""

    exit_code = 2


class CrawlError(TonleError):
    """A source could not be crawled at all, or its crawl ended early."""

    exit_code = 3


class StorageError(TonleError):
    """The corpus cannot be read or written."""

    exit_code = 4


class StorageBusyError(StorageError):
    """Another process has held the corpus for longer than the busy time-out."""


class StorageFullError(StorageError):
    """The disk, or a quota on it, is full; what was stored before is intact."""


class CorpusVersionError(StorageError):
    """The corpus was made by another version of tonle than the one running."""


class DeliveryError(TonleError):
    """A message could not be handed over; trying again later may help.

    retry_after: the other side asked not to be tried again sooner.
    """

    exit_code = 5

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryRefusedError(DeliveryError):
    """A message was refused for good (SMTP 5xx): trying again will not help."""


class AlreadyRunningError(TonleError):
    """Another process does this already and holds the lock."""

    exit_code = 6
