"""The index by which texts that share words with a new one are found: its sampled shingles, and its title."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import Connection, delete, func, select

from core.shingles import SCHEME, sampled, shingles
from core.stories import Near
from core.text import digest
from storage import upserts
from storage.portions import in_portions
from storage.schema import articles
from storage.schema_stories import fingerprints
from storage.schema_stories import shingles as rows

MOST_HOLDERS = 50
"""A shingle that so many articles hold finds no more: it is a turn of speech, or somebody sends one text ever again."""

_AT_ONCE = 1000  # articles, when all is made anew
_DOUBT = 2
_MOST_ASKED = 4096  # sampled shingles of a text: one of 30,000 words has as many
_NEW = upserts.insert(rows).on_conflict_do_nothing(index_elements=["digest", "article_id"])
_FINGERPRINT = upserts.insert(fingerprints)
_REPLACED = _FINGERPRINT.on_conflict_do_update(
    index_elements=["article_id"],
    set_={name: _FINGERPRINT.excluded[name] for name in ("scheme", "shingles", "sampled")},
)


class Fingerprints:
    """The fingerprints of the articles, in one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def near(self, found: Collection[int], title: str, limit: int, below: int | None = None) -> tuple[Near, ...]:
        """Return the articles that share most with a text of these shingles and this title, best first.

        Shingles that too many hold count only where nothing else is found. The work is bounded by the length of the
        text alone, whatever the corpus holds. below: of the articles with lower ids, as if there were no others.
        """
        asked = _asked(found, title)
        holders: dict[int, list[int]] = defaultdict(list)
        for portion in in_portions(asked):
            question = select(rows.c.digest, rows.c.article_id).where(rows.c.digest.in_(portion))
            question = question if below is None else question.where(rows.c.article_id < below)
            for of, article_id in self._connection.execute(question):
                holders[of].append(article_id)
        rare = Counter(each for ids in holders.values() if len(ids) < MOST_HOLDERS for each in ids)
        shared = rare or Counter(each for ids in holders.values() for each in ids)
        return self._best(shared, len(asked), limit)

    def keep(self, article_id: int, found: Collection[int], title: str) -> None:
        """Record the shingles and the title of an article; what was recorded of it before is to be dropped first."""
        asked = _asked(found, title)
        full = self._full(asked)
        new = [{"digest": each, "article_id": article_id} for each in asked if each not in full]
        if new:
            self._connection.execute(_NEW, new)
        fingerprint = {"article_id": article_id, "scheme": SCHEME, "shingles": len(found), "sampled": len(asked)}
        self._connection.execute(_REPLACED, fingerprint)

    def drop(self, article_id: int, found: Collection[int], title: str) -> None:
        """Forget the shingles and the title that an article had."""
        for portion in in_portions(_asked(found, title)):
            self._connection.execute(delete(rows).where(rows.c.digest.in_(portion), rows.c.article_id == article_id))

    def outdated(self) -> int:
        """Return how many articles have fingerprints that another program made: nothing is found by these."""
        question = select(func.count()).select_from(fingerprints).where(fingerprints.c.scheme != SCHEME)
        return self._connection.execute(question).scalar_one()

    def rebuild(self) -> int:
        """Make all anew from the articles, and return how many there are."""
        self._connection.execute(delete(rows))
        self._connection.execute(delete(fingerprints))
        count = 0
        for portion in self._all():
            count += len(portion)
            self._load(portion)
        return count

    def _load(self, texts: list[tuple[int, str, str]]) -> None:
        """Record many texts at once: in the order of the index, which is where the time goes otherwise."""
        made = [(article_id, shingles(text), title) for article_id, title, text in texts]
        asked = {article_id: _asked(found, title) for article_id, found, title in made}
        holders = self._holders({each for digests in asked.values() for each in digests})
        new = []
        for article_id, digests in asked.items():
            for each in digests:
                if holders[each] < MOST_HOLDERS:
                    holders[each] += 1
                    new.append({"digest": each, "article_id": article_id})
        if new:
            self._connection.execute(_NEW, sorted(new, key=lambda row: row["digest"]))
        prints = [
            {"article_id": article_id, "scheme": SCHEME, "shingles": len(found), "sampled": len(asked[article_id])}
            for article_id, found, _ in made
        ]
        self._connection.execute(_FINGERPRINT, prints)

    def _full(self, digests: Iterable[int]) -> frozenset[int]:
        return frozenset(each for each, count in self._holders(digests).items() if count >= MOST_HOLDERS)

    def _holders(self, digests: Iterable[int]) -> Counter[int]:
        counts: Counter[int] = Counter()
        for portion in in_portions(digests):
            question = select(rows.c.digest, func.count()).where(rows.c.digest.in_(portion)).group_by(rows.c.digest)
            counts.update(dict(self._connection.execute(question).all()))
        return counts

    def _best(self, shared: Counter[int], asked: int, limit: int) -> tuple[Near, ...]:
        # Of many only those can be best that share most: a shorter text shares fewer, so some more are looked at.
        most = [article_id for article_id, _ in shared.most_common(8 * limit)]
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
