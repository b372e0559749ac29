"""A story as the stories folder or a test writes it, parsed strictly into a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from zlib import crc32

from replica.dates import long_date, read_moment


@dataclass(frozen=True)
class Picture:
    """A story's picture; `credit` is printed at the caption's end, without a separator."""

    name: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story of one site. `body` and `notes` are in the light markup; `{date}` in them is already replaced.

    `traps` names what is awkward about it, and switches it on where the layouts know that name.
    """

    slug: str
    title: str
    body: str
    published_at: datetime
    kind: str = "news"
    layout: str = ""
    language: str = "en"
    path: str = ""
    source: str = ""
    short_title: str = ""
    ending: str = "ENDS"
    notes: str = ""
    news_id: str = ""
    copy_of: str = ""
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    picture: Picture | None = None

    @property
    def key(self) -> str:
        """What names the story within its site: the slug, and the language unless it is English."""
        return self.slug if self.language == "en" else f"{self.language}:{self.slug}"

    @property
    def luck(self) -> int:
        """A number that depends on the slug alone, for choices that are arbitrary but must not change."""
        return crc32(self.slug.encode())

    def has(self, trap: str) -> bool:
        """Tell whether the story sets that trap."""
        return trap in self.traps


_LISTS = frozenset({"sections", "authors", "places", "traps"})
_TEXTS = frozenset(field.name for field in fields(Story)) - _LISTS - {"published_at", "picture"} | {"ago", "at"}


def read_story(entry: Mapping[str, object], now: datetime) -> Story:
    """Return the story of one mapping in the form of the stories folder.

    Raises ValueError on an unknown key, a value of the wrong shape, or a story without slug, title, body or time.
    """
    texts = {key: _text(key, value) for key, value in entry.items() if key in _TEXTS}
    lists = {key: _list(key, value) for key, value in entry.items() if key in _LISTS}
    unknown = set(entry) - _TEXTS - _LISTS - {"picture"}
    missing = {"slug", "title", "body"} - set(texts)
    if unknown or missing:
        raise ValueError(f"story {texts.get('slug')!r}: unknown keys {sorted(unknown)}, missing {sorted(missing)}")
    moment = read_moment(texts.pop("ago", ""), texts.pop("at", ""), now)
    day = long_date(moment, texts.get("language", "en"))
    for key in ("body", "notes"):
        texts[key] = texts.get(key, "").replace("{date}", day)
    picture = _picture(entry["picture"]) if "picture" in entry else None
    # mypy cannot follow keys through a dict; both sets come from the fields themselves.
    return Story(published_at=moment, picture=picture, **texts, **lists)  # type: ignore[arg-type]


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} must be text, not {value!r}")  # noqa: TRY004 - one error for every malformed story
    return value


def _list(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{key} must be a list, not {value!r}")  # noqa: TRY004 - as above
    return tuple(_text(key, entry) for entry in value)


def _picture(value: object) -> Picture:
    if not isinstance(value, Mapping):
        raise ValueError(f"picture must be a mapping, not {value!r}")  # noqa: TRY004 - as above
    return Picture(**{str(key): _text(str(key), text) for key, text in value.items()})
