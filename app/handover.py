"""The settings in force, handed by the daemon to a child: what the files say by now may be wrong, or not meant yet.

They are JSON that is validated again, secrets included. They go through a pipe, as the child's standard input: neither
a disk nor a list of processes ever shows them.
"""

from pathlib import Path

from pydantic import ValidationError

from app.desk import Desk
from core.config import Config, sites_as_configured
from core.errors import ConfigError
from core.rule_files import with_groups
from core.site import Site
from core.strict import Strict


class _Handed(Strict):
    path: Path
    config: Config
    known: tuple[Site, ...]


def handed_over(desk: Desk) -> str:
    """Return the settings of a desk, as `taken_over` takes them."""
    handed = _Handed(path=desk.path, config=desk.config, known=tuple(desk.known.values()))
    return handed.model_dump_json(by_alias=True)


def taken_over(handed: str | bytes) -> Desk:
    """Return a desk with the settings that were handed over. Raises ConfigError if this program does not know them."""
    try:
        found = _Handed.model_validate_json(handed)
    except ValidationError as error:
        places = sorted({".".join(map(str, each["loc"])) for each in error.errors(include_input=False)})
        problem = f"the daemon's settings are not this program's ({', '.join(places)}): start the daemon anew"
        raise ConfigError(problem, "standard input") from None  # what it could not read may hold a secret
    config = found.config.model_copy(update={"rules": with_groups(found.config.rules, found.config.groups)})
    known = {site.name: site for site in found.known}
    return Desk(found.path, config, sites_as_configured(config, known), known=known, begins=False)
