"""The three sites together: their stories, and how they move from one state to the next. No sockets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from replica.cambodia import HOST as CAMBODIA_HOST
from replica.cambodia import OhchrCambodia
from replica.cambodia import path_of as cambodia_path
from replica.editions import Edition, read_editions
from replica.generated import generated_story
from replica.ohchr import WWW, Ohchr
from replica.pages import Pages
from replica.post import PhnomPenhPost
from replica.story import Story, read_story

Site = PhnomPenhPost | Ohchr | OhchrCambodia
Moves = dict[str, dict[str, list[str]]]

# Edits happen this long before the replica's now, so that a crawler whose clock runs on sees no date to come.
_EDIT = timedelta(minutes=3)
_GENERATED = timedelta(minutes=2)


class City:
    """The sites by name, in their present state. Not thread-safe: the replica holds its lock."""

    def __init__(self, now: datetime, crawl_delay: float | None) -> None:
        if now.tzinfo is None:
            raise ValueError("the replica's now needs a time zone")
        self.pages = Pages()
        self.sites: dict[str, Site] = {}
        self._now = now.astimezone(UTC)
        self._advances = 0
        self._copied: dict[str, list[str]] = {}
        self._editions = read_editions()
        self._ohchr = Ohchr(self.pages, self._copies)
        post = PhnomPenhPost(self.pages, self._moment, crawl_delay)
        for site in (post, self._ohchr, OhchrCambodia(self.pages, self._www)):
            self.sites[site.name] = site
        for edition in self._numbered(0):
            self._apply(edition)

    def publish(self, site: str, entry: Mapping[str, object]) -> str:
        """Add one story in the form of the stories folder; return its path."""
        story = read_story(entry, self._now)
        if story.copy_of and not story.body.strip():
            full = self._ohchr.shelf.find(story.copy_of)
            if full is None:
                raise ValueError(f"{story.slug}: there is no story {story.copy_of!r} to copy")
            story = replace(story, body=full.story.body, notes=full.story.notes, ending=full.story.ending)
        self.sites[site].shelf.add(story)
        if story.copy_of:
            self._copied.setdefault(story.copy_of, []).append(CAMBODIA_HOST + cambodia_path(story))
        return self.sites[site].path_of(story)

    def advance(self) -> Moves:
        """Move to the next state and return the paths that changed, for each site."""
        self._advances += 1
        for site in self.sites.values():
            site.shelf.bury()
        moves: Moves = {name: {"published": [], "edited": [], "withdrawn": []} for name in self.sites}
        for edition in self._numbered(self._advances):
            _merge(moves[edition.site], self._apply(edition))
        if self._advances > max(edition.number for edition in self._editions):
            for name in self.sites:
                entry = generated_story(name, self._advances, self._now - _GENERATED)
                moves[name]["published"].append(self.publish(name, entry))
        return moves

    def _numbered(self, number: int) -> list[Edition]:
        """Return the editions of that number in the order of the sites: the country office, last, quotes www."""
        chosen = [edition for edition in self._editions if edition.number == number]
        return [edition for name in self.sites for edition in chosen if edition.site == name]

    def _apply(self, edition: Edition) -> dict[str, list[str]]:
        site = self.sites[edition.site]
        published = [self.publish(edition.site, entry) for entry in edition.stories]
        changed_at = self._moment() - _EDIT
        edited = []
        for edit in edition.edits:
            item = site.shelf.find(edit.slug)
            if item is None:
                raise ValueError(f"there is no story {edit.slug!r} to edit")
            edited.append(site.path_of(site.shelf.edit(edit.slug, edit.apply(item.story), changed_at).story))
        withdrawn = [site.path_of(site.shelf.withdraw(slug).story) for slug in edition.withdraw]
        return {"published": published, "edited": edited, "withdrawn": withdrawn}

    def _moment(self) -> datetime:
        return self._now

    def _www(self, slug: str) -> str:
        item = self._ohchr.shelf.find(slug)
        if item is None:
            raise ValueError(f"there is no story {slug!r} on {WWW}")
        return WWW + self._ohchr.path_of(item.story)

    def _copies(self, story: Story) -> list[str]:
        return self._copied.get(story.key, [])


def _merge(into: dict[str, list[str]], more: dict[str, list[str]]) -> None:
    for kind, paths in more.items():
        into[kind].extend(paths)
