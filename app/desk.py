"""What every command works with: the settings, the sites as configured, the corpus, the clock."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from core.clock import Clock, system_clock
from core.config import Config, check_config, read_config, sites_as_configured
from core.errors import AlreadyRunningError, ConfigError, UsageError
from core.folders import make_folder
from core.health import Heard, Incident
from core.site import Site, load_sites
from crawler import SITES
from storage.lock import held, is_held, lock_of
from storage.store import Store, unusable


@dataclass(frozen=True, slots=True)
class Desk:
    """The settings in force. path is the file they came from; sites are the enabled ones, by name, known all of them.

    A known site stands as its file says, an enabled one as config.yaml says that it is reached. begins: a corpus that
    is not there is begun; False for whoever works for a process that has it open: then it was taken away.
    """

    path: Path
    config: Config
    sites: Mapping[str, Site]
    clock: Clock = system_clock
    known: Mapping[str, Site] = field(default_factory=dict)
    begins: bool = True

    @property
    def titles(self) -> dict[str, str]:
        """The display title of each enabled source, by name."""
        return {name: site.title for name, site in self.sites.items()}

    @property
    def zone(self) -> ZoneInfo:
        """The reader's zone: times are shown in it, and days begin in it."""
        return ZoneInfo(self.config.digest.zone)

    def without_beginning(self) -> Self:
        """Return the desk of whoever begins no corpus where there is none."""
        return replace(self, begins=False)

    @contextmanager
    def corpus(self) -> Iterator[Store]:
        """Open the corpus for the block. Raises StorageError."""
        store = Store.open(self.config.corpus, self.config.storage.busy_timeout, makes=self.begins)
        try:
            yield store
        finally:
            store.close()

    def named(self, names: list[str] | None) -> dict[str, Site]:
        """Return the sites of these names, all enabled ones for none; raises UsageError for an unknown name."""
        for name in names or ():
            if name not in self.sites:
                known = ", ".join(self.sites) or "none is enabled"
                raise UsageError(f"Unknown or disabled source `{name}`; enabled in {self.path}: {known}.")
        return {name: self.sites[name] for name in names or self.sites}

    def incidents(self) -> tuple[Incident, ...]:
        """Return the open troubles with hosts; looking makes no corpus."""
        if not self.config.corpus.exists():
            return ()
        with self.without_beginning().corpus() as store, store.reading() as corpus:
            return corpus.incidents.open()

    def heard(self, source: str, lines: Sequence[str]) -> dict[str, Heard]:
        """Return what the corpus knows of lines of a source; looking makes no corpus."""
        if not self.config.corpus.exists():
            return {}
        with self.without_beginning().corpus() as store, store.reading() as corpus:
            return corpus.passages.heard(source, lines)

    def refuse_running(self, names: Iterable[str]) -> None:
        """Raise AlreadyRunningError where a source is being crawled: its site would be asked twice as fast."""
        for name in names:
            if is_held(self.lock(name)):
                raise AlreadyRunningError(f"{name} is being crawled: wait for that, or end it.")

    def lock(self, name: str) -> Path:
        """Return the file that stands for the lock of a name."""
        return lock_of(self.config.data, name)

    @contextmanager
    def alone(self, name: str, what: str, waits: Callable[[str], bool] = lambda _holder: False) -> Iterator[None]:
        """Hold the lock of a name for the block, as `held` does. Raises AlreadyRunningError, StorageError."""
        if self.begins:
            self._make_data()
        with held(self.lock(name), what, waits):
            yield

    def _make_data(self) -> None:
        data = self.config.data
        try:
            make_folder(data)
        except OSError as error:
            raise unusable(data, error) from error


def open_desk(path: Path | None, environ: Mapping[str, str] = os.environ) -> Desk:
    """Return the desk for a settings file: the one named, that of TONLE_CONFIG, or config.yaml in this folder.

    `environ` is where TONLE_CONFIG, TONLE_DATA and the others are looked up. Raises ConfigError.
    """
    chosen = path or Path(environ.get("TONLE_CONFIG") or "config.yaml")
    if not chosen.exists():
        remedy = "name your settings with --config or TONLE_CONFIG, or go to the folder that holds config.yaml"
        raise ConfigError(f"no such file; {remedy}", chosen)
    config = read_config(chosen, environ)
    known = load_sites(SITES, config.sites)
    check_config(config, chosen, known)
    return Desk(chosen, config, sites_as_configured(config, known), known=known)
