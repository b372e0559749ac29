"""Secrets: from the environment, or from files, so that no environment has to hold them.

The secret NAME is what stands in the variable NAME, or in the file that NAME_FILE names, or in the file NAME of a
folder: that of TONLE_SECRETS, or the one that systemd makes for LoadCredential=. Two of these at once are an error:
somebody would change one of them and wonder.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import ConfigError

FOLDER = "TONLE_SECRETS"
"""The environment variable that names a folder of files, each called like the secret that it holds."""
SMTP_USER, SMTP_PASSWORD, UNSUBSCRIBE_KEY = "TONLE_SMTP_USER", "TONLE_SMTP_PASSWORD", "TONLE_UNSUBSCRIBE_KEY"
_SYSTEMD = "CREDENTIALS_DIRECTORY"
_FILE = "_FILE"
_LARGEST = 65_536  # characters; what is larger was named by mistake


def secret(name: str, environ: Mapping[str, str]) -> str:
    """Return a secret, without line ends behind it; empty where there is none.

    Raises ConfigError, which never tells the secret: for one that stands in two places, and for a file that cannot be
    read or is empty.
    """
    ways = [name] if environ.get(name) else []
    files = dict(_named(name, environ))
    ways += files
    if len(ways) > 1:
        raise ConfigError(f"{name} is given twice, by {' and '.join(ways)}: keep one of them", name)
    return _read(name, *files.values()) if files else environ.get(name, "")


def secret_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give the files that hold secrets of tonle: those that variables name, and those in the folder TONLE_SECRETS."""
    for variable, path in environ.items():
        if variable.startswith("TONLE_") and variable.endswith(_FILE) and path:
            yield Path(path)
    folder = environ.get(FOLDER)
    if folder and Path(folder).is_dir():
        yield from sorted(path for path in Path(folder).iterdir() if path.name.startswith("TONLE_"))


def _named(name: str, environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Give each way by which a file stands for a secret, in words, and the file."""
    variable = f"{name}{_FILE}"
    if path := environ.get(variable):
        yield variable, Path(path)
    for place in (FOLDER, _SYSTEMD):
        if not (named := environ.get(place)):
            continue
        folder = Path(named)
        if place == FOLDER and not folder.is_dir():
            raise ConfigError(f"{FOLDER} names no folder: make it, or take {FOLDER} out of the environment", folder)
        if _is_there(folder / name):
            yield f"the file {folder / name}", folder / name


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise ConfigError(
            f"cannot be looked at ({error.strerror}): let the user that runs tonle read it", path
        ) from error


def _read(name: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST + 1).rstrip("\r\n")
    except OSError as error:
        problem = (
            f"{name} cannot be read from here ({error.strerror}): let the user that runs tonle read it, and no other"
        )
        raise ConfigError(problem, path) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name} is not text in UTF-8", path) from error
    if not text or len(text) > _LARGEST:
        raise ConfigError(
            f"holds no secret: {'it is empty' if not text else 'it is too large'}; write {name} into it", path
        )
    return text
