"""How deep a listing is read. Pure.

A listing whose items were never read is read as deep as its setting says. Later it is read to the first page that
holds only what is settled: seen in it by a run that read it to its end. So nothing is lost between two runs, however
much was published, and however many runs were killed between them.
"""

from dataclasses import dataclass

MOST_PAGES = 200
"""Pages of one listing in one run: a listing that still shows what is not settled is left for the next run."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the reading of a listing has come with its page `number` (from 0), and what was asked for.

    keys are the stories on the page, seen those on the pages before it, unsettled those of keys that no run has
    settled. was_settled tells whether any run has read the listing to its end; met_settled whether a page before this
    one held only what is settled. has_next is None where the layout has no link to the next page. Of a listing that is
    unordered, not newest first, what is new may stand on any page.
    """

    number: int
    keys: frozenset[str]
    seen: frozenset[str]
    unsettled: frozenset[str]
    was_settled: bool
    met_settled: bool
    has_next: bool | None
    depth: int
    pages: int | None = None
    is_reaching_back: bool = False
    has_reached: bool = False
    is_unordered: bool = False

    @property
    def is_at_end(self) -> bool:
        """Whether the listing ends here: nothing on the page, nothing new (some repeat their last page), no link."""
        return self.keys <= self.seen or self.has_next is False

    @property
    def meets_settled(self) -> bool:
        """Whether what is settled has been reached."""
        return self.met_settled or (bool(self.keys) and not self.unsettled)

    @property
    def goes_on(self) -> bool:
        """Whether the next page is to be read."""
        read = self.number + 1
        if self.is_at_end:
            return False
        if self.is_unordered:
            return read < (self.pages or self.depth)
        if self.is_reaching_back:
            return not self.has_reached and (self.pages is None or read < self.pages)
        if self.pages is not None:
            return read < self.pages
        return not self.meets_settled and read < (MOST_PAGES if self.was_settled else self.depth)

    @property
    def settles(self) -> bool:
        """Whether what was read can be called settled, now that the reading stops.

        Not after reaching back to a day: what is older on the pages read was left out, and is not known.
        """
        if self.goes_on or self.is_reaching_back or self.is_unordered:
            return False
        deep_enough = not self.was_settled and self.number + 1 >= self.depth
        return self.is_at_end or self.meets_settled or deep_enough
