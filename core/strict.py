"""Reading settings from YAML, strictly: every error names its file, its line and the remedy.

YAML 1.2 by ruamel.yaml (so 17:30 and `no` stay words), validated by pydantic in strict JSON mode: no type is
guessed, an unknown key is an error, and what comes out is frozen.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import ScalarToken

from core.errors import ConfigError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
# Ten years: added to any date that a person may meet, it is still a date.
_LONGEST = timedelta(weeks=520)
_SIZES = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_DEEP = 1000
_MOST_VALUES = 500_000  # a thousand rules of twenty entries are some 25,000
_SIZE = re.compile(r"(\d+)\s*(kB|MB|GB)")


class Strict(BaseModel):
    """A group of settings: frozen, and no unknown key is let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def duration(value: object) -> timedelta:
    """Return the duration that a setting says. Raises ValueError, with how one is written."""
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("write a duration as a number and a unit: 30s, 20m, 6h, 1d or 2w")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST.total_seconds():
        raise ValueError("must be at most 520w")
    return timedelta(seconds=seconds)


def as_written(value: timedelta | None) -> str | None:
    """Return a duration as a setting says it; None, which stands for no end, as it is."""
    return None if value is None else f"{value.total_seconds():f}s"


def within(least: str, most: str) -> AfterValidator:
    """Return what refuses a duration that is shorter than `least` or longer than `most`."""
    shortest, longest = duration(least), duration(most)

    def bounded(value: timedelta) -> timedelta:
        if value < shortest:
            raise ValueError(f"must be at least {least}")
        if value > longest:
            raise ValueError(f"must be at most {most}")
        return value

    return AfterValidator(bounded)


def _size(value: object) -> int:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("write a size as a whole number and a unit: 500kB, 20MB or 1GB")
    return int(found[1]) * _SIZES[found[2]]


def _size_or_default(value: object) -> int:
    return value if type(value) is int else _size(value)


Written = PlainSerializer(as_written, when_used="json")
"""Settings as JSON can be read as settings again."""
Duration = Annotated[timedelta, BeforeValidator(duration), Written]
Size = Annotated[int, BeforeValidator(_size_or_default)]
"""Bytes."""

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(model: type[Model], path: Path) -> Model:
    """Return the settings in a YAML file; an empty file gives every default, and so does a key without a value.

    Raises ConfigError, with the line, for a file that cannot be read, is not YAML or does not fit the model.
    """
    text = _text(path)
    plain = _plain(text)
    if plain is not None:
        try:
            return _fitted(model, plain)
        except ValidationError:
            pass  # told below, with its line
    document = _document(text, path)
    if document is None:
        document = CommentedMap()
    if not isinstance(document, CommentedMap):
        raise ConfigError(f"expected `key: value` settings, found a {_kind(document)}", path, 1)
    if _is_endless(document):
        raise ConfigError("not valid settings: aliases (*name) stand for too many values", path, 1)
    for key, line in _keys_that_are_no_text(document):
        raise ConfigError(f"a key must be text: put {key} in quotes if it is meant as one", path, line)
    try:
        return _fitted(model, document)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # An unknown key is the likeliest cause of the others (`titel` leaves `title` missing): told first.
        first = min(details, key=lambda detail: detail["type"] != "extra_forbidden")
        raise ConfigError(_sentence(first, model), path, line_of(document, first["loc"])) from error


def _fitted(model: type[Model], settings: Mapping[Any, object]) -> Model:
    return model.model_validate_json(json.dumps(_without_nulls(settings, model), default=_word), strict=True)


def _word(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(text: str) -> dict[str, object] | None:
    """Return settings without their lines, by the parser in C: most files are sound, and nobody asks for lines.

    None if something is wrong with them: what, the slower parser tells.
    """
    # The parser in C overflows the stack where groups stand too deep in one another, and each takes a column or a
    # bracket.
    if max(map(len, text.splitlines()), default=0) + text.count("[") + text.count("{") > _DEEP:
        return None
    try:
        found = YAML(typ="safe").load(text)
        return found if isinstance(found, dict) and not _is_endless(found) and _has_text_for_keys(found) else None
    except (YAMLError, ValueError, RecursionError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError("no such file", path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", path) from error


def _document(text: str, path: Path) -> object:
    """Return what a YAML text holds, with the line of each part."""
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"not valid YAML: {error.problem or error.context}"
        raise ConfigError(problem, path, mark.line + 1 if mark else None) from error
    except YAMLError as error:
        raise ConfigError(f"not valid YAML: {error}", path) from error
    except ValueError as error:
        problem = f"no such number or date ({error}): put it in quotes if it is meant as text"
        raise ConfigError(problem, path, _scalar_at_fault(text)) from error
    except RecursionError as error:
        raise ConfigError("not valid settings: lists or groups stand too deep in one another", path, 1) from error


def _scalar_at_fault(text: str) -> int | None:
    """Return the line of the first value that ruamel.yaml takes for a number or a date and cannot make one of."""
    yaml = YAML(typ="rt", pure=True)
    for token in yaml.scan(text):
        if isinstance(token, ScalarToken) and token.plain:
            try:
                YAML(typ="rt", pure=True).load(token.value)
            except YAMLError:
                continue
            except ValueError:
                return int(token.start_mark.line) + 1
    return None


def _has_text_for_keys(settings: Mapping[object, object]) -> bool:
    return not any(_keys_that_are_no_text(settings))


def _is_endless(node: object) -> bool:
    """Return whether a short text stands for millions of values, as one whose lists hold one another many times."""
    waiting, seen = [node], 0
    while waiting and seen <= _MOST_VALUES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, Mapping):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return seen > _MOST_VALUES


def _keys_that_are_no_text(node: object) -> Iterator[tuple[object, int | None]]:
    """Yield each key that YAML allows and settings do not (a date, a number, a list), with its line."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(key, str):
                yield from _keys_that_are_no_text(value)
            else:
                yield key, line_of(node, (key,))
    elif isinstance(node, list):
        for value in node:
            yield from _keys_that_are_no_text(value)


def _without_nulls(node: object, kind: object) -> object:
    """Return settings of a kind (a model, or a field's annotation) without the keys that have no value."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if node is None:
            return {}
        fields = {field.alias or name: field.annotation for name, field in kind.model_fields.items()}
        if isinstance(node, Mapping):
            return {key: _without_nulls(value, fields.get(key)) for key, value in node.items() if value is not None}
    inner = get_args(kind)
    if get_origin(kind) is dict and isinstance(node, Mapping):
        return {key: _without_nulls(value, inner[1]) for key, value in node.items()}
    if get_origin(kind) is tuple and isinstance(node, list):
        return [_without_nulls(value, inner[0]) if value is not None else None for value in node]
    among = _models_in(kind) if isinstance(node, Mapping) else []
    return _without_nulls(node, among[0]) if len(among) == 1 else node


def _kind(value: object) -> str:
    return "list" if isinstance(value, list) else "text" if isinstance(value, str) else type(value).__name__


def line_of(document: object, place: tuple[int | str, ...]) -> int | None:
    """Return the line, from 1, of the setting at `place`, or of the nearest setting around it."""
    line: int | None = 1 if isinstance(document, CommentedMap) and not document else None
    node = document
    for step in place:
        if not isinstance(node, CommentedBase):
            break
        try:
            line = (node.lc.key(step)[0] if isinstance(node, Mapping) else node.lc.item(step)[0]) + 1
            node = node[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            continue  # a step that is pydantic's own: the tag of a union
    return line


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    # A step in angle brackets is the name of an alternative, which nobody wrote.
    place = ".".join(str(step) for step in detail["loc"] if not str(step).startswith("<"))
    if detail["type"] == "extra_forbidden":
        known = _keys_beside(model, detail["loc"])
        remedy = f"; known here: {', '.join(known)}" if known else ""
        return f"unknown key `{place}`{remedy}"
    if detail["type"] == "missing":
        return f"`{place}` is missing"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "query":  # which shows itself
        return f"`{place}`: {message}"
    return f"`{place}`: {message} (found {detail['input']!r})" if place else message


def _keys_beside(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that a model knows where an unknown one was found; empty where that cannot be told."""
    current: type[BaseModel] | None = model
    for step in place[:-1]:
        fields = current.model_fields if current else {}
        inner = fields[step].annotation if isinstance(step, str) and step in fields else None
        found = _models_in(inner)
        # A step into a list or a mapping leaves the model as it is: its annotation was unwrapped already.
        current = found[0] if len(found) == 1 else current if inner is None else None
    # What repr leaves out is a secret, which no file may hold.
    return sorted(name for name, field in current.model_fields.items() if field.repr) if current else []


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def line_of_key(path: Path, place: tuple[int | str, ...]) -> int | None:
    """Return the line, from 1, at which a file that was read before sets `place`."""
    return line_of(_document(_text(path), path), place)
