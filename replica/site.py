"""What every site of the replica can do, and what may be chosen of all of them at the start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from replica.exchange import Answer, Request
from replica.shelf import Shelf
from replica.story import Story
from replica.truth import Truth


@dataclass(frozen=True)
class Choices:
    """How the sites are set up.

    `crawl_delay` (seconds) stands in the Post's robots.txt; `robots` replaces whole robots.txt files by site; with
    `feeds` the Post's feeds answer; `stories` is how many generated stories the Post holds beside the written ones (the
    others hold a share); `sites` are the sites that are served and moved, all where it is empty; without `challenges`
    nobody is challenged. Pages are filled up to `weight` bytes around what they say.
    """

    crawl_delay: float | None = None
    robots: Mapping[str, str] = field(default_factory=dict)
    feeds: bool = False
    stories: int = 0
    sites: tuple[str, ...] = ()
    challenges: bool = True
    weight: int = 0


class Site(Protocol):
    """One site over its shelf of stories."""

    name: str
    shelf: Shelf

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""

    def answer(self, request: Request) -> Answer:
        """Answer one request, as if it were unconditional; the answer depends on the target alone."""

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story."""
