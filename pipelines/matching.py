"""Where the rules that a text meets become writes: the matches, and the messages owed for them, once a story.

A rule is met on an occasion: a new text, an edit, a withdrawal, a copy; `on` of the rule says which of them count. By
its text a story meets a rule once: what its other versions, later edits and re-reading add to that is kept, and digests
name it, but nobody is alerted of it twice. A withdrawal and a copy are news each time, for the rules that ask for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.audience import ANYBODY, Subscriber
from core.clock import Clock
from core.model import Article, CopyAddress, Draft, Passage
from core.owed import BY_ITS_TEXT, ChangeKind, Occasion
from core.rules import Event, Rule
from core.stories import Presence
from pipelines.alerts import Matcher, matcher, text_of
from storage.store import Corpus

Fired = Iterable[tuple[str, Passage]]
"""Rules by their names, each with the passage that met it."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Holds texts against rules. readers are told at once; tells and tells_since are those of Ingest."""

    rules: Sequence[Rule]
    clock: Clock
    readers: Sequence[Subscriber] = (ANYBODY,)
    tells: bool = True
    tells_since: datetime | None = None
    _matchers: dict[Event, Matcher] = field(default_factory=dict)

    def match(self, corpus: Corpus, draft: Draft, article_id: int, number: int) -> None:
        """Keep what an article's revision meets for the first time; the story of the article must be settled."""
        event = Event.NEW if number == 1 else Event.EDITS
        state = self._state(article_id, number, draft, Occasion(event.value))
        new = state.keep(corpus, self._fired(event, draft), tells=self._tells(draft))
        if event is Event.NEW and corpus.stories.of(article_id):
            carried = ((rule, passage) for rule, passage in self._fired(Event.COPIES, draft) if rule not in new)
            state = self._state(article_id, number, draft, Occasion(Event.COPIES.value, f"version:{article_id}"))
            state.keep(corpus, carried, tells=self._tells(draft))

    def carried(self, corpus: Corpus, article_id: int, copy: CopyAddress) -> None:
        """Keep that the text of an article which meets a rule stands at another address, too."""
        article = corpus.articles.by_id(article_id) if self._asks_for(Event.COPIES) else None
        if article:
            self._happened(corpus, article, Event.COPIES, f"copy:{copy.source}:{copy.url}")

    def withdrawn(self, corpus: Corpus) -> None:
        """Keep that articles which meet a rule were withdrawn for certain in this transaction."""
        gone = [turn.absence for turn in corpus.absences.changes if turn.presence is Presence.GONE]
        for absence in gone if self._asks_for(Event.WITHDRAWALS) else ():
            if article := corpus.articles.by_id(absence.article_id):
                self._happened(corpus, article, Event.WITHDRAWALS, f"gone:{absence.missing_since.isoformat()}")

    def _happened(self, corpus: Corpus, article: Article, event: Event, key: str) -> None:
        state = self._state(article.id, article.revision, article, Occasion(event.value, key))
        state.keep(corpus, self._fired(event, article), tells=self._tells(article))

    def _state(self, article_id: int, number: int, text: Draft | Article, occasion: Occasion) -> "State":
        readers = tuple(reader for reader in self.readers if reader.reads(text.source, text.language))
        return State(article_id, number, self.clock(), readers, occasion)

    def _fired(self, event: Event, text: Draft | Article) -> Fired:
        if event not in self._matchers:
            self._matchers[event] = matcher(tuple(rule for rule in self.rules if event in rule.on))
        return [(rule.name, passage) for rule, passage in self._matchers[event].met(text_of(text))]

    def _asks_for(self, event: Event) -> bool:
        return any(event in rule.on for rule in self.rules)

    def _tells(self, text: Draft | Article) -> bool:
        is_old = self.tells_since and text.published_at and text.published_at < self.tells_since
        return self.tells and not is_old


@dataclass(frozen=True, slots=True)
class State:
    """A revision of an article that rules were held against at a time, and who may hear of it.

    is_late: it is a correction of tonle's own.
    """

    article_id: int
    number: int
    at: datetime
    readers: Sequence[Subscriber] = (ANYBODY,)
    occasion: Occasion = BY_ITS_TEXT
    is_late: bool = False

    def keep(self, corpus: Corpus, fired: Fired, *, tells: bool) -> tuple[str, ...]:
        """Keep the matches, owe the messages if it tells, and return the rules that fired for the first time.

        Who was told of any version of the story for a rule is owed no further message; who reads other sources or
        languages, and was not, is. A match of which nobody was told, as in an imported file, silences nothing.
        """
        found = dict(fired)
        if not found:
            return ()
        members = self._members(corpus) if tells else ()
        silent = corpus.matches.told(members) if tells else frozenset(found)
        readers = self._present(corpus) if tells else ()
        new: list[str] = []
        for rule, passage in found.items():
            hearing = [each for each in readers if each.hears_of(rule)]
            if rule in silent:
                hearing = _unaware(corpus, rule, members, hearing)
            match_id = self._kept(corpus, rule, passage, is_told=bool(hearing))
            if match_id is None:
                continue
            new.append(rule)
            for reader in hearing:
                key = alert_key(self.article_id, rule, self.occasion.key, reader.name)
                corpus.outbox.owe("alert", match_id, key, self.at, reader.name)
            if rule in silent and (self.is_late or self.occasion.event == Event.EDITS):
                corpus.changes.add(ChangeKind.MATCH, self.article_id, match_id, self.at)
        return tuple(new)

    def _kept(self, corpus: Corpus, rule: str, passage: Passage, *, is_told: bool) -> int | None:
        return corpus.matches.add(
            self.article_id,
            self.number,
            rule,
            passage,
            self.at,
            is_late=self.is_late,
            occasion=self.occasion,
            is_told=is_told,
        )

    def _members(self, corpus: Corpus) -> tuple[int, ...]:
        """Return the articles by which people may have heard of it; of what they hear each time it happens: none."""
        if self.occasion.key:
            return ()
        story = corpus.stories.of(self.article_id)
        return tuple(story.members) if story else (self.article_id,)

    def _present(self, corpus: Corpus) -> list[Subscriber]:
        """Return the readers who have not left."""
        gone = corpus.subscribers.gone() if any(reader.name for reader in self.readers) else frozenset()
        return [each for each in self.readers if each.name not in gone]


def _unaware(corpus: Corpus, rule: str, members: Iterable[int], readers: Iterable[Subscriber]) -> list[Subscriber]:
    """Return the readers who were not alerted of any of these articles for a rule."""
    keys = {reader.name: {alert_key(each, rule, "", reader.name) for each in members} for reader in readers}
    owed = corpus.outbox.owed(key for of_reader in keys.values() for key in of_reader)
    return [reader for reader in readers if keys[reader.name].isdisjoint(owed)]


def alert_key(article_id: int, rule: str, occasion: str = "", reader: str = "") -> str:
    """Return by what the alert of an article and rule to a reader is known in the outbox."""
    happened = f":{occasion}" if occasion else ""
    return f"alert:{article_id}:{rule}{happened}{f'@{reader}' if reader else ''}"
