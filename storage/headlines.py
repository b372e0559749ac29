"""The newest stories, each by the article that stands for it: of all, and of those that met a rule."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, Select, func, or_, select

from storage.portions import in_portions
from storage.schema import articles
from storage.schema_stories import members, stories
from storage.schema_told import matches


class Headlines:
    """The newest stories of one transaction's corpus; a story's date is that of the article that stands for it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, limit: int) -> tuple[int, ...]:
        """Return the articles that stand for the `limit` newest stories, those alone too, latest first."""
        question = (
            select(articles.c.id)
            .outerjoin(members, members.c.article_id == articles.c.id)
            .outerjoin(stories, stories.c.id == members.c.story_id)
            .where(or_(stories.c.id.is_(None), stories.c.representative_id == articles.c.id))
            .order_by(articles.c.dated_at.desc(), articles.c.id.desc())
            .limit(limit)
        )
        return tuple(self._connection.execute(question).scalars())

    def by_rule(self, rules: Iterable[str], limit: int) -> dict[str, tuple[int, ...]]:
        """Return likewise, for each rule, the `limit` newest stories of which any version met it.

        A rule that nothing met is not in it.
        """
        found: dict[str, list[int]] = defaultdict(list)
        for portion in in_portions(dict.fromkeys(rules)):
            for rule, article_id in self._connection.execute(_met(portion, limit)):
                found[rule].append(article_id)
        return {rule: tuple(ids) for rule, ids in found.items()}


def _met(rules: list[str], limit: int) -> Select[str, int]:
    stands_for = func.coalesce(stories.c.representative_id, matches.c.article_id)
    met = (
        select(matches.c.rule, stands_for.label("article_id"))
        .outerjoin(members, members.c.article_id == matches.c.article_id)
        .outerjoin(stories, stories.c.id == members.c.story_id)
        .where(matches.c.rule.in_(rules))
        .distinct()
        .subquery()
    )
    latest_first = articles.c.dated_at.desc(), articles.c.id.desc()
    place = func.row_number().over(partition_by=met.c.rule, order_by=latest_first)
    ranked = (
        select(met.c.rule, met.c.article_id, place.label("place"))
        .join(articles, articles.c.id == met.c.article_id)
        .subquery()
    )
    shown = select(ranked.c.rule, ranked.c.article_id).where(ranked.c.place <= limit)
    return shown.order_by(ranked.c.rule, ranked.c.place)
