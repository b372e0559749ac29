"""Logs are events with fields, named noun.verb, on standard error or in a file: for people in colour, or as JSON."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from core.folders import make_folder

Form = Literal["console", "json"]
Sink = Callable[[Mapping[str, Any], str], None]
"""Is given an event and the line of JSON that it makes."""
_HIDDEN = "…hidden…"
_LEAST_SECRET = 4  # characters: hiding a shorter one would tell it, and make every line unreadable


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file for a log: begun anew beyond so many bytes, so many old ones kept.

    within is a folder above it that is not made, where there is one.
    """

    path: Path
    most: int
    keep: int
    within: Path | None = None


def set_up_logs(level: str, form: Form, file: LogFile | None = None, secrets: tuple[str, ...] = ()) -> None:
    """Send tonle's events from a level on, and the errors of libraries, to standard error, or to a file.

    Of libraries only errors are shown: below that Scrapy prints whole pages, and what it warns of is an outcome here.
    Whatever is written, the secrets are not. A line that cannot be written to the file goes to standard error; one that
    cannot be written there either is lost, and ends nothing.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    hide = Veil(secrets)
    handler = _file_handler(file) if file else _Errors(sys.stderr)
    # Scrapy sets the level of its own loggers, so the handler has to say no.
    handler.setLevel(logging.ERROR)
    handler.setFormatter(_OfLibraries(form, hide))
    logging.basicConfig(handlers=[handler], force=True)
    is_shown_in_colour = file is None and sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Floor(number, hide),
            *_rendering(form, in_colour=is_shown_in_colour),
            hide,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_Lines(handler),
        cache_logger_on_first_use=False,
    )


@contextmanager
def also_to(sink: Sink) -> Iterator[None]:
    """Give every event from info on to a sink too while the block runs, whatever is shown otherwise."""
    before = structlog.get_config()
    processors: list[Processor] = list(before["processors"])
    place = next((place for place, each in enumerate(processors) if isinstance(each, _Floor)), None)
    if place is None:  # nobody set up logs: a program that only uses tonle's parts
        yield
        return
    floor = processors[place]
    hide = floor.hide if isinstance(floor, _Floor) else Veil()
    least = min(logging.INFO, floor.number if isinstance(floor, _Floor) else logging.INFO)
    processors.insert(place, _Tee(sink, hide))
    structlog.configure(
        **before | {"processors": processors, "wrapper_class": structlog.make_filtering_bound_logger(least)}
    )
    try:
        yield
    finally:
        structlog.configure(**before)


class Veil:
    """Takes secrets out of a line, as they are and as JSON writes them."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        told = {form for secret in secrets if len(secret) >= _LEAST_SECRET for form in (secret, _as_json(secret)[1:-1])}
        # The longest first: one secret may begin another.
        self._secrets = sorted(told, key=len, reverse=True)

    def __call__(self, _logger: object, _method: str, line: Any) -> Any:  # noqa: ANN401  # a renderer's answer
        """Return the line that the renderer made, of structlog's chain its end."""
        return self.over(line) if isinstance(line, str) else line

    def over(self, line: str) -> str:
        """Return a line without the secrets."""
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return line


@dataclass(frozen=True, slots=True)
class _Floor:
    """Lets events from a level on pass. Before it, others may be given more."""

    number: int
    hide: Veil

    def __call__(self, _logger: object, method: str, event: EventDict) -> EventDict:
        if _number_of(method) < self.number:
            raise structlog.DropEvent
        return event


@dataclass(frozen=True, slots=True)
class _Tee:
    """Gives a sink each event from info on, as a line of JSON."""

    sink: Sink
    hide: Veil

    def __call__(self, logger: object, method: str, event: EventDict) -> EventDict:
        if _number_of(method) >= logging.INFO:
            whole = structlog.processors.format_exc_info(logger, method, dict(event))
            self.sink(event, self.hide.over(_as_json(whole)))
        return event


class _OfLibraries(logging.Formatter):
    """Writes what a library logs in the form of tonle's own events."""

    def __init__(self, form: Form, hide: Veil) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._form = form
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines."""
        if record.name == __name__:  # an event of tonle's, rendered already
            return record.getMessage()
        said = self._hide.over(super().format(record))
        if self._form == "console":
            return _seen(said)
        return _as_json({"event": "library.failed", "level": record.levelname.lower(), "said": said})


class _Errors(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging calls it so
        """Say nothing: a full disk, or a reader that is gone, must not end what is being done."""


class _File(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging calls it so
        """Write to standard error what cannot be written to the file: a full disk must not end what is being done."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{self.format(record)}\n")


def _file_handler(file: LogFile) -> logging.Handler:
    with suppress(OSError):
        make_folder(file.path.parent, file.within)
    return _File(file.path, maxBytes=file.most, backupCount=file.keep, encoding="utf-8", delay=True)


class _Lines:
    """Makes structlog's loggers, which hand rendered lines to a handler of logging."""

    def __init__(self, handler: logging.Handler) -> None:
        self._handler = handler

    def __call__(self, *_args: object) -> "_Lines":
        return self

    def msg(self, line: str) -> None:
        record = logging.makeLogRecord({"name": __name__, "msg": line, "levelno": logging.ERROR})
        self._handler.handle(record)

    debug = info = warning = error = critical = exception = log = msg


def _rendering(form: Form, *, in_colour: bool) -> tuple[Processor, ...]:
    if form == "json":
        return structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_as_json)
    # The default prints the local variables of every frame: whole pages, and the mail server's password.
    plain = structlog.dev.plain_traceback
    return (structlog.dev.ConsoleRenderer(colors=in_colour, exception_formatter=plain),)


def _number_of(method: str) -> int:
    return logging.getLevelNamesMapping().get({"exception": "ERROR"}.get(method, method.upper()), logging.INFO)


def _as_json(value: object, **_kwargs: object) -> str:
    """Return a value as one line of JSON, whatever strangers wrote into it: nothing in it ends a line or steers."""
    line = json.dumps(value, ensure_ascii=False, default=repr)
    return line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)


def _seen(text: str) -> str:
    """Return what a library said without what steers a terminal; whatever follows its first line is set in."""
    lines = text.split("\n")
    return "\n  ".join("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line) for line in lines)
