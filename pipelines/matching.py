"""Where the rules that a text meets become writes: the matches, and the messages owed for them, once a story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clock import Clock
from core.model import Draft, Passage
from core.rules import Rule
from pipelines.alerts import Text, met
from storage.store import Corpus

Fired = Iterable[tuple[str, Passage]]
"""Rules by their names, each with the passage that met it."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Holds texts against rules. tells and tells_since are those of Ingest."""

    rules: Sequence[Rule]
    clock: Clock
    tells: bool = True
    tells_since: datetime | None = None

    def match(self, corpus: Corpus, draft: Draft, article_id: int, number: int) -> None:
        """Keep what an article's revision meets for the first time; the story of the article must be settled."""
        found = met(self.rules, Text(draft.source, draft.title, draft.paragraphs))
        fired = ((rule.name, passage) for rule, passage in found)
        is_old = bool(self.tells_since and draft.published_at and draft.published_at < self.tells_since)
        State(article_id, number, self.clock()).keep(corpus, fired, tells=self.tells and not is_old)


@dataclass(frozen=True, slots=True)
class State:
    """A revision of an article that rules were held against at a time; is_late: it is a correction."""

    article_id: int
    number: int
    at: datetime
    is_late: bool = False

    def keep(self, corpus: Corpus, fired: Fired, *, tells: bool) -> tuple[str, ...]:
        """Keep the matches, owe the messages if it tells, and return the rules that fired for the first time.

        Where a message is owed, or was sent, of any version of the story for a rule, the match is kept and no other
        owed. A match of which nobody was told, as in an imported file, silences nothing.
        """
        new = {}
        for rule, passage in fired:
            match_id = corpus.matches.add(self.article_id, self.number, rule, passage, self.at, is_late=self.is_late)
            if match_id is not None:
                new[rule] = match_id
        if new and tells:
            story = corpus.stories.of(self.article_id)
            versions = story.members if story else (self.article_id,)
            owed = corpus.outbox.owed(alert_key(each, rule) for each in versions for rule in new)
            for rule, match_id in new.items():
                if not any(alert_key(each, rule) in owed for each in versions):
                    corpus.outbox.owe("alert", match_id, alert_key(self.article_id, rule), self.at)
        return tuple(new)


def alert_key(article_id: int, rule: str) -> str:
    """Return by what the alert of an article and rule is known in the outbox."""
    return f"alert:{article_id}:{rule}"
