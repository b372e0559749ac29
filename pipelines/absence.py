"""When an article's page goes and when it comes back: what one visit says of that, and what the log says of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.model import Article, Capture, Skipped, Visit
from core.stories import Presence, Turn
from pipelines.visits import GONE, Gone
from storage.store import Corpus

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Miss:
    """A visit that brought no page, when it was, and where the archive keeps the answer. visit is the state before."""

    visit: Visit
    skipped: Skipped
    now: datetime
    capture: Capture | None = None


def is_its_own(article: Article, visit: Visit, own: Visit | None) -> bool:
    """Return whether a page that is missing at the address of a visit is the article's own.

    It is not at the address of a copy; nor where only another name of it was dropped, that is while the address of
    its key (own: what is known of that) was visited and answers.
    """
    if any(copy.url == visit.url for copy in article.copies):
        return False
    return not (own and own.key != visit.key and own.visits and not own.missing)


def note_missing(corpus: Corpus, miss: Miss, gone: Gone) -> None:
    """Note that an article's page is missing, and once it is certain, that it is gone."""
    visit = miss.visit
    article = corpus.articles.by_id(visit.article_id) if visit.article_id is not None else None
    if article is None or miss.skipped.reason not in GONE:
        return
    if not is_its_own(article, visit, corpus.sources.visit(article.source, article.key)):
        return
    is_certain = gone.is_certain(visit.missing + 1, article.missing_since or miss.now, miss.now)
    corpus.absences.note(article.id, miss.skipped, miss.now, miss.capture, is_certain=is_certain)


def note_return(corpus: Corpus, article: Article | None, at: datetime, *, is_old: bool = False) -> None:
    """Note that an article's page is there again. An old page says nothing if a later visit found none."""
    away = corpus.absences.current(article.id) if article and article.missing_since else None
    if away and not (is_old and at < away.last_missing):
        corpus.absences.end(away.article_id, at)


def tell(turns: Iterable[Turn]) -> None:
    """Log what went and came back, once that is stored."""
    for turn in turns:
        away = turn.absence
        match turn.presence:
            case Presence.MISSING:
                log.info("article.missing", article=away.article_id, reason=away.reason, detail=away.detail)
            case Presence.GONE:
                log.info("article.gone", article=away.article_id, since=away.missing_since, visits=away.visits)
            case Presence.BACK:
                log.info(
                    "article.returned",
                    article=away.article_id,
                    since=away.missing_since,
                    visits=away.visits,
                    was_gone=away.gone_since is not None,
                )
