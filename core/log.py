"""Logs are events with fields, named noun.verb, on standard error: for people in colour, for machines as JSON."""

import logging
import sys
from typing import Literal

import structlog

Form = Literal["console", "json"]


def set_up_logs(level: str, form: Form) -> None:
    """Send tonle's events from a level on, and the errors of libraries, to standard error.

    Of libraries only errors are shown: below that Scrapy prints whole pages, and what it warns of is an outcome here.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    # Scrapy sets the level of its own loggers, so the handler has to say no.
    handler.setLevel(logging.ERROR)
    logging.basicConfig(handlers=[handler], format="%(levelname)s %(name)s: %(message)s", force=True)
    renderer: structlog.typing.Processor
    if form == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        # The default prints the local variables of every frame: whole pages, and the mail server's password.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
