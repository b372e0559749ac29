"""The index by which texts that share words with a new one are found: its sampled shingles, and its title.

Plain tables, alike in SQLite and PostgreSQL; the digests of a text go into a statement as one value.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from heapq import nsmallest

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
)

from core.shingles import SCHEME, sampled, shingles
from core.stories import Near
from core.text import digest
from storage import upserts
from storage.given import given
from storage.portions import in_portions
from storage.schema import articles
from storage.schema_stories import fingerprints
from storage.schema_stories import shingles as rows

MOST_HOLDERS = 50
"""A shingle that so many articles hold finds no more: it is a turn of speech, or somebody sends one text ever again."""

_AT_ONCE = 1000  # articles, when all is made anew
_DOUBT = 2
_MOST_ASKED = 4096  # sampled shingles of a text: one of 30,000 words has as many
_GIVEN = given("digests")
_HOLDERS = select(func.count()).select_from(rows).where(rows.c.digest == _GIVEN.c.value).scalar_subquery()
_HELD = select(rows.c.digest, rows.c.article_id).join_from(_GIVEN, rows, rows.c.digest == _GIVEN.c.value)
# PostgreSQL believes of a table that it has not analysed yet that each digest has thousands of rows, and reads all of
# it: 73 ms of CPU among 10,000 texts. Asked for few rows of each, it goes through the index whatever it believes.
_OF_EACH = select(rows.c.digest, rows.c.article_id).where(rows.c.digest == _GIVEN.c.value).limit(MOST_HOLDERS).lateral()
_HELD_OF_EACH = select(_OF_EACH).join_from(_GIVEN, _OF_EACH, true())
_NEW = (
    upserts.insert(rows)
    .from_select(
        ["digest", "article_id"],
        select(_GIVEN.c.value, bindparam("of", type_=Integer)).where(_HOLDERS < MOST_HOLDERS),
    )
    .on_conflict_do_nothing(index_elements=["digest", "article_id"])
)
_DROPPED = delete(rows).where(
    rows.c.digest.in_(select(_GIVEN.c.value)), rows.c.article_id == bindparam("of", type_=Integer)
)
_FINGERPRINT = upserts.insert(fingerprints)
_REPLACED = _FINGERPRINT.on_conflict_do_update(
    index_elements=["article_id"],
    set_={name: _FINGERPRINT.excluded[name] for name in ("scheme", "shingles", "sampled")},
)
_GATHERED = Table(
    "gathered", MetaData(), Column("digest", BigInteger), Column("article_id", Integer), prefixes=["TEMPORARY"]
)
_GATHER = insert(_GATHERED).from_select(
    ["digest", "article_id"], select(_GIVEN.c.value, bindparam("of", type_=Integer))
)
_RANKED = select(
    _GATHERED,
    func.row_number().over(partition_by=_GATHERED.c.digest, order_by=_GATHERED.c.article_id).label("rank"),
).subquery()
_SORTED = (
    upserts.insert(rows)
    .from_select(
        ["digest", "article_id"],
        select(_RANKED.c.digest, _RANKED.c.article_id)
        .where(_RANKED.c.rank <= MOST_HOLDERS)
        .order_by(_RANKED.c.digest, _RANKED.c.article_id),
    )
    .on_conflict_do_nothing(index_elements=["digest", "article_id"])
)


class Fingerprints:
    """The fingerprints of the articles, in one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def near(self, found: Collection[int], title: str, limit: int, below: int | None = None) -> tuple[Near, ...]:
        """Return the articles that share most with a text of these shingles and this title, best first.

        Shingles that too many hold count only in a text that is made of such for the most part. The work is bounded by
        the length of the text alone, whatever the corpus holds. below: of the articles with lower ids, as if there
        were no others.
        """
        asked = _asked(found, title)
        holders: dict[int, list[int]] = defaultdict(list)
        held = _HELD_OF_EACH if self._connection.dialect.name == "postgresql" else _HELD
        for of, article_id in self._connection.execute(held, {"digests": asked}).all():
            if below is None or article_id < below:
                holders[of].append(article_id)
        rare = [ids for ids in holders.values() if len(ids) < MOST_HOLDERS]
        is_common = len(holders) - len(rare) > len(asked) // 2
        shared = Counter(each for ids in (holders.values() if is_common else rare) for each in ids)
        return self._best(shared, len(asked), limit)

    def keep(self, article_id: int, found: Collection[int], title: str) -> None:
        """Record the shingles and the title of an article; what was recorded of it before is to be dropped first."""
        asked = _asked(found, title)
        self._connection.execute(_NEW, {"digests": asked, "of": article_id})
        fingerprint = {"article_id": article_id, "scheme": SCHEME, "shingles": len(found), "sampled": len(asked)}
        self._connection.execute(_REPLACED, fingerprint)

    def drop(self, article_id: int, found: Collection[int], title: str) -> None:
        """Forget the shingles and the title that an article had."""
        self._connection.execute(_DROPPED, {"digests": _asked(found, title), "of": article_id})

    def outdated(self) -> int:
        """Return how many articles have fingerprints that another program made: nothing is found by these."""
        question = select(func.count()).select_from(fingerprints).where(fingerprints.c.scheme != SCHEME)
        return self._connection.execute(question).scalar_one()

    def rebuild(self) -> int:
        """Make all anew from the articles, and return how many there are.

        All rows are gathered first and sorted on the disk: put into the index as they come, each of a million texts
        would touch fifty places of a gigabyte.
        """
        self._connection.execute(delete(rows))
        self._connection.execute(delete(fingerprints))
        _GATHERED.create(self._connection)
        count = 0
        for portion in self._all():
            count += len(portion)
            self._gather(portion)
        self._connection.execute(_SORTED)
        _GATHERED.drop(self._connection)
        return count

    def _gather(self, texts: list[tuple[int, str, str]]) -> None:
        """Record many texts at once, but for the index."""
        prints, digests = [], []
        for article_id, title, text in texts:
            found = shingles(text)
            asked = _asked(found, title)
            prints.append({"article_id": article_id, "scheme": SCHEME, "shingles": len(found), "sampled": len(asked)})
            digests.append({"digests": asked, "of": article_id})
        self._connection.execute(_FINGERPRINT, prints)
        self._connection.execute(_GATHER, digests)

    def _best(self, shared: Counter[int], asked: int, limit: int) -> tuple[Near, ...]:
        # Of many only those can be best that share most: a shorter text shares fewer, so some more are looked at.
        ordered = nsmallest(4 * limit, [(-times, article_id) for article_id, times in shared.items()])
        most = [article_id for _, article_id in ordered]
        question = select(fingerprints.c.article_id, fingerprints.c.sampled)
        found = [
            Near(row.article_id, shared[row.article_id], row.sampled)
            for portion in in_portions(most)
            for row in self._connection.execute(question.where(fingerprints.c.article_id.in_(portion)))
        ]
        # Of two shares alike that of more shingles is the surer: as many again as make a sentence are held against it.
        share = {near: near.shared / (min(near.sampled, asked) + _DOUBT) for near in found}
        return tuple(sorted(found, key=lambda near: (-share[near], near.article_id))[:limit])

    def _all(self) -> Iterator[list[tuple[int, str, str]]]:
        last = 0
        question = select(articles.c.id, articles.c.title, articles.c.text).order_by(articles.c.id).limit(_AT_ONCE)
        while portion := self._connection.execute(question.where(articles.c.id > last)).all():
            yield [(row.id, row.title, row.text) for row in portion]
            last = portion[-1].id


def _asked(found: Collection[int], title: str) -> list[int]:
    """Return what of a text is looked up: its sampled shingles, and one number for its title."""
    titled = [int(digest("title", title)[:16], 16) - (1 << 63)] if title else []
    return sampled(found)[:_MOST_ASKED] + titled
