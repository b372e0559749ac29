"""Where the page is kept that an article was read from: a link to its replay, or the command that gives it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from notify.phrases import bounded


@dataclass(frozen=True, slots=True)
class Kept:
    """An archived page: its address in the replay, or, where that is empty, the command that prints it."""

    url: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """What is known of archived pages: address and time by article, and the public address of their replay, or none."""

    pages: Mapping[int, tuple[str, datetime]] = field(default_factory=dict)
    replay: str = ""

    def kept(self, article_id: int) -> Kept | None:
        """Return where the page of an article is kept, None where it is not.

        The address is that of a Memento: the replay, the time of fetching in UTC, the page's own address.
        """
        page = self.pages.get(article_id)
        if page is None:
            return None
        url, at = page
        link = bounded(f"{self.replay.rstrip('/')}/{at.astimezone(UTC):%Y%m%d%H%M%S}/{url}") if self.replay else ""
        return Kept(link) if link else Kept(command=f"tonle page {article_id}")
