"""Asking for words: whichever index the database has stands behind this."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.model import Article
from storage import fts5
from storage.article_rows import articles_by_id


@dataclass(frozen=True, slots=True)
class Hit:
    r"""An article found, and a passage of it on one line in which the words found stand between \x02 and \x03."""

    article: Article
    snippet: str


class Search:
    """The full-text search of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, query: str, limit: int = 20, source: str | None = None) -> tuple[Hit, ...]:
        """Return the articles whose title or text holds every word of the query, the best first.

        Words between double quotes must stand side by side. English words are found in all their forms,
        whatever their case and accents; a query with a Khmer letter in it is found anywhere, even inside words,
        for Khmer puts no spaces between them. Nothing else in a query has a meaning; one without a letter or
        figure finds nothing, and of a very long one the first 64 words count.
        """
        found = fts5.find(self._connection, query, limit, source)
        articles = articles_by_id(self._connection, [article_id for article_id, _ in found])
        return tuple(Hit(articles[article_id], snippet) for article_id, snippet in found)

    def check(self) -> bool:
        """Return whether the index agrees with the articles; to be asked in a transaction, not a reading."""
        return fts5.agrees(self._connection)

    def rebuild(self) -> None:
        """Make the index anew from the articles."""
        fts5.rebuild(self._connection)
