"""Who is told, of what, when and over which channel: the settings of subscribers and channels."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from core.site import WebAddress, ZoneName
from core.strict import Strict

_DAILY = re.compile(r"[1-5]?[0-9] (?:1?[0-9]|2[0-3]) \* \* \*")
_SCHEDULE = re.compile(r"(daily|weekdays|weekly +(\w+)) +([01]?[0-9]|2[0-3]):([0-5][0-9])")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_PLACE = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", re.ASCII)
_LAST_PORT = 65535
_IMMEDIATE = "immediate"
BUILT_IN = ("file", "smtp")
"""The channels that need no entry in `channels`."""
NOWHERE = "none"
"""The channel of `alerts`, `digest` or `operator` over which nothing is sent."""
SECTIONS = ("alerts", "digest", "operator")
"""The sections of config.yaml that are a reader without a name, by the folders of their files."""


def cron_line(value: str) -> str:
    """Return a crontab line as it is; raises ValueError for what is none."""
    if _DAILY.fullmatch(value):  # the usual line
        return value
    # What judges the others takes long to load, for a crawl that finds nothing new.
    from core.crontab import cron_trigger  # noqa: PLC0415

    try:
        cron_trigger(value, "UTC")
    except ValueError as error:
        raise ValueError(f"not a crontab line (minute hour day month weekday): {error}") from error
    return value


def _address(value: str) -> str:
    local, at, host = value.rpartition("@")
    if not (local and at and host) or any(character.isspace() for character in value):
        raise ValueError("not an e-mail address")
    return value


def _listed(value: object) -> object:
    """Return a list of one for a single word: people write both."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str) else value


def _when(value: str) -> str:
    """Return `immediate`, or a schedule as a crontab line."""
    if value == _IMMEDIATE:
        return value
    found = _SCHEDULE.fullmatch(value.strip().lower())
    if not found:
        try:
            return cron_line(value)
        except ValueError:
            raise ValueError(
                "write immediate, daily 07:30, weekdays 07:30, weekly monday 07:30, or a crontab line"
            ) from None
    which, day, hour, minute = found.groups()
    days = "*"
    if which == "weekdays":
        days = "1-5"
    elif day:
        numbers = [number for number, name in enumerate(_DAYS) if name == day or name[:3] == day]
        if not numbers:
            raise ValueError(f"`{day}` is no day of the week; write monday, tuesday, …")
        days = str(numbers[0])
    return f"{int(minute)} {int(hour)} * * {days}"


def _beat(value: str) -> str:
    """Return when a heartbeat is sent, as a crontab line."""
    found = _TIME.fullmatch(value)
    if found:
        return f"{int(found[2])} {int(found[1])} * * *"
    if value == _IMMEDIATE:
        raise ValueError("write 08:00, weekdays 08:00, weekly monday 08:00, or a crontab line")
    return _when(value)


def _span(value: str) -> str:
    found = _SPAN.fullmatch(value)
    if not found or value[:5] == value[6:]:
        raise ValueError("write the hours of quiet as 22:00-06:00")
    return value


def _encrypted(value: str) -> str:
    if not value.startswith("https:"):
        raise ValueError("one-click unsubscribing needs an https address (RFC 8058)")
    return value


def _listened(value: str) -> str:
    found = _PLACE.fullmatch(value)
    if not found or int(found[1]) > _LAST_PORT:
        raise ValueError("write a host and a port, such as 127.0.0.1:8095 or [::1]:8095")
    return value


Cron = Annotated[str, AfterValidator(cron_line)]
EmailAddress = Annotated[str, AfterValidator(_address)]
Several = BeforeValidator(_listed)
"""Lets a list of one entry be written without brackets."""
When = Annotated[str, AfterValidator(_when)]
Quiet = Annotated[str, AfterValidator(_span)]
Heartbeat = Annotated[str, AfterValidator(_beat)]


class ChannelSettings(Strict):
    """A way out of one's own: mail, files, anything that Apprise speaks, or a webhook of JSON that is signed.

    secret is TONLE_CHANNEL_NAME, from the environment or a file: the address that Apprise takes, or the webhook's key.
    """

    kind: Literal["file", "smtp", "apprise", "webhook"]
    url: WebAddress | None = None
    folder: Path | None = None
    secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if (self.url is not None) != (self.kind == "webhook"):
            raise ValueError("`url` belongs to `kind: webhook`, which needs it")
        if self.folder is not None and self.kind != "file":
            raise ValueError("`folder` belongs to `kind: file`")
        return self


class Subscriber(Strict):
    """Someone who is told: of which rules, sources and languages (none named: of all), when, and how.

    schedule holds `immediate` (alerts at once), a crontab line (a digest then, in `zone`), or both. In the hours of
    `quiet` nothing is sent; `hourly` is the most that is sent within an hour; more than `burst` alerts at once become
    one message; 0: never. empty says whether a digest of nothing is sent, as one line.
    """

    name: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9-]*)?$")]
    to: Annotated[tuple[EmailAddress, ...], Several] = ()
    channel: str = "smtp"
    rules: Annotated[tuple[str, ...], Several] = ()
    sources: Annotated[tuple[str, ...], Several] = ()
    languages: Annotated[tuple[str, ...], Several] = ()
    schedule: Annotated[tuple[When, ...], Several] = Field(default=("daily 07:30",), validate_default=True)
    zone: ZoneName = "Asia/Phnom_Penh"
    quiet: Quiet | None = None
    hourly: int | None = Field(default=None, ge=1)
    burst: int = Field(default=10, ge=0)
    format: Literal["both", "html", "text"] = "both"
    group: Literal["source", "rule"] = "source"
    empty: Literal["silent", "line"] = "silent"

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.channel == "smtp" and not self.to:
            raise ValueError("needs an e-mail address in `to`, or another `channel`")
        if len([when for when in self.schedule if when != _IMMEDIATE]) > 1:
            raise ValueError("`schedule` takes `immediate` and one time for the digest")
        return self

    @property
    def is_told_at_once(self) -> bool:
        """Whether alerts are sent to this subscriber."""
        return _IMMEDIATE in self.schedule

    @property
    def cron(self) -> str | None:
        """When the digest is sent, None for a subscriber without one."""
        return next((when for when in self.schedule if when != _IMMEDIATE), None)

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """From when to when nothing is sent, in `zone`; past midnight where the second is the lesser."""
        if self.quiet is None:
            return None
        begin, end = map(time.fromisoformat, self.quiet.split("-"))
        return begin, end

    def reads(self, source: str, language: str) -> bool:
        """Return whether texts of a source and language concern this subscriber; an unknown language does."""
        spoken = language.partition("-")[0].lower()
        told = not self.languages or not spoken or spoken in {each.partition("-")[0].lower() for each in self.languages}
        return told and (not self.sources or source in self.sources)

    def hears_of(self, rule: str) -> bool:
        """Return whether a rule concerns this subscriber."""
        return not self.rules or rule in self.rules


ANYBODY = Subscriber(name="", channel="file", schedule=(_IMMEDIATE,), burst=0)
"""Who is told where nobody is named: the readers of `alerts` as they are by default."""


class Unsubscribe(Strict):
    """How somebody says that no more is wanted.

    url is the public address of `listen` (RFC 8058, one click); without it a mail to `mailto` is asked for, by default
    to the sender. secret is TONLE_UNSUBSCRIBE_KEY, from the environment or a file.
    """

    url: Annotated[WebAddress, AfterValidator(_encrypted)] | None = None
    listen: Annotated[str, AfterValidator(_listened)] = "127.0.0.1:8095"
    mailto: EmailAddress | None = None
    secret: str = Field(default="", repr=False)

    @property
    def place(self) -> tuple[str, int]:
        """The host and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class Feeds(Strict):
    """Atom and JSON feeds, one a rule and one of all, as files in a folder under `data`; url: where that is public."""

    enabled: bool = False
    folder: Path = Path("feeds")
    url: WebAddress | None = None
    entries: int = Field(default=50, ge=1, le=1000)
