"""`python -m pipelines.foreman FD`: a process that has the parsers loaded, and forks others that read pages.

A fork starts in milliseconds and shares what is loaded; a process started anew takes a second and 90 MB. Asked by
pipelines/crew.py over the socket FD: first come the orders, then HIRE with a socket (a fork serves it; answer: its
pid) and BURY with a pid (answer: its exit code, or minus the signal that ended
it). When the asker is gone, however it
ended, all forks are killed.
"""

import gc
import os
import resource
import signal
import socket
import sys
from dataclasses import replace
from importlib import import_module
from itertools import count
from typing import cast

from pipelines.parcels import BURY, REQUEST, Orders, Work, receive, send
from pipelines.reading import read

_LATE = ("trafilatura", "dateparser", "htmldate")  # what reading loads when it is needed, and each fork would anew
_PAGES = 1000  # that one fork reads; then another comes, in milliseconds, and whatever memory has gathered is freed


def main(descriptor: int) -> None:
    """Serve until the asker is gone."""
    asker = socket.socket(fileno=descriptor)
    forks: set[int] = set()
    try:
        orders = cast(Orders, receive(asker))
        for name in _LATE:
            import_module(name)
        gc.collect()
        gc.freeze()  # or each collection in a fork would copy what it shares
        while request := _request(asker):
            what, pid, descriptors = request
            if what == BURY:
                forks.discard(pid)
                send(asker, _ended(pid))
            else:
                pid = _hire(asker, descriptors[0], orders)
                forks.add(pid)
                send(asker, pid)
    except (EOFError, OSError):
        pass  # the asker was killed in the middle of a word
    finally:
        for fork in forks:
            os.kill(fork, signal.SIGKILL)
        for fork in forks:
            os.waitpid(fork, 0)  # so that what they used is counted


def _request(asker: socket.socket) -> tuple[bytes, int, list[int]] | None:
    """Return the next request; None where the asker is gone."""
    message, descriptors, _, _ = socket.recv_fds(asker, REQUEST.size, 1)
    if len(message) < REQUEST.size:
        return None
    what, pid = REQUEST.unpack(message)
    return what, pid, descriptors


def _ended(pid: int) -> int | None:
    """Wait until a fork has ended and return how; None for one that a foreman before this one started."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return None


def _hire(asker: socket.socket, descriptor: int, orders: Orders) -> int:
    pid = os.fork()
    if not pid:
        # Whatever happens here, the fork must never go on with its parent's work.
        try:
            asker.close()
            _serve(socket.socket(fileno=descriptor), orders)
        finally:
            os._exit(0)
    os.close(descriptor)
    return pid


def _serve(bench: socket.socket, orders: Orders) -> None:
    """Read pages until nobody sends any. What takes too long is ended by the kernel, in whatever code it hangs."""
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_AS, orders.memory)
    for number in count(1):
        try:
            work = cast(Work, receive(bench))
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, orders.seconds)
        done = read(work, orders)
        signal.setitimer(signal.ITIMER_REAL, 0)
        done = replace(done, is_last=done.is_last or number == _PAGES)
        send(bench, done)
        if done.is_last:
            return


def _bound(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(int(sys.argv[1]))
