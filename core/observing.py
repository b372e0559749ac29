"""What the settings say of how tonle is watched: logs, figures, what a check-up looks for, and whom alarms go to."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from core.strict import Duration, Size, Strict, within

LogLevel = Literal["debug", "info", "warning", "error"]
LogForm = Literal["console", "json"]
_PORTS = 65535


def _listening(value: str) -> str:
    host, port = host_and_port(value)
    if not host or not 0 < port <= _PORTS:
        raise ValueError("write an address and a port, as 127.0.0.1:9464")
    try:
        ipaddress.ip_address(host)
    except ValueError as error:
        raise ValueError(f"`{host}` is no numeric address: write 127.0.0.1 for this machine alone") from error
    return value


def host_and_port(value: str) -> tuple[str, int]:
    """Return the two parts of `127.0.0.1:9464` or `[::1]:9464`; port 0 where there is none."""
    try:
        parts = urlsplit(f"//{value}")
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        return "", 0
    return (host, port) if parts.netloc == value and "@" not in value else ("", 0)


Listening = Annotated[str, AfterValidator(_listening)]


class LogSettings(Strict):
    """Where the daemon's log goes, and what is kept of the logs of crawls.

    file is that of the daemon, under `data` unless absolute; none: standard error. level: by default info for the
    daemon, warning for other commands. runs: of so many newest runs of each source the log is kept, each of max_run at
    most.
    """

    level: LogLevel | None = None
    format: LogForm = "console"
    file: Path | None = None
    max_file: Size = 10_000_000
    keep: int = Field(default=5, ge=1, le=1000)
    runs: int = Field(default=50, ge=0, le=10_000)
    max_run: Size = 1_000_000


class MetricsSettings(Strict):
    """Where /metrics and /healthz are answered; none: nowhere."""

    listen: Listening | None = None


class DoctorSettings(Strict):
    """What `tonle doctor` looks for beside the rest: that the newest file in the folder of backups is not too old."""

    backups: Path | None = None
    oldest_backup: Annotated[Duration, within("1m", "520w")] = Field(default="2d", validate_default=True)
