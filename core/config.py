"""The settings: config.yaml and the environment, parsed once into one frozen Config.

Each callee is handed its own section. Secrets come from the environment or from files (core/secrets.py), never from
config.yaml. docs/configuration.md explains
every key; config.yaml at the root holds them all with their defaults.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from core.audience import (
    NOWHERE,
    ChannelSettings,
    Cron,
    EmailAddress,
    Feeds,
    Heartbeat,
    Subscriber,
    Unsubscribe,
)
from core.audience_checks import (
    check_addressed,
    check_channels,
    check_subscribers,
    check_unsubscribe,
    check_used,
    secret_of,
)
from core.errors import ConfigError
from core.observing import DoctorSettings, LogSettings, MetricsSettings
from core.retention import RetentionSettings
from core.rule_files import check_rules, gathered
from core.rules import Name, Rule
from core.secrets import SMTP_PASSWORD, SMTP_USER, UNSUBSCRIBE_KEY, secret
from core.site import Relevance, Search, Site, WebAddress, ZoneName, open_places
from core.strict import Duration, Size, Strict, line_of_key, read_yaml, within
from core.trouble import OPERATOR_KINDS

Interval = Annotated[Duration, within("1s", "520w")]
Wait = Annotated[Duration, within("0.1s", "1d")]
Patience = Annotated[Duration, within("0s", "1d")]
"""How long something may be waited for; 0s where not waiting at all makes sense."""


class Schedule(Strict):
    """When something is done: `every` so often, or at the times of a crontab line; never both."""

    every: Interval | None = None
    cron: Cron | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.every is not None and self.cron is not None:
            raise ValueError("`every` and `cron` exclude one another: keep one")
        return self


class SourceSettings(Schedule):
    """What config.yaml says of one site.

    options fill what a site's file leaves open in the addresses of its listings; keywords are searched for where the
    site has a search; relevance goes before what the site's file says of it.
    """

    enabled: bool = True
    base_url: WebAddress | None = None
    delay: Patience | None = None
    pages: int | None = Field(default=None, ge=1)
    relevance: Literal["all"] | Relevance | None = None
    options: dict[str, str] = Field(default_factory=dict)
    keywords: tuple[str, ...] = ()


class Channel(Strict):
    """How messages leave: as .eml files in a folder under `data`, by SMTP to the addresses in `to`, or by a channel.

    `none` sends nothing: there are subscribers for it.
    """

    channel: str = "file"
    to: tuple[EmailAddress, ...] = ()

    @model_validator(mode="after")
    def _somebody_reads_it(self) -> Self:
        if self.channel == "smtp" and not self.to:
            raise ValueError("`channel: smtp` needs at least one address in `to`")
        return self


class AlertSettings(Channel):
    """Where alerts go, of all rules and at once; more than `burst` that are due together are one message; 0: never."""

    burst: int = Field(default=0, ge=0)


class DigestSettings(Channel):
    """Where the digest goes, and when; by default daily at 07:30 in `zone`."""

    cron: Cron = "30 7 * * *"
    zone: ZoneName = "Asia/Phnom_Penh"


class OperatorSettings(Channel):
    """Where alarms go, who is told that tonle itself needs somebody, and when a sign of life is sent.

    zone is that of the digest where it is None. every: how often the machine is looked at, and how far apart messages
    are at least.
    """

    heartbeat: Heartbeat | None = None
    zone: ZoneName | None = None
    every: Annotated[Duration, within("1s", "1d")] = Field(default="10m", validate_default=True)

    @model_validator(mode="after")
    def _somebody_waits_for_it(self) -> Self:
        if self.channel == NOWHERE and self.heartbeat:
            raise ValueError("a `heartbeat` needs a `channel`")
        return self


class MailSettings(Strict):
    """The SMTP server. User and password are the secrets TONLE_SMTP_USER and TONLE_SMTP_PASSWORD."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    sender: EmailAddress = "tonle@localhost"
    timeout: Wait = Field(default="30s", validate_default=True)
    user: str = Field(default="", repr=False)
    password: str = Field(default="", repr=False)


class CrawlSettings(Strict):
    """Bounds of one crawl."""

    # What waits for a child process counts milliseconds in 31 bits: 24 days.
    time_limit: Annotated[Duration, within("1s", "7d")] = Field(default="30m", validate_default=True)
    stop_grace: Patience = Field(default="20s", validate_default=True)
    request_timeout: Wait = Field(default="60s", validate_default=True)
    max_page: Size = 20_000_000
    max_document: Size = 50_000_000
    max_document_pages: int = Field(default=400, ge=1)
    # Measured: 180 MB for a day's crawl of the replica, 210 MB for one of 300 pages of 65 kB.
    memory: Size = 1_000_000_000
    reading: Wait = Field(default="30s", validate_default=True)
    retries: int = Field(default=2, ge=0, le=10)
    longest_hold: Patience = Field(default="1m", validate_default=True)
    full_every: Interval = Field(default="1d", validate_default=True)
    gone_visits: int = Field(default=3, ge=1)
    gone_after: Interval = Field(default="2d", validate_default=True)
    processes: int | None = Field(default=None, ge=0, le=64)
    revisit_after: tuple[Interval, ...] = Field(default=("1h", "6h", "1d", "3d", "7d", "30d"), validate_default=True)


class DaemonSettings(Strict):
    """How the daemon keeps time."""

    every: Interval = Field(default="1h", validate_default=True)
    misfire_grace: Interval = Field(default="6h", validate_default=True)
    jitter: Patience = Field(default="30s", validate_default=True)
    at_once: int = Field(default=4, ge=1, le=64)
    deliver_every: Wait = Field(default="1m", validate_default=True)


class ArchiveSettings(Strict):
    """Whether fetched pages are kept as they came, and how large a WARC file grows.

    replay is the public address of what replays the archive (pywb): messages link to {replay}/{time}/{address} there.
    """

    keep: bool = True
    max_file: Size = 1_000_000_000
    replay: WebAddress | None = None


class StorageSettings(Strict):
    """How the corpus is reached."""

    busy_timeout: Patience = Field(default="30s", validate_default=True)


Share = Annotated[float, Field(gt=0, le=1)]


class DuplicateSettings(Strict):
    """From where on two texts are one story; docs/dedup.md has the measurements that set these bounds.

    share: the least share of the smaller text's shingles that stand in the larger, times agreement. agreement: the part
    of the smaller's numbers and names below which the share counts for less. whole: how much of the longer text a
    shorter one has to have to be a copy and no excerpt. rewrite: the least share of a text told anew. passage: how many
    words in a row are a quotation.
    """

    share: Share = 0.62
    agreement: Share = 0.65
    whole: Share = 0.75
    rewrite: Share = 0.2
    passage: int = Field(default=25, ge=5)


class Config(Strict):
    """All settings. data, sites and rules_folder are absolute; contact names a person in the agent string.

    sites is the folder of the site files that the user adds to those that come with tonle. rules are complete: those of
    rules_folder too, with the entries of the groups that they name.
    """

    data: Path = Path("data")
    contact: str = ""
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    groups: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    rules_folder: Path = Path("rules")
    channels: dict[Name, ChannelSettings] = Field(default_factory=dict)
    subscribers: tuple[Subscriber, ...] = ()
    unsubscribe: Unsubscribe = Unsubscribe()
    feeds: Feeds = Feeds()
    alerts: AlertSettings = AlertSettings()
    digest: DigestSettings = DigestSettings()
    operator: OperatorSettings = OperatorSettings()
    mail: MailSettings = MailSettings()
    crawl: CrawlSettings = CrawlSettings()
    daemon: DaemonSettings = DaemonSettings()
    storage: StorageSettings = StorageSettings()
    archive: ArchiveSettings = ArchiveSettings()
    retention: RetentionSettings = RetentionSettings()
    duplicates: DuplicateSettings = DuplicateSettings()
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    doctor: DoctorSettings = DoctorSettings()
    sites: Path = Path("sites")

    @property
    def corpus(self) -> Path:
        """The database file."""
        return self.data / "corpus.sqlite"

    @property
    def evidence(self) -> Path:
        """The folder of the WARC files."""
        return self.data / "archive"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log may ever hold."""
        own = (self.mail.password, self.unsubscribe.secret, *(each.secret for each in self.channels.values()))
        return tuple(secret for secret in own if secret)

    def source(self, name: str) -> SourceSettings:
        """Return what is set for a source; the defaults where nothing is."""
        return self.sources.get(name, SourceSettings())

    @property
    def alert_readers(self) -> tuple[Subscriber, ...]:
        """Who is told at once: the readers of `alerts`, without a name, then subscribers."""
        own = _reader(self.alerts, "immediate", self.digest.zone, self.alerts.burst)
        return (*own, *(each for each in self.subscribers if each.is_told_at_once))

    @property
    def digest_readers(self) -> tuple[Subscriber, ...]:
        """Who gets a digest: the readers of `digest`, without a name, then subscribers."""
        own = _reader(self.digest, self.digest.cron, self.digest.zone)
        return (*own, *(each for each in self.subscribers if each.cron is not None))

    @property
    def operator_readers(self) -> tuple[Subscriber, ...]:
        """Who is told of troubles, without a name; nobody where nothing is sent."""
        return _reader(self.operator, "immediate", self.operator.zone or self.digest.zone)

    def reader(self, kind: str, name: str) -> Subscriber | None:
        """Return who reads the deliveries of a kind under a name; None: nobody, any more."""
        readers = self.digest_readers if kind == "digest" else self.alert_readers
        readers = self.operator_readers if kind in OPERATOR_KINDS else readers
        return next((each for each in readers if each.name == name), None)


def _reader(settings: Channel, when: str, zone: str, burst: int = 0) -> tuple[Subscriber, ...]:
    """Return the readers of a section as a subscriber without a name; none where nothing is sent."""
    if settings.channel == NOWHERE:
        return ()
    return (Subscriber(name="", to=settings.to, channel=settings.channel, schedule=(when,), zone=zone, burst=burst),)


def load_config(path: Path, sites: Mapping[str, Site], environ: Mapping[str, str]) -> Config:
    """Return the settings in a file, completed from the environment and checked against the known sites.

    Raises ConfigError naming file, line and remedy.
    """
    config = read_config(path, environ)
    check_config(config, path, sites)
    return config


def read_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Return the settings in a file, completed from the environment; what they say of sites is not checked yet.

    Raises ConfigError naming file, line and remedy.
    """
    config = read_yaml(Config, path)
    folder = _beside(path, config.rules_folder)
    data = Path(environ.get("TONLE_DATA") or config.data)
    channels = {name: _with_secret(path, name, each, environ) for name, each in config.channels.items()}
    signing = secret(UNSUBSCRIBE_KEY, environ)
    own = {"user": secret(SMTP_USER, environ), "password": secret(SMTP_PASSWORD, environ)}
    for key in own:
        if getattr(config.mail, key):
            name = f"TONLE_SMTP_{key.upper()}"
            problem = f"`mail.{key}` never stands here: set {name} in the environment, or {name}_FILE to a file with it"
            raise ConfigError(problem, path, line_of_key(path, ("mail", key)))
    return config.model_copy(
        update={
            "data": _beside(path, data),
            "sites": _beside(path, config.sites),
            "rules": gathered(config.rules, config.groups, path, folder),
            "rules_folder": folder,
            "contact": environ.get("TONLE_CONTACT") or config.contact,
            "mail": config.mail.model_copy(update=own),
            "channels": channels,
            "unsubscribe": config.unsubscribe.model_copy(update={"secret": signing}),
        }
    )


def _with_secret(path: Path, name: str, channel: ChannelSettings, environ: Mapping[str, str]) -> ChannelSettings:
    """Return a channel with what the environment holds for it. Raises ConfigError for a secret in the file."""
    variable = secret_of(name)
    if channel.secret:
        line = line_of_key(path, ("channels", name, "secret"))
        problem = f"a secret never stands here: set {variable} in the environment, or {variable}_FILE to a file with it"
        raise ConfigError(problem, path, line)
    return channel.model_copy(update={"secret": secret(variable, environ)})


def _beside(path: Path, folder: Path) -> Path:
    """Return a folder that the settings name; one that is not absolute starts at the settings file."""
    return path.resolve().parent / folder.expanduser()


def check_config(config: Config, path: Path, sites: Mapping[str, Site]) -> None:
    """Raise ConfigError if the settings that were read from a file speak of sites that are not known."""
    _check_sources(config, path, sites)
    check_rules(config.rules, path, config.rules_folder, sites)
    check_channels(path, config.channels)
    own = {"alerts": config.alerts, "digest": config.digest, "operator": config.operator}
    check_used(path, config.channels, {name: each.channel for name, each in own.items()})
    check_addressed(path, config.channels, {name: (each.channel, each.to) for name, each in own.items()})
    known = {"rules": [rule.name for rule in config.rules], "sources": list(sites)}
    check_subscribers(path, config.subscribers, config.channels, known)
    check_unsubscribe(path, config.unsubscribe)


def _check_sources(config: Config, path: Path, sites: Mapping[str, Site]) -> None:
    known = ", ".join(sorted(sites))
    live = {host for site in sites.values() for host in site.hosts}
    for name, settings in config.sources.items():
        if name not in sites:
            problem = f"unknown source `{name}`; known: {known} (a file in crawler/sites/ or {config.sites} each)"
            raise ConfigError(problem, path, line_of_key(path, ("sources", name)))
        _check_options(settings, sites[name], path)
        floor = sites[name].politeness.delay
        is_live = settings.base_url is None or urlsplit(settings.base_url).hostname in live
        if settings.delay is not None and is_live and settings.delay < floor:
            problem = f"`delay` may not be below the site's own {floor.total_seconds():g}s where the live site is asked"
            raise ConfigError(problem, path, line_of_key(path, ("sources", name, "delay")))


def _check_options(settings: SourceSettings, site: Site, path: Path) -> None:
    known = {option for way in site.discovery for option in open_places(way)}
    for option in settings.options:
        if option not in known:
            takes = f"takes {', '.join(sorted(known))}" if known else "takes none"
            place = ("sources", site.name, "options", option)
            raise ConfigError(f"unknown option `{option}`: {site.name} {takes}", path, line_of_key(path, place))
    if settings.keywords and not any(isinstance(way, Search) for way in site.discovery):
        asked = ("sources", site.name, "keywords")
        raise ConfigError(f"{site.name} has no search to ask for `keywords`", path, line_of_key(path, asked))


def sites_as_configured(config: Config, sites: Mapping[str, Site]) -> dict[str, Site]:
    """Return the enabled sites, each where config.yaml says it is reached and as slowly as it asks.

    Those that config.yaml names come first, in its order: that is the order in which people are shown them.
    """
    names = (*config.sources, *(name for name in sites if name not in config.sources))
    return {name: site_as_configured(config, sites[name]) for name in names if config.source(name).enabled}


def site_as_configured(config: Config, site: Site, keywords: tuple[str, ...] = ()) -> Site:
    """Return a site where config.yaml says it is reached, asked for what it wants of it and for more keywords."""
    settings = config.source(site.name)
    placed = site.at(settings.base_url or site.home, settings.delay, settings.pages)
    asked = site.relevance if settings.relevance is None else settings.relevance
    return placed.asking(settings.options, (*settings.keywords, *keywords), None if asked == "all" else asked)
