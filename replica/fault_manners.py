"""Faults in how an answer is sent: late, in part, or not at all."""

from collections.abc import Callable, Mapping

from replica.exchange import HTML, Answer
from replica.fault import Fault
from replica.wire import Wire

PARAGRAPH = b"<p>The commune has asked the ministry to answer the letter it sent before the rains began.</p>\n"
HTML_HEAD = b"<!DOCTYPE html>\n<html><head><title>Archive</title></head><body>\n"
MEGABYTE = 1024 * 1024
_CHUNK = 65536


def _reset(fault: Fault, original: Answer, wire: Wire) -> None:
    sent = original.body[: int(fault.number("after", 100))]
    wire.head(original.status, original.headers, max(len(original.body), len(sent) + 1))
    wire.write(sent)
    wire.cut()


def _hang(fault: Fault, _original: Answer, wire: Wire) -> None:
    wire.wait(fault.number("seconds", 3600))
    wire.cut()


def _down(_fault: Fault, _original: Answer, wire: Wire) -> None:
    wire.cut()


def _wrong_length(fault: Fault, original: Answer, wire: Wire) -> None:
    # Less than is sent, or more; the client may not wait for what never comes, nor take the rest for another answer.
    promised = max(0, len(original.body) + int(fault.number("by", 100)))
    wire.head(original.status, {**original.headers, "Connection": "close"}, promised)
    wire.write(original.body)
    wire.cut()


def _slow(fault: Fault, original: Answer, wire: Wire) -> None:
    step = int(fault.number("bytes", 16))
    wire.head(original.status, original.headers, len(original.body))
    for start in range(0, len(original.body), step):
        wire.write(original.body[start : start + step])
        if wire.wait(fault.number("seconds", 0.05)):
            wire.cut()
            return


def _huge(fault: Fault, _original: Answer, wire: Wire) -> None:
    size = int(fault.number("size", 200 * MEGABYTE))
    wire.head(200, {"Content-Type": HTML}, size)
    chunk = PARAGRAPH * (_CHUNK // len(PARAGRAPH))
    wire.write(HTML_HEAD[:size])
    left = size - len(HTML_HEAD)
    while left > 0:
        wire.write(chunk[:left])
        left -= len(chunk)
        if wire.wait(0):
            wire.cut()
            return


# Faults that never send a status line.
SILENT = frozenset({"hang", "down"})
# How it is sent, where that is the fault.
MANNERS: Mapping[str, Callable[[Fault, Answer, Wire], None]] = {
    "reset": _reset,
    "hang": _hang,
    "down": _down,
    "wrong-length": _wrong_length,
    "slow": _slow,
    "huge": _huge,
}
