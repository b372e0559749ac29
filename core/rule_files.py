"""The rules of the settings file and of the folder of rules, as one: complete, each name once, and checked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from core.errors import ConfigError
from core.query import Group, Is, Node, Trait, leaves
from core.query_errors import QueryError
from core.query_groups import GroupError, group_trees, unknown_group
from core.rules import Rule, RuleBody, is_language
from core.site import Site
from core.strict import line_of_key, read_yaml

_Place = tuple[str | int, ...]

_MOST = 50_000
"""Words and phrases of a rule, its groups included: held against each text that has one of them."""


def gathered(
    rules: Sequence[Rule], groups: Mapping[str, tuple[str, ...]], path: Path, folder: Path
) -> tuple[Rule, ...]:
    """Return the rules of a settings file and those of a folder, with the entries of all groups put in.

    Raises ConfigError naming file, line and remedy.
    """
    try:
        trees = group_trees(groups)
    except GroupError as error:
        place = ("groups", error.name, *(() if error.entry is None else (error.entry,)))
        raise ConfigError(f"group {error.name}: {error}", path, line_of_key(path, place)) from error
    _check_names(rules, path)
    found: dict[str, tuple[Rule, Path, _Place]] = {
        rule.name: (rule, path, ("rules", number)) for number, rule in enumerate(rules)
    }
    for rule, file in _alone(folder):
        if rule.name in found:
            line = line_of_key(path, (*found[rule.name][2], "name"))
            raise ConfigError(f"two rules are called {rule.name}: here and in {file}; rename one", path, line)
        found[rule.name] = (rule, file, ())
    return tuple(_filled(rule, trees, file, place) for rule, file, place in found.values())


def with_groups(rules: Sequence[Rule], groups: Mapping[str, tuple[str, ...]]) -> tuple[Rule, ...]:
    """Return rules that were gathered, written down and read anew, with the entries of all groups put in again."""
    trees = group_trees(groups)
    return tuple(rule.filled(trees) for rule in rules)


def _check_names(rules: Sequence[Rule], path: Path) -> None:
    seen: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if rule.name in seen:
            before = line_of_key(path, ("rules", seen[rule.name], "name"))
            problem = f"two rules are called {rule.name}: here and in line {before}; rename one"
            raise ConfigError(problem, path, line_of_key(path, ("rules", number, "name")))
        seen[rule.name] = number


def _alone(folder: Path) -> Iterator[tuple[Rule, Path]]:
    """Yield the rules that stand alone in a file each."""
    for file in sorted(folder.glob("*.yaml")):
        body = read_yaml(RuleBody, file)
        try:
            yield Rule(name=file.stem, **{key: getattr(body, key) for key in body.model_fields_set}), file
        except ValidationError as error:
            problem = f"`{file.stem}` is no name of a rule: rename the file (lower-case letters, figures and hyphens)"
            raise ConfigError(problem, file) from error


def _filled(rule: Rule, trees: Mapping[str, Node], file: Path, place: _Place) -> Rule:
    for leaf in leaves(rule.wanted):
        if isinstance(leaf, Group) and leaf.name not in trees:
            raise _told(rule, unknown_group(leaf.name, trees), leaf.at, file, place)
    whole = rule.filled(trees)
    if sum(1 for _ in leaves(whole.wanted)) > _MOST:
        problem = f"rule {rule.name}: more than {_MOST:,} words and phrases, its groups included: make several rules"
        raise ConfigError(problem, file, line_of_key(file, place))
    return whole


def _told(rule: Rule, problem: str, at: int, file: Path, place: _Place) -> ConfigError:
    if rule.query is None:
        return ConfigError(f"rule {rule.name}: {problem}", file, line_of_key(file, place))
    known, _, remedy = problem.partition("; ")
    pointed = QueryError(f"rule {rule.name}: {known}", rule.query, at, remedy)
    return ConfigError(str(pointed), file, line_of_key(file, (*place, "query")))


def check_rules(rules: Sequence[Rule], path: Path, folder: Path, sites: Mapping[str, Site]) -> None:
    """Raise ConfigError if rules speak of sources or kinds that are not known."""
    kinds = {kind for site in sites.values() for kind in site.kinds.values()} | {"news", "document"}
    for number, rule in enumerate(rules):
        file = folder / f"{rule.name}.yaml"
        place: _Place = ()
        if not file.exists():
            file, place = path, ("rules", number)
        for index, source in enumerate(rule.sources):
            if source not in sites:
                problem = f"rule {rule.name}: {_unknown('source', source, sites)}"
                raise ConfigError(problem, file, line_of_key(file, (*place, "sources", index)))
        for leaf in leaves(rule.wanted):
            if isinstance(leaf, Is) and (problem := _unknown_value(leaf, {Trait.SOURCE: sites, Trait.KIND: kinds})):
                raise _told(rule, problem, leaf.at, file, place)


def _unknown_value(asked: Is, known: Mapping[Trait, Collection[str]]) -> str:
    if asked.trait is Trait.LANGUAGE:
        wrong = not is_language(asked.value)
        return f"unknown language `{asked.value}`; write two or three letters: en, km or fr" if wrong else ""
    return "" if asked.value in known[asked.trait] else _unknown(asked.trait, asked.value, known[asked.trait])


def _unknown(what: str, value: str, known: Collection[str]) -> str:
    return f"unknown {what} `{value}`; known: {', '.join(sorted(known))}"
