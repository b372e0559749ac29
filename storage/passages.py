"""What a corpus knows of the lines of each site: whose headline or summary one is, and on how many texts it stood.

From this a neighbour's headline, and what recurs on page after page, is told from an article's own words.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, select

from core.health import HEADLINE_OPENING, TEASER_OPENING, Heard
from core.text import digest, opening
from storage import upserts
from storage.portions import in_portions
from storage.schema import addresses, articles
from storage.schema_health import headlines, lines, turns

_PRUNED_EVERY = 100  # texts of a source
_KEPT_FOR = 2000  # texts of a source, for which a line that stood on one alone is remembered
_AT_ONCE = 1000  # rows, when all is learnt anew
_DOCUMENT = "document"  # the kind of a text that was no page: it has no neighbours
_LEAST_TEASER = 30  # characters

# Made once: each text asks about a hundred lines, and making the question takes longer than the answer.
_DIGESTS: BindParameter[int] = bindparam("digests", expanding=True)
_NAMED = select(headlines).where(headlines.c.source == bindparam("source"), headlines.c.digest.in_(_DIGESTS))
_STOOD = select(lines).where(lines.c.source == bindparam("source"), lines.c.digest.in_(_DIGESTS))
_NEW_HEADLINE = upserts.insert(headlines).on_conflict_do_nothing(
    index_elements=["source", "digest", "key", "is_teaser"]
)
_LINE = upserts.insert(lines)
_COUNTED = _LINE.on_conflict_do_update(
    index_elements=["source", "digest"],
    set_={
        "pages": lines.c.pages + _LINE.excluded.pages,
        "last_turn": _LINE.excluded.last_turn,
        "last_at": _LINE.excluded.last_at,
    },
)


def digest_of(line: str) -> int:
    """Return the first 64 bits of the SHA-256 of a line's normalised words, as SQL's BIGINT."""
    return int(digest(line)[:16], 16) - (1 << 63)


class Passages:
    """What is known of lines, in one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def heard(self, source: str, texts: Iterable[str]) -> dict[str, Heard]:
        """Return what is known of lines of a source; one of which nothing is known is not in it."""
        digests = {text: digest_of(text) for text in texts}
        named: dict[tuple[int, bool], set[str]] = {}
        counted: dict[int, Any] = {}
        for portion in in_portions(dict.fromkeys(digests.values())):
            asked = {"source": source, "digests": portion}
            for row in self._connection.execute(_NAMED, asked):
                named.setdefault((row.digest, row.is_teaser), set()).add(row.key)
            counted |= {row.digest: row for row in self._connection.execute(_STOOD, asked)}
        known = counted.keys() | {of for of, _ in named}
        return {
            text: Heard(
                frozenset(named.get((of, False), ())), frozenset(named.get((of, True), ())), *_counts(counted.get(of))
            )
            for text, of in digests.items()
            if of in known
        }

    def tell(self, source: str, items: Iterable[tuple[str, str, str]]) -> None:
        """Record what items are called and how that begins: (key, headline, summary); an empty one says nothing.

        Sites cut them, each list of theirs elsewhere: `core.text.opening` is what stays.
        """
        rows = [
            {"source": source, "digest": digest_of(words), "key": key, "is_teaser": is_teaser}
            for key, headline, summary in items
            for words, is_teaser in (
                (headline, False),
                (opening(headline, HEADLINE_OPENING), False),
                (summary.rstrip(" .…"), True),
                (summary, True),
                (opening(summary, TEASER_OPENING), True),
            )
            if words and (len(words) >= _LEAST_TEASER or not is_teaser)
        ]
        if rows:
            self._connection.execute(_NEW_HEADLINE, rows)

    def learn(self, source: str, paragraphs: Iterable[str], at: datetime) -> None:
        """Record that the lines of a new text, fetched then, stood on one more; each counts once."""
        self._count(source, [(paragraphs, at)])

    def _count(self, source: str, texts: Sequence[tuple[Iterable[str], datetime]]) -> None:
        turn = self._turn_after(source, len(texts))
        rows: dict[int, dict[str, Any]] = {}
        for number, (paragraphs, at) in enumerate(texts, turn + 1 - len(texts)):
            for of in dict.fromkeys(map(digest_of, paragraphs)):
                row = rows.setdefault(of, {"source": source, "digest": of, "pages": 0, "first_turn": number})
                row |= {"pages": row["pages"] + 1, "last_turn": number, "last_at": at}
        if rows:
            self._connection.execute(_COUNTED, list(rows.values()))
        if turn // _PRUNED_EVERY > (turn - len(texts)) // _PRUNED_EVERY:
            single = lines.c.source == source, lines.c.pages == 1, lines.c.last_turn < turn - _KEPT_FOR
            self._connection.execute(delete(lines).where(*single))

    def rebuild(self) -> None:
        """Learn everything anew from the addresses and articles that are held."""
        for table in (headlines, lines, turns):
            self._connection.execute(delete(table))
        for source, found in self._all(addresses, "key", "title", "summary"):
            self.tell(source, found)
        for source, found in self._all(articles, "key", "title", "kind", "text", "fetched_at"):
            self.tell(source, [(key, title, "") for key, title, *_ in found])
            pages = [(text.splitlines(), at) for _, _, kind, text, at in found if kind != _DOCUMENT]
            if pages:
                self._count(source, pages)

    def _all(self, table: Any, *names: str) -> Iterator[tuple[str, list[Any]]]:  # noqa: ANN401  # a Table, whatever its columns
        """Yield columns of all rows by source, in the order of their ids, some at a time: reading while writing."""
        last = 0
        question = select(table.c.id, table.c.source, *(table.c[name] for name in names)).order_by(table.c.id)
        while rows := self._connection.execute(question.where(table.c.id > last).limit(_AT_ONCE)).all():
            by_source: dict[str, list[Any]] = {}
            for _, source, *values in rows:
                by_source.setdefault(source, []).append(values)
            yield from by_source.items()
            last = rows[-1].id

    def _turn_after(self, source: str, texts: int) -> int:
        """Return the turn of the last of so many texts more of a source."""
        new = upserts.insert(turns).values(source=source, turn=texts)
        more = new.on_conflict_do_update(index_elements=["source"], set_={"turn": turns.c.turn + new.excluded.turn})
        return self._connection.execute(more.returning(turns.c.turn)).scalar_one()


def _counts(row: Any) -> tuple[int, float, datetime | None]:  # noqa: ANN401  # a Row of lines, or None
    if row is None:
        return 0, 0.0, None
    return row.pages, row.pages / (row.last_turn - row.first_turn + 1), row.last_at
