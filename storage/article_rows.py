"""Between rows of the articles table and Articles with their copies."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from core.model import Article, CopyAddress
from storage.columns import at_offset
from storage.portions import in_portions
from storage.schema import articles, copies


def read_articles(connection: Connection, question: Select[*tuple[Any, ...]]) -> tuple[Article, ...]:
    """Return the articles that a `select(articles)…` finds, in its order, each with its copies."""
    rows = connection.execute(question).all()
    carriers = _copies(connection, [row.id for row in rows])
    return tuple(_article(row, tuple(carriers[row.id])) for row in rows)


def articles_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Article]:
    """Return the articles with these ids, by id; one that does not exist is not in it."""
    found = {}
    for portion in in_portions(ids):
        question = select(articles).where(articles.c.id.in_(portion))
        found.update({article.id: article for article in read_articles(connection, question)})
    return found


def _copies(connection: Connection, ids: list[int]) -> dict[int, list[CopyAddress]]:
    found = defaultdict(list)
    for portion in in_portions(ids):
        question = select(copies).where(copies.c.article_id.in_(portion)).order_by(copies.c.id)
        for row in connection.execute(question):
            found[row.article_id].append(CopyAddress(row.source, row.url, row.seen_at))
    return found


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
    )
