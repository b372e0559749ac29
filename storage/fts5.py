r"""Full text on SQLite: two FTS5 indexes over the articles, which the migrations make and triggers keep.

search_words     all articles: English stems (porter), without accents
search_khmer     any three letters in a row (trigram) of what the view khmer_texts holds: articles in Khmer or with a
                 Khmer letter, without the invisible marks that some editors set between Khmer words
"""

import re
import sqlite3
from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    column,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
)

from core.errors import StorageError
from core.text import tidy
from storage.schema import articles

_OPEN, _CLOSE = "\x02", "\x03"
_WORDS, _KHMER = "search_words", "search_khmer"
_KHMER_LETTER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
"""What the view khmer_texts leaves out."""

_PIECE = re.compile(r'"([^"]*)"|([^\s"]+)')
_QUOTES = str.maketrans("“”„«»", '"' * 5)
_MOST_PIECES = 64

_TRIGRAM = 3
"""Letters that a trigram index needs to find anything."""

_WEIGHTS = (5.0, 1.0)
"""What a word counts in the title and in the text: a title says what an article is about. Chosen, not measured."""

_SNIPPET = {_WORDS: 32, _KHMER: 64}
"""Tokens in a snippet (FTS5 allows 64): words, or overlapping trigrams, which are letters."""


def find(connection: Connection, query: str, limit: int, source: str | None) -> list[tuple[int, str]]:
    """Return (article id, snippet) of what holds every piece of a query, best first; see Search.find."""
    pieces = _pieces(query)
    if not pieces:
        return []
    if not _KHMER_LETTER.search(query):
        question = _ask(_WORDS, pieces)
        return _run(connection, question, limit, source)
    short = [piece for piece in pieces if len(piece) < _TRIGRAM]
    long = [piece for piece in pieces if len(piece) >= _TRIGRAM]
    if long:
        question = _ask(_KHMER, long).where(*(_holds(piece) for piece in short))
        return _run(connection, question, limit, source)
    return _without_index(connection, short, limit, source)


def agrees(connection: Connection) -> bool:
    """Return whether both indexes hold what the articles say, no more and no less."""
    try:
        for index in (_WORDS, _KHMER):
            # FTS5's command for it; rank 1 has it read the articles as well.
            connection.execute(insert(table(index, column(index), column("rank"))).values(["integrity-check", 1]))
    except StorageError as error:
        if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT_VTAB:
            return False
        raise
    return True


def rebuild(connection: Connection) -> None:
    """Make both indexes anew from the articles."""
    for index in (_WORDS, _KHMER):
        connection.execute(insert(table(index, column(index))).values(["rebuild"]))


def _pieces(query: str) -> list[str]:
    """Return the words and quoted phrases of a query that hold a letter or figure."""
    plain = _INVISIBLE.sub("", query).replace("\0", " ").translate(_QUOTES)
    found = [tidy(phrase or word) for phrase, word in _PIECE.findall(plain)]
    return [piece for piece in found if any(character.isalnum() for character in piece)][:_MOST_PIECES]


def _ask(index: str, pieces: Sequence[str]) -> Select[int, str]:
    """Return the question which articles hold all pieces, each taken literally, and where."""
    whole: ColumnElement[str] = literal_column(index)
    # Side by side, not joined by AND: FTS5 then passes over a piece in which its tokenizer sees no word.
    asked = " ".join(f'"{piece}"' for piece in pieces)
    return (
        select(articles.c.id, func.snippet(whole, -1, _OPEN, _CLOSE, "…", _SNIPPET[index]))
        .select_from(table(index, column("rowid")).join(articles, articles.c.id == literal_column(f"{index}.rowid")))
        .where(whole.op("MATCH")(asked))
        .order_by(func.bm25(whole, *_WEIGHTS), articles.c.id.desc())
    )


def _run(connection: Connection, question: Select[int, str], limit: int, source: str | None) -> list[tuple[int, str]]:
    if source is not None:
        question = question.where(articles.c.source == source)
    # Not tidy(), which leaves out control characters and so the marks.
    return [
        (article_id, " ".join(snippet.split())) for article_id, snippet in connection.execute(question.limit(limit))
    ]


def _holds(piece: str) -> ColumnElement[bool]:
    """Return the condition that a Khmer article holds a piece too short for the index; reads every such article."""
    texts = table("khmer_texts", column("id"), column("title"), column("text"))
    held = or_(texts.c.title.contains(piece, autoescape=True), texts.c.text.contains(piece, autoescape=True))
    return articles.c.id.in_(select(texts.c.id).where(held))


def _without_index(
    connection: Connection, pieces: Sequence[str], limit: int, source: str | None
) -> list[tuple[int, str]]:
    """Find pieces that are all too short for the index, the latest article first."""
    question = (
        select(articles.c.id, articles.c.title + "\n" + articles.c.text)
        .where(and_(*(_holds(piece) for piece in pieces)))
        .order_by(articles.c.dated_at.desc(), articles.c.id.desc())
    )
    found = _run(connection, question, limit, source)
    return [(article_id, _around(_INVISIBLE.sub("", body), pieces)) for article_id, body in found]


def _around(body: str, pieces: Sequence[str]) -> str:
    """Return what stands around the first of the pieces that a text holds, all of them marked."""
    either = re.compile("|".join(re.escape(piece) for piece in pieces), re.IGNORECASE)
    first = either.search(body)
    middle = first.start() if first else 0
    width = _SNIPPET[_KHMER] // 2
    start, end = max(middle - width, 0), min(middle + width, len(body))
    marked = either.sub(lambda found: f"{_OPEN}{found[0]}{_CLOSE}", body[start:end])
    return ("…" if start else "") + marked + ("…" if end < len(body) else "")
