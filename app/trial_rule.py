"""The rule that is tried or explained: one of the settings, or a query that stands in no file."""

from collections.abc import Collection, Mapping

from core.config import Config
from core.errors import UsageError
from core.query import Group, Is, Node, Trait, leaves
from core.query_errors import QueryError
from core.query_groups import group_trees, unknown_group
from core.query_parser import parsed
from core.rules import Rule


def rule_in_force(config: Config, name: str) -> Rule:
    """Return the rule of a name. Raises UsageError where there is none."""
    found = {rule.name: rule for rule in config.rules}
    if name not in found:
        raise UsageError(f"There is no rule `{name}`; known: {', '.join(found) or 'none'}.")
    return found[name]


def rule_of(query: str, like: Rule | str, config: Config, sources: Collection[str]) -> Rule:
    """Return the rule that a query makes: with the sources, languages and events of a rule, or alone with this name.

    Groups are those of the settings, sources those that are known. Raises UsageError that points at the character.
    """
    groups = group_trees(config.groups)
    try:
        for leaf in leaves(parsed(query)):
            _check(leaf, query, groups, sources)
    except QueryError as error:
        raise UsageError(f"--query: {error}") from error
    if isinstance(like, str):
        return Rule(name=like, query=query).filled(groups)
    restricted = {key: getattr(like, key) for key in ("name", "sources", "languages", "on", "inflect")}
    return Rule(query=query, **restricted).filled(groups)


def _check(leaf: Node, query: str, groups: Mapping[str, Node], sources: Collection[str]) -> None:
    """Raise QueryError where a query names a group or a source that is not known."""
    problem = ""
    if isinstance(leaf, Group) and leaf.name not in groups:
        problem = unknown_group(leaf.name, groups)
    elif isinstance(leaf, Is) and leaf.trait is Trait.SOURCE and leaf.value not in sources:
        problem = f"unknown source `{leaf.value}`; known: {', '.join(sorted(sources))}"
    if problem and isinstance(leaf, Group | Is):
        what, _, remedy = problem.partition("; ")
        raise QueryError(what, query, leaf.at, remedy)
