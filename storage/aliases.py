"""The other addresses under which an address was named or answered."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from storage.portions import in_portions
from storage.schema import addresses, aliases

MOST = 50
"""Aliases of one address. A template that puts a number of its own into each link must not fill the corpus."""


def keep_aliases(connection: Connection, named: Mapping[int, Iterable[str]], now: datetime) -> None:
    """Record aliases by the id of their address: not its own url, none twice, MOST an address, the first to come."""
    asked = {address_id: [url for url in dict.fromkeys(urls) if url] for address_id, urls in named.items()}
    for portion in in_portions(address_id for address_id, urls in asked.items() if urls):
        own = select(addresses.c.id, addresses.c.url).where(addresses.c.id.in_(portion))
        taken = {address_id: {url} for address_id, url in connection.execute(own)}
        counts = dict.fromkeys(portion, 0)
        known = select(aliases.c.address_id, aliases.c.url).where(aliases.c.address_id.in_(portion))
        for address_id, url in connection.execute(known):
            taken[address_id].add(url)
            counts[address_id] += 1
        rows = [
            {"address_id": address_id, "url": url, "seen_at": now}
            for address_id in portion
            for url in [each for each in asked[address_id] if each not in taken[address_id]][
                : MOST - counts[address_id]
            ]
        ]
        if rows:
            connection.execute(insert(aliases), rows)


def aliases_of_article(connection: Connection, article_id: int) -> tuple[str, ...]:
    """Return the aliases of all addresses that hold an article, each once, in the order they were met."""
    question = (
        select(aliases.c.url)
        .join(addresses, addresses.c.id == aliases.c.address_id)
        .where(addresses.c.article_id == article_id)
        .order_by(aliases.c.id)
    )
    return tuple(dict.fromkeys(connection.execute(question).scalars()))


def address_named(connection: Connection, url: str) -> tuple[str, str] | None:
    """Return source and key of the address that has a url: as its own before an alias, with an article before none."""
    name = select(addresses.c.source, addresses.c.key)
    order = addresses.c.article_id.is_(None), addresses.c.id
    own = name.where(addresses.c.url == url).order_by(*order).limit(1)
    other = name.join(aliases, aliases.c.address_id == addresses.c.id).where(aliases.c.url == url)
    row = connection.execute(own).first() or connection.execute(other.order_by(*order).limit(1)).first()
    return (row.source, row.key) if row else None
