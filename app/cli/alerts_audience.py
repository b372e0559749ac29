"""Who hears of a rule, and on what occasions, as commands tell it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.audience import Subscriber
from core.config import Config
from core.rules import Event, Rule
from notify.phrases import in_a_row

_OCCASIONS = {Event.NEW: "new texts", Event.EDITS: "edits", Event.WITHDRAWALS: "withdrawals", Event.COPIES: "copies"}


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody whom a rule concerns: at once, in a digest, or both; has_left: who does not want to hear any more."""

    reader: Subscriber
    at_once: bool
    by_digest: bool
    has_left: bool = False

    @property
    def label(self) -> str:
        """The subscriber's name; for the readers of the sections `alerts` and `digest` what these are called."""
        if self.reader.name:
            return self.reader.name
        return "readers of `alerts`" if self.at_once else "readers of `digest`"

    @property
    def ways(self) -> str:
        """How it is heard."""
        ways = [word for word, is_so in (("at once", self.at_once), ("in the digest", self.by_digest)) if is_so]
        return "has left" if self.has_left else in_a_row(ways)

    def as_json(self) -> dict[str, object]:
        """Return it for scripts."""
        return {
            "name": self.reader.name,
            "channel": self.reader.channel,
            "at_once": self.at_once,
            "digest": self.by_digest,
            "left": self.has_left,
        }


def hearers(config: Config, rule: str, gone: Collection[str]) -> tuple[Hearer, ...]:
    """Return whom a rule concerns, in the order of the settings; gone are the names of those who have left."""
    own = [Hearer(each, at_once=True, by_digest=False) for each in config.alert_readers if not each.name]
    own += [Hearer(each, at_once=False, by_digest=True) for each in config.digest_readers if not each.name]
    named = [
        Hearer(each, each.is_told_at_once, each.cron is not None, each.name in gone)
        for each in config.subscribers
        if each.hears_of(rule)
    ]
    return *own, *named


def occasions(rule: Rule) -> str:
    """Return what may happen to a text that a rule is asked of, in words."""
    return in_a_row(_OCCASIONS[event] for event in rule.on)


def in_words(found: Sequence[Hearer]) -> str:
    """Return who hears, and how, on one line."""
    return "; ".join(f"{each.label} ({each.ways})" for each in found) or "nobody"
