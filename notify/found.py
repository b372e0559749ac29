"""From what the corpus gives for a period to the digest of a reader. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.model import Article, CopyAddress, Match, Passage
from core.stories import Turn, Version
from notify.archived import Archive
from notify.carried import MOST as CARRIED
from notify.carried import carriages, copied_since
from notify.chart import chart
from notify.coverage import CoverageLine
from notify.digest import Digest, Section
from notify.editing import MOST as EDITED
from notify.editing import EditedEntries, Edits, edited_entry
from notify.entry import Beside, Entry, entry, unheard
from notify.phrases import Reader, visible
from notify.versions import Told, Versions, sorted_out
from notify.view import View
from notify.withdrawals import moves

_UNHEARD = 20  # articles that met a rule without an alert are named so many at most
_NO_RULE = "No rule met"


@dataclass(frozen=True, slots=True)
class Found:
    """What the corpus gives for one digest: the articles of its period, matches, and its size in all.

    The ids of the articles are higher than `after`; versions are those of their stories, matches theirs and those of
    the other articles here. turns are the withdrawals and returns of its period; edits, copies (article and address)
    and late matches (met without an alert) are its changes. moved are the articles that all these are of, by id. since
    is when the digest before it was made.
    """

    articles: Sequence[Article]
    matches: Sequence[Match]
    kept: int
    turns: Sequence[Turn] = ()
    moved: Mapping[int, Article] = field(default_factory=dict)
    after: int = 0
    versions: Versions = field(default_factory=Versions)
    edits: Edits = field(default_factory=Edits)
    copies: Sequence[tuple[int, CopyAddress]] = ()
    late: Sequence[Match] = ()
    archive: Archive = field(default_factory=Archive)
    since: datetime | None = None


def digest(
    found: Found,
    coverage: Iterable[CoverageLine],
    reader: Reader,
    made_at: datetime,
    view: View = View(),  # noqa: B008 - frozen
) -> Digest:
    """Return the digest of what was found, of what concerns the reader.

    Sources come in the order of the reader's titles, others after them; rules in the order of the view.
    """
    return _Making(found, reader, view).digest(coverage, made_at)


class _Making:
    """Makes one reader's digest of what was found."""

    def __init__(self, found: Found, reader: Reader, view: View) -> None:
        self._found = found
        self._reader = reader
        self._view = view
        self._met = defaultdict[int, dict[str, Match]](dict)
        for match in found.matches:
            self._met[match.article.id].setdefault(match.rule, match)
        self._late = _by_article(found.late)

    def digest(self, coverage: Iterable[CoverageLine], made_at: datetime) -> Digest:
        found, reader, view = self._found, self._reader, self._view
        articles = [article for article in found.articles if view.reads(article.source, article.language)]
        told, carried = sorted_out(articles, found.versions, found.after, self._is_told)
        told = [story for story in told if view.wants(self._rules(story))]
        wanted = {number: article for number, article in found.moved.items() if self._concerns(article)}
        carriage = carriages(carried, copied_since(found.copies, wanted, found.after), found.versions, reader)
        shown = {article_id for story in told for article_id in _ids(story)}
        edited = self._edited(wanted, shown)
        late = self._unheard(shown | {each.article_id for each in edited.entries})
        versions = [article for article in articles if article.id in shown]
        met = Counter(rule for story in told for rule in view.names(self._rules(story)))
        return Digest(
            day=reader.weekday(made_at),
            made=reader.when(made_at),
            zone=str(reader.zone),
            span=_span(versions, reader),
            sections=tuple(self._sections(told)),
            rules=tuple(sorted(met.items(), key=lambda item: (-item[1], item[0]))),
            matched=sum(1 for story in told if view.names(self._rules(story))),
            coverage=tuple(coverage),
            kept=found.kept,
            moves=moves(found.turns, wanted, reader),
            articles=len(versions),
            carried=tuple(carriage[:CARRIED]),
            more_carried=max(0, len(carriage) - CARRIED),
            edited=edited,
            unheard=tuple(late[:_UNHEARD]),
            more_unheard=max(0, len(late) - _UNHEARD),
            chart=chart([(article.source, article.first_seen) for article in versions], reader),
            since=reader.when(found.since) if found.since else "",
            only=tuple(map(visible, view.names(view.rules))),
            is_by_rule=view.is_by_rule,
        )

    def _is_told(self, version: Version) -> bool:
        """Return whether a version that came before was told of, as far as its source and rules say."""
        return self._view.reads(version.source) and self._view.wants(self._met[version.article_id].keys())

    def _concerns(self, article: Article) -> bool:
        view = self._view
        return view.reads(article.source, article.language) and view.wants(self._met[article.id].keys())

    def _rules(self, story: Told) -> set[str]:
        """Return the rules that a new story met: those of all its versions."""
        return {rule for article_id in _ids(story) for rule in self._met[article_id]}

    def _passage(self, story: Told, under: str) -> Passage | None:
        """Return the passage that is shown of a story, to a reader of some rules or of one."""
        if not (self._view.rules or under):
            return None
        for rule in [under] if under else self._view.names(self._rules(story)):
            for article_id in (story.article.id, *_ids(story)):
                if match := self._met[article_id].get(rule):
                    return match.passage
        return None

    def _sections(self, told: Iterable[Told]) -> Iterator[Section]:
        groups = defaultdict[str, list[Told]](list)
        for story in told:
            names = self._view.names(self._rules(story))
            groups[(names or ("",))[0] if self._view.is_by_rule else story.article.source].append(story)
        for name, title in self._order(groups):
            entries = [
                self._entry(story, name if self._view.is_by_rule else "") for story in _newest_first(groups[name])
            ]
            yield Section(title, len(entries), tuple(entries))

    def _order(self, groups: Iterable[str]) -> list[tuple[str, str]]:
        """Return the groups that hold any, in order, with what they are called."""
        if self._view.is_by_rule:
            names = self._view.names(each for each in groups if each)
            rest = [("", _NO_RULE)] if "" in groups else []
            return [*((name, visible(name)) for name in names), *rest]
        titles = self._reader.titles
        names = (*titles, *sorted(set(groups) - set(titles)))
        return [(name, self._reader.title(name)) for name in names if name in groups]

    def _entry(self, story: Told, under: str) -> Entry:
        found, article = self._found, story.article
        rules = tuple(rule for rule in self._view.names(self._rules(story)) if rule != under)
        return entry(
            article,
            self._reader,
            Beside(
                rules=rules,
                others=found.versions.others(article.id, story.under),
                passage=self._passage(story, under),
                stands_under=under,
                notices=tuple(note for article_id in _ids(story) for note in self._notes(article_id)),
                kept=found.archive.kept(article.id),
            ),
        )

    def _notes(self, article_id: int) -> Iterator[str]:
        """Yield what is said of the rules that an article met without an alert."""
        by_why = defaultdict[str, list[str]](list)
        for match in self._late.get(article_id, ()):
            by_why[_why(match)].append(match.rule)
        for why, rules in by_why.items():
            if names := self._view.names(dict.fromkeys(rules)):
                yield unheard(names, why)

    def _edited(self, wanted: Mapping[int, Article], shown: set[int]) -> EditedEntries:
        """Return the articles told of before that were edited; an edit of a new one is told at its entry."""
        found = self._found
        edited = [
            stage
            for number, stage in found.edits.stages.items()
            if number in wanted and number not in shown and number <= found.after
        ]
        edited.sort(key=lambda stage: (not self._view.names(self._met[stage.article_id]), -stage.change.id))
        entries = (
            edited_entry(
                wanted[stage.article_id],
                found.edits,
                self._reader,
                Beside(
                    rules=self._view.names(self._met[stage.article_id]),
                    notices=tuple(self._notes(stage.article_id)),
                    kept=found.archive.kept(stage.article_id),
                ),
            )
            for stage in edited[:EDITED]
        )
        return EditedEntries(len(edited), tuple(entries))

    def _unheard(self, shown: set[int]) -> list[Entry]:
        """Return the other articles that met a rule without an alert, with the passage that shows it."""
        found = []
        for article_id, matches in self._late.items():
            article = matches[0].article
            notes = tuple(self._notes(article_id))
            if article_id in shown or not notes or not self._view.reads(article.source, article.language):
                continue
            passage = next(match.passage for match in matches if self._view.names([match.rule]))
            kept = self._found.archive.kept(article_id)
            found.append(entry(article, self._reader, Beside(passage=passage, notices=notes, kept=kept)))
        return found


def _by_article(matches: Iterable[Match]) -> dict[int, list[Match]]:
    found: dict[int, list[Match]] = {}
    for match in matches:
        found.setdefault(match.article.id, []).append(match)
    return found


_REASONS = {
    "new": "as another version of a story that was told of",
    "edits": "after an edit",
    "withdrawals": "when it was withdrawn",
    "copies": "when it was copied",
}


def _why(match: Match) -> str:
    if match.is_late:
        return "when its page was read anew by better rules"
    if match.event == "new" and match.revision > 1:
        return _REASONS["edits"]
    return _REASONS.get(match.event, "later")


def _ids(story: Told) -> tuple[int, ...]:
    return tuple(version.article_id for version in story.under) or (story.article.id,)


def _newest_first(told: Iterable[Told]) -> list[Told]:
    def order(story: Told) -> tuple[bool, float, int]:
        article = story.article
        published = article.published_at
        return published is None, -(published or article.first_seen).timestamp(), -article.id

    return sorted(told, key=order)


def _span(articles: Sequence[Article], reader: Reader) -> str:
    if not articles:
        return ""
    seen = [article.first_seen for article in articles]
    first, last = reader.when(min(seen)), reader.when(max(seen))
    return f"First seen {first}." if first == last else f"First seen between {first} and {last}."
