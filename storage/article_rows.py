"""Between rows of the articles table and Articles with their copies."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from core.model import Article, Capture, CopyAddress, Revision, Translation
from storage.aliases import aliases_of_article
from storage.columns import at_offset
from storage.portions import in_portions
from storage.schema import articles, copies


def read_articles(connection: Connection, question: Select[*tuple[Any, ...]]) -> tuple[Article, ...]:
    """Return the articles that a `select(articles)…` finds, in its order, each with its copies."""
    rows = connection.execute(question).all()
    carriers = copies_of(connection, [row.id for row in rows])
    return tuple(_article(row, tuple(carriers[row.id])) for row in rows)


def read_article(connection: Connection, condition: ColumnElement[bool]) -> Article | None:
    """Return the one article that a condition holds for, with its copies, translations and aliases."""
    found = read_articles(connection, select(articles).where(condition))
    if not found:
        return None
    (article,) = found
    return replace(
        article,
        translations=_translations(connection, article),
        aliases=tuple(url for url in aliases_of_article(connection, article.id) if url != article.url),
    )


def articles_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Article]:
    """Return the articles with these ids, by id; one that does not exist is not in it."""
    found = {}
    for portion in in_portions(ids):
        question = select(articles).where(articles.c.id.in_(portion))
        found.update({article.id: article for article in read_articles(connection, question)})
    return found


def copies_of(connection: Connection, ids: Iterable[int]) -> dict[int, list[CopyAddress]]:
    """Return the other addresses that carry articles, by article."""
    found = defaultdict(list)
    for portion in in_portions(ids):
        question = select(copies).where(copies.c.article_id.in_(portion)).order_by(copies.c.id)
        for row in connection.execute(question):
            found[row.article_id].append(copy_of(row))
    return found


def copy_of(row: Row[*tuple[Any, ...]]) -> CopyAddress:
    """Return the address of a copy from its row."""
    published_at = at_offset(row.published_at, row.published_offset)
    return CopyAddress(row.source, row.url, row.seen_at, row.title, published_at)


def revision_of(row: Row[*tuple[Any, ...]], capture: Capture | None = None) -> Revision:
    """Return a revision from its row, with where its page is kept."""
    return Revision(
        article_id=row.article_id,
        number=row.number,
        title=row.title,
        text=row.text,
        notes=row.notes,
        published_at=at_offset(row.published_at, row.published_offset),
        modified_at=at_offset(row.modified_at, row.modified_offset),
        fetched_at=row.fetched_at,
        url=row.url,
        capture=capture,
        is_correction=row.correction,
    )


def _translations(connection: Connection, article: Article) -> tuple[Translation, ...]:
    """Return the other articles of the same work, by language."""
    if not article.work:
        return ()
    question = (
        select(articles.c.id, articles.c.language, articles.c.title)
        .where(articles.c.source == article.source, articles.c.work == article.work, articles.c.id != article.id)
        .order_by(articles.c.language, articles.c.id)
    )
    return tuple(Translation(row.id, row.language, row.title) for row in connection.execute(question))


def _article(row: Row[*tuple[Any, ...]], carriers: tuple[CopyAddress, ...]) -> Article:
    return Article(
        id=row.id,
        source=row.source,
        key=row.key,
        url=row.url,
        title=row.title,
        text=row.text,
        first_seen=row.first_seen,
        fetched_at=row.fetched_at,
        authors=row.authors,
        published_at=at_offset(row.published_at, row.published_offset),
        modified_at=at_offset(row.modified_at, row.modified_offset),
        language=row.language,
        section=row.section,
        kind=row.kind,
        notes=row.notes,
        links=row.links,
        remarks=row.remarks,
        revision=row.revision,
        missing_since=row.missing_since,
        copies=carriers,
        gone_since=row.gone_since,
        work=row.work,
        corrections=row.corrections,
        tags=row.tags,
        dateline=row.dateline,
        credits=row.credits,
    )
