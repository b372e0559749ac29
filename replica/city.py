"""The sites together: their stories, and how they move from one state to the next. No sockets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from replica.cambodia import HOST as CAMBODIA_HOST
from replica.cambodia import OhchrCambodia
from replica.cambodia import path_of as cambodia_path
from replica.conditional import revalidated
from replica.editions import Edition, read_editions
from replica.exchange import Answer, Request
from replica.generated import generated_story, past_stories
from replica.mekong import MekongRightsJournal
from replica.memo import Memo
from replica.ohchr import WWW, Ohchr
from replica.pages import Pages
from replica.post import PhnomPenhPost
from replica.post_khmer import PostKhmer
from replica.site import Choices, Site
from replica.story import Story, read_story
from replica.truth import DocumentTruth
from replica.weight import weighted

Moves = dict[str, dict[str, list[str]]]

# Edits happen this long before the replica's now, so that a crawler whose clock runs on sees no date to come.
_EDIT = timedelta(minutes=3)
_GENERATED = timedelta(minutes=2)
# From this advance on each site publishes a generated story.
_FIRST_GENERATED = 2


class City:
    """The sites by name, in their present state. Not thread-safe: the replica holds its lock."""

    def __init__(self, now: datetime, choices: Choices) -> None:
        if now.tzinfo is None:
            raise ValueError("the replica's now needs a time zone")
        self.pages = Pages()
        self._now = now.astimezone(UTC)
        self._advances = 0
        self._copied: dict[str, list[str]] = {}
        self._robots = dict(choices.robots)
        self._memo = Memo()
        self._weight = choices.weight
        self._editions = read_editions()
        self._ohchr = Ohchr(self.pages, self._moment, self._copies, challenges=choices.challenges)
        self.sites: dict[str, Site] = {}
        for site in self._built(choices):
            self.sites[site.name] = site
        self.served = choices.sites or tuple(self.sites)
        for name in (*self.served, *choices.robots):
            self.site(name)
        self._fill(choices.stories)

    def _built(self, choices: Choices) -> tuple[Site, ...]:
        return (
            PhnomPenhPost(self.pages, self._moment, choices),
            self._ohchr,
            OhchrCambodia(self.pages, self._moment, self._www),
            PostKhmer(self.pages),
            MekongRightsJournal(self.pages, self._moment),
        )

    def _fill(self, stories: int) -> None:
        for edition in self._numbered(0):
            self._apply(edition)
        for name, site in self.sites.items():
            for entry in past_stories(name, stories, self._now):
                self.publish(name, entry)
            site.shelf.settle()

    def site(self, name: str) -> Site:
        """Return a site; raises ValueError where there is none of that name."""
        if name not in self.sites:
            raise ValueError(f"no such site: {name!r}")
        return self.sites[name]

    def answer(self, name: str, request: Request) -> Answer:
        """Answer one request to a site."""
        if request.path == "/robots.txt" and name in self._robots:
            return Answer.text(self._robots[name])
        site = self.sites[name]
        made = self._memo.get(name, request.target, lambda: weighted(site.answer(request), self._weight))
        return revalidated(request, made)

    def set_robots(self, site: str, text: str | None) -> None:
        """Replace a site's robots.txt; None gives it its own again."""
        self.site(site)
        self._robots.pop(site, None)
        if text is not None:
            self._robots[site] = text

    def publish(self, site: str, entry: Mapping[str, object]) -> str:
        """Add one story in the form of the stories folder; return its path."""
        story = read_story(entry, self._now)
        if story.copy_of and not story.body.strip():
            full = self._ohchr.shelf.find(story.copy_of)
            if full is None:
                raise ValueError(f"{story.slug}: there is no story {story.copy_of!r} to copy")
            story = replace(story, body=full.story.body, notes=full.story.notes, ending=full.story.ending)
        self.site(site).shelf.add(story)
        self._memo.clear()
        if story.copy_of:
            self._copied.setdefault(story.copy_of, []).append(CAMBODIA_HOST + cambodia_path(story))
        return self.sites[site].path_of(story)

    def withdraw(self, site: str, key: str) -> str:
        """Take a story off a site; return its path."""
        self._memo.clear()
        return self.site(site).path_of(self.sites[site].shelf.withdraw(key).story)

    def restore(self, site: str, key: str) -> str:
        """Bring a withdrawn story back; return its path."""
        self._memo.clear()
        return self.site(site).path_of(self.sites[site].shelf.restore(key).story)

    def advance(self) -> Moves:
        """Move to the next state and return the paths that changed, for each site that is served."""
        self._advances += 1
        self._memo.clear()
        for site in self.sites.values():
            site.shelf.bury()
        moves: Moves = {name: {"published": [], "edited": [], "withdrawn": [], "restored": []} for name in self.sites}
        for edition in self._numbered(self._advances):
            _merge(moves[edition.site], self._apply(edition))
        if self._advances >= _FIRST_GENERATED:
            for name in self.sites:
                entry = generated_story(name, self._advances, self._now - _GENERATED)
                moves[name]["published"].append(self.publish(name, entry))
        return {name: moves[name] for name in self.served}

    def documents(self) -> list[DocumentTruth]:
        """Return the truth of the files that pages of www.ohchr.org link."""
        return self._ohchr.documents()

    def _numbered(self, number: int) -> list[Edition]:
        """Return the editions of that number in the order of the sites: the country office quotes www before it."""
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
        withdrawn = [self.withdraw(edition.site, slug) for slug in edition.withdraw]
        restored = [self.restore(edition.site, slug) for slug in edition.restore]
        return {"published": published, "edited": edited, "withdrawn": withdrawn, "restored": restored}

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
