"""What of the corpus a reader is told, and in which order: readers of one view get one digest. Pure."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from core.audience import Subscriber


@dataclass(frozen=True, slots=True)
class View:
    """A reader's choice. rules: only what met one of these (none named: all); order is that of all rules.

    is_by_rule: stories stand under the rules that they met, and not under their sources.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    is_by_rule: bool = False
    subscriber: Subscriber | None = field(default=None, compare=False)

    @classmethod
    def of(cls, subscriber: Subscriber | None, order: Iterable[str] = ()) -> "View":
        """Return the view of a subscriber; None: the reader of `digest`, who is told all."""
        if subscriber is None:
            return cls(order=tuple(order))
        by_rule = subscriber.group == "rule"
        return cls(subscriber.sources, subscriber.languages, subscriber.rules, tuple(order), by_rule, subscriber)

    def reads(self, source: str, language: str = "") -> bool:
        """Return whether texts of a source and language are told; one of an unknown language is."""
        return self.subscriber is None or self.subscriber.reads(source, language)

    def wants(self, met: AbstractSet[str]) -> bool:
        """Return whether what met these rules is told."""
        return not self.rules or not met.isdisjoint(self.rules)

    def names(self, met: Iterable[str]) -> tuple[str, ...]:
        """Return which of these rules are named to the reader, in order."""
        known = {rule: place for place, rule in enumerate(self.order)}
        told = (rule for rule in met if not self.rules or rule in self.rules)
        return tuple(sorted(told, key=lambda rule: (known.get(rule, len(known)), rule)))
