"""The stories folder: what the sites hold at the start, and what the first advance changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from replica.story import Story

_FOLDER = Path(__file__).parent / "stories"
_KEYS = frozenset({"site", "edition", "stories", "edits", "withdraw", "restore"})

Entry = Mapping[str, object]


@dataclass(frozen=True)
class Edit:
    """A change to a story: a new title, words exchanged for others, a block taken out by its opening words."""

    slug: str
    title: str = ""
    old: str = ""
    new: str = ""
    remove: str = ""

    def apply(self, story: Story) -> Story:
        """Return the edited story; raises ValueError when what is to be changed is not in it."""
        body = story.body
        if self.old:
            if body.count(self.old) != 1:
                raise ValueError(f"{self.slug}: {self.old!r} is not in the body once")
            body = body.replace(self.old, self.new)
        if self.remove:
            parts = body.split("\n\n")
            kept = [part for part in parts if not part.startswith(self.remove)]
            if len(kept) != len(parts) - 1:
                raise ValueError(f"{self.slug}: no single block starts with {self.remove!r}")
            body = "\n\n".join(kept)
        return replace(story, title=self.title or story.title, body=body)


@dataclass(frozen=True)
class Edition:
    """What one file of the folder brings."""

    site: str
    number: int
    stories: tuple[Entry, ...]
    edits: tuple[Edit, ...]
    withdraw: tuple[str, ...]
    restore: tuple[str, ...]


@cache
def read_editions() -> tuple[Edition, ...]:
    """Return every file of the stories folder, by file name; raises ValueError on a key that means nothing."""
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.yaml")))


def _read(path: Path) -> Edition:
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    unknown = set(data) - _KEYS
    if unknown:
        raise ValueError(f"{path.name}: unknown keys {sorted(unknown)}")
    return Edition(
        site=data["site"],
        number=data["edition"],
        stories=tuple(data.get("stories", ())),
        edits=tuple(Edit(**entry) for entry in data.get("edits", ())),
        withdraw=tuple(data.get("withdraw", ())),
        restore=tuple(data.get("restore", ())),
    )
