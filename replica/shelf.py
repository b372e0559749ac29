"""The stories of one site in their present state: the only thing that advance, publish and withdraw change."""

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from replica.story import Story


@dataclass(frozen=True)
class Item:
    """A story in its present state. `gone` follows `withdrawn` one advance later."""

    story: Story
    serial: int
    changed_at: datetime
    revision: int = 1
    withdrawn: bool = False
    gone: bool = False


class Shelf:
    """Items by key, and for each label (a section, a listing) the live ones in order, newest first.

    `labels` says under which labels a story stands. Adding one of n items costs O(log n) comparisons, so that
    20,000 can be added one by one while pages are served.
    """

    def __init__(self, labels: Callable[[Story], Iterable[str]]) -> None:
        self._labels = labels
        self._items: dict[str, Item] = {}
        self._order: dict[str, list[tuple[float, int, str]]] = {}
        self._changes = 0

    def add(self, story: Story) -> Item:
        """Publish a story; raises ValueError when its key is taken."""
        if story.key in self._items:
            raise ValueError(f"there already is a story {story.key!r}")
        labels = tuple(self._labels(story))
        item = Item(story, len(self._items), story.published_at)
        self._put(item)
        for label in labels:
            insort(self._order.setdefault(label, []), _rank(item))
        return item

    def edit(self, key: str, story: Story, changed_at: datetime) -> Item:
        """Replace a story's words; its key, time and labels must stay as they are."""
        old = self._items[key]
        new = replace(old, story=story, changed_at=changed_at, revision=old.revision + 1)
        self._put(new)
        return new

    def withdraw(self, key: str) -> Item:
        """Take an item off every list; its page is from now on a 404."""
        item = replace(self._items[key], withdrawn=True)
        self._put(item)
        for label in self._labels(item.story):
            self._order[label].remove(_rank(item))
        return item

    def restore(self, key: str) -> Item:
        """Put a withdrawn item back, where it stood."""
        item = replace(self._items[key], withdrawn=False, gone=False)
        self._put(item)
        for label in self._labels(item.story):
            insort(self._order[label], _rank(item))
        return item

    def settle(self) -> None:
        """Count changes from now on."""
        self._changes = 0

    @property
    def changes(self) -> int:
        """How often anything was added, edited, withdrawn or put back since `settle`."""
        return self._changes

    def _put(self, item: Item) -> None:
        self._items[item.story.key] = item
        self._changes += 1

    def bury(self) -> None:
        """Turn what is withdrawn so far into 410."""
        for key, item in self._items.items():
            if item.withdrawn and not item.gone:
                self._items[key] = replace(item, gone=True)
                self._changes += 1

    def find(self, key: str) -> Item | None:
        """Return the item of that key, withdrawn or not."""
        return self._items.get(key)

    def items(self) -> list[Item]:
        """Return every item, withdrawn or not, in the order they were added."""
        return list(self._items.values())

    def added(self, start: int) -> list[Item]:
        """Return the items added since there were `start` of them."""
        return list(islice(self._items.values(), start, None)) if start < len(self._items) else []

    def newest(self, label: str, start: int = 0, count: int | None = None) -> list[Item]:
        """Return live items under a label, newest first, `count` of them from `start` on."""
        order = self._order.get(label, [])
        return [self._items[key] for _, _, key in order[start : None if count is None else start + count]]

    def count(self, label: str) -> int:
        """Return how many live items stand under a label."""
        return len(self._order.get(label, []))


def _rank(item: Item) -> tuple[float, int, str]:
    return (-item.story.published_at.timestamp(), -item.serial, item.story.key)
