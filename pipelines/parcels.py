"""What goes between this process and those that read pages for it: eight bytes of length, then a pickle.

Nothing here imports the parsers, so that who only sends pages need not load them.
"""

import pickle
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from core.model import Draft, Lead, Page, Skipped
from core.site import Site

REQUEST = struct.Struct("!cq")
"""What a foreman is asked: HIRE, which comes with a socket, or BURY and a pid."""
HIRE, BURY = b"h", b"b"
_LENGTH = struct.Struct("!Q")


@dataclass(frozen=True, slots=True)
class Orders:
    """The sites by name, and what reading one page may take: seconds, bytes of address space, pages of a document."""

    sites: Mapping[str, Site]
    seconds: float
    memory: int
    most_pages: int


@dataclass(frozen=True, slots=True)
class Work:
    """A page to be read, of one of the sites, and what a listing said of it."""

    page: Page
    source: str
    lead: Lead | None


@dataclass(frozen=True, slots=True)
class Done:
    """What was made of a page. trace says where reading failed, if it did; is_last: no more work, please."""

    result: Draft | Skipped
    trace: str = ""
    is_last: bool = False


def send(line: socket.socket, value: object) -> None:
    """Send a value whole. Raises OSError where nobody listens any more."""
    packed = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    line.sendall(_LENGTH.pack(len(packed)))
    line.sendall(packed)


def receive(line: socket.socket) -> object:
    """Wait for a value and return it. Raises EOFError where the other side has ended, OSError where it was cut off.

    To be used between our own processes alone: a pickle can make its reader run anything.
    """
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    value: object = pickle.loads(_exactly(line, length))  # noqa: S301  # from our own process
    return value


def _exactly(line: socket.socket, size: int) -> bytearray:
    read = bytearray(size)
    view, done = memoryview(read), 0
    while done < size:
        count = line.recv_into(view[done:])
        if not count:
            raise EOFError
        done += count
    return read
