"""What a digest says of articles that were withdrawn, and of those that are back again. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape

from core.model import Article
from core.stories import Absence, Presence, Turn
from core.text import shortened
from notify.entry import NO_DATE
from notify.phrases import Reader, Words, link, number_of, visible, words

# A site that is rebuilt may lose thousands of pages in a week. The longest entries that the web can make take 1.4 kB in
# HTML each: both lists together stay well below the 100 kB that a message may be long.
MOST = 20
_TITLE = 160
_URL = 300
_DETAIL = 100


@dataclass(frozen=True, slots=True)
class Passing:
    """One article that went or came back: what it is, and in a sentence or two what happened to its page."""

    article_id: int
    title: Words
    url: str
    facts: str
    story: str


@dataclass(frozen=True, slots=True)
class Passings:
    """The articles that were withdrawn, or those that are back, the latest first; number counts those left out too."""

    heading: str
    meaning: str
    number: int
    entries: tuple[Passing, ...]

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return self.number - len(self.entries)


@dataclass(frozen=True, slots=True)
class Moves:
    """What went and what came back in the stretch of a digest: each article in one of the two, by what came last."""

    withdrawn: Passings | None = None
    back: Passings | None = None

    @property
    def lists(self) -> tuple[Passings, ...]:
        """Those that hold any."""
        return tuple(each for each in (self.withdrawn, self.back) if each)

    @property
    def summary(self) -> str:
        """The totals in a sentence; empty where nothing moved."""
        gone, back = _number(self.withdrawn), _number(self.back)
        if not gone and not back:
            return ""
        were = f"{number_of(gone, 'article')} {'was' if gone == 1 else 'were'} withdrawn"
        are = f"{'is' if back == 1 else 'are'} back again"
        if not back:
            return f"{were}."
        return f"{were}, and {back:,} {are}." if gone else f"{number_of(back, 'withdrawn article')} {are}."

    @property
    def brief(self) -> str:
        """The totals for a subject: `2 withdrawn, 1 back`; empty where nothing moved."""
        parts = ((_number(self.withdrawn), "withdrawn"), (_number(self.back), "back"))
        return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def moves(turns: Iterable[Turn], articles: Mapping[int, Article], reader: Reader) -> Moves:
    """Return what is told of turns, which come in order; an article that turned several times is named once."""
    last: dict[int, Turn] = {}
    for turn in turns:
        last.pop(turn.absence.article_id, None)
        last[turn.absence.article_id] = turn
    latest = [turn for turn in reversed(last.values()) if turn.absence.article_id in articles]

    def listed(presence: Presence, heading: str, meaning: str, story: Callable[..., str]) -> Passings | None:
        found = [turn.absence for turn in latest if turn.presence is presence]
        entries = (_passing(articles[each.article_id], each, reader, story) for each in found[:MOST])
        return Passings(heading, meaning, len(found), tuple(entries)) if found else None

    return Moves(
        listed(
            Presence.GONE, "Withdrawn", "Several visits over days found no page any more. The texts are kept.", _went
        ),
        listed(Presence.BACK, "Back again", "These had been withdrawn; their pages are there again.", _returned),
    )


def _number(each: Passings | None) -> int:
    return each.number if each else 0


def _passing(article: Article, absence: Absence, reader: Reader, story: Callable[..., str]) -> Passing:
    url = link(article.url)
    published = reader.date(article.published_at) if article.published_at else NO_DATE
    return Passing(
        article_id=article.id,
        title=words(shortened(visible(article.label), _TITLE), article.language),
        url=url if len(escape(url)) <= _URL else "",
        facts=f"{reader.title(article.source)} · {published} · no. {article.id}",
        story=story(article, absence, reader),
    )


def went(absence: Absence, reader: Reader) -> str:
    """Return in a sentence how the page of an article went."""
    said = visible(absence.detail) or absence.reason
    answer = f"; the last answer: {shortened(said.rstrip('.'), _DETAIL)}" if said else ""
    visits = number_of(absence.visits, "visit")
    return f"Missing since {reader.when(absence.missing_since)}, at {visits}{answer}."


def _went(_article: Article, absence: Absence, reader: Reader) -> str:
    return went(absence, reader)


def _returned(article: Article, absence: Absence, reader: Reader) -> str:
    back = reader.when(absence.returned_at or absence.last_missing)
    # A revision is as old as the page that it was read from.
    is_other = article.edits > 0 and article.fetched_at > absence.last_missing
    how = f"with another text, revision {article.revision}" if is_other else "as it was"
    again = f"; missing again since {reader.when(article.missing_since)}" if article.missing_since else ""
    return f"Missing from {reader.when(absence.missing_since)} to {back}; back {how}{again}."
