"""A site as data: where its items are found, how its pages look, how politely it is asked.

One YAML file a site; docs/sites.md explains every key. Nothing here fetches or parses a page.
"""

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator, SelectorError
from pydantic import AfterValidator, Field, model_validator

from core.errors import ConfigError
from core.strict import Duration, Strict, read_yaml
from core.words import Words


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value or "*")
    except SelectorError as error:
        raise ValueError(f"not a CSS selector: {error}") from error
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone; write it like Asia/Phnom_Penh") from error
    return value


def _web_address(value: str) -> str:
    if not re.fullmatch(r"(?i:https?)://[^/\s?#]+[^\s?#]*", value):
        raise ValueError("write a web address like https://www.example.org, without query")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"not a web address that can be read: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user name or password may not stand in a web address")
    if port == 0:
        raise ValueError("a port is a number from 1 to 65535")
    place = _host(parts) + ("" if port in {None, _PORTS[parts.scheme]} else f":{port}")
    return urlunsplit((parts.scheme, place, parts.path, "", "")).rstrip("/")


def _host(parts: SplitResult) -> str:
    """Return the host as crawled pages will name it, a name in any script as it goes over the wire."""
    # Addresses are compared as text: whoever left a capital in the host would find no page to stand on the site.
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host)}]"
    try:
        encoded = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{host!r} is no name of a host") from error
    if not re.fullmatch(r"[a-z0-9_.-]+", encoded):
        raise ValueError(f"{host!r} is no name of a host")
    return encoded


_PORTS = {"http": 80, "https": 443}
_PLACE = re.compile(r"\{(\w+)\}")


Selector = Annotated[str, AfterValidator(_selector)]
ZoneName = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class DateFormat(Strict):
    """Where a page or a card says when, and how it writes it (formats of Python's strptime, tried in turn)."""

    select: Selector = ""
    formats: tuple[str, ...]


class Feed(Strict):
    """An RSS or Atom feed."""

    via: Literal["feed"]
    url: str


class Sitemap(Strict):
    """A sitemap or an index of sitemaps; of an index only those whose address matches `follow` are read.

    Of each sitemap the `most` newest entries count: some hold every story since the site began.
    """

    via: Literal["sitemap"]
    url: str
    follow: re.Pattern[str] = re.compile("")
    most: int = Field(default=300, ge=1)


class Cards(Strict):
    """Listing pages on which each card is a story; url may hold {page}.

    Without `next` a listing ends at its first page without cards; with it, where that link is missing. is_relevant
    says that the listing holds only what concerns us, whatever the site's relevance asks.
    """

    url: str
    first_page: int = 0
    pages: int = Field(default=3, ge=1)
    card: Selector
    link: Selector = ""
    title: Selector = ""
    summary: Selector = ""
    date: DateFormat | None = None
    next: Selector = ""
    is_relevant: bool = False


class Section(Cards):
    """Listings, newest first, one for each of `sections`; url may hold {section}."""

    via: Literal["section"]
    sections: tuple[str, ...] = ("",)

    @model_validator(mode="after")
    def _has_the_parts(self) -> Self:
        if self.sections != ("",) and "{section}" not in self.url:
            raise ValueError("`url` must hold {section} where `sections` are given")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What stands in place of {section}, one a listing."""
        return self.sections


class Search(Cards):
    """The site's own search, asked for each of `keywords`; url holds {keyword}.

    Its results come in an order of the site's own, so all of its `pages` are read each time.
    """

    via: Literal["search"]
    keywords: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _has_the_parts(self) -> Self:
        if "{keyword}" not in self.url:
            raise ValueError("`url` must hold {keyword}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What stands in place of {keyword}, one a listing."""
        return self.keywords


Discovery = Annotated[Feed | Sitemap | Section | Search, Field(discriminator="via")]


class Relevance(Words):
    """What of a site is wanted.

    By `listing`: only what its listings' words meet is fetched. By `text`: all is fetched, and kept where the listing's
    words, the title or the text meet it.
    """

    by: Literal["listing", "text"] = "text"


class Documents(Strict):
    r"""Files that belong to an article, by the links in its text: reports as PDF.

    An `include` pattern must match the whole path, or path and query where it holds `\?`. hosts are servers of their
    own that hold such files; a mirror or replica stands for them too.
    """

    include: tuple[re.Pattern[str], ...] = ()
    hosts: tuple[str, ...] = ()


class Layout(Strict):
    """How the pages of one generation look. It fits where `when` is found, and each of `when_text` is a line.

    Layouts valid on the day of the fetch (from <= day < until) are tried first. tags finds the elements that hold a tag
    each. body lists selectors, of which the
    first that is found counts; drop lists what inside the body is not the article; drop_text the lines that are
    furniture wherever they stand; starts_after_date drops the lines of the body up to the page's date line, ends_at
    the line that it matches and all below; notes_after is the line after which notes begin; byline_text a line that
    names the author (group `name`). All these are regular expressions that a whole line must match; paywall is found
    in the line that, inside the body, says that only the beginning of the article is there.
    """

    name: str
    from_: date = Field(default=date.min, alias="from")
    until: date = date.max
    when: Selector = "body"
    when_text: tuple[re.Pattern[str], ...] = ()
    title: Selector = ""
    byline: Selector = ""
    byline_text: re.Pattern[str] | None = None
    date: DateFormat | None = None
    section: Selector = ""
    tags: Selector = ""
    body: tuple[Selector, ...] = Field(min_length=1)
    drop: tuple[Selector, ...] = ()
    drop_text: tuple[re.Pattern[str], ...] = ()
    starts_after_date: bool = False
    ends_at: re.Pattern[str] | None = None
    notes_after: re.Pattern[str] | None = None
    paywall: re.Pattern[str] | None = None


class Addresses(Strict):
    r"""Which addresses are articles.

    An `include` pattern must match the whole path (path and query where it holds `\?`), an `exclude` pattern its
    beginning. Named groups language, section and slug say what the address tells; identity `slug` makes the slug
    alone the story's identity.
    """

    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...] = ()
    identity: Literal["path", "slug"] = "path"

    @model_validator(mode="after")
    def _slug_is_named(self) -> Self:
        if self.identity == "slug" and any("slug" not in pattern.groupindex for pattern in self.include):
            raise ValueError("every `include` pattern must name a group (?P<slug>…) where identity is slug")
        return self


class Politeness(Strict):
    """How a site is asked: the least wait between two requests to a host; robots.txt may ask for more."""

    delay: Duration = Field(default="5s", validate_default=True)


class PlainText(Strict):
    """How texts copied from this site look without markup: its masthead and the lines that are furniture."""

    masthead: tuple[re.Pattern[str], ...] = ()
    picture_line: tuple[re.Pattern[str], ...] = ()
    drop_line: tuple[re.Pattern[str], ...] = ()


class Site(Strict):
    """A source. base is where it is fetched from: `home`, or the base_url that config.yaml puts in its place.

    since is the day of the oldest article on the site: no article of it has an earlier date.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    home: WebAddress
    hosts: tuple[str, ...]
    zone: ZoneName
    language: str
    kinds: dict[str, str] = Field(default_factory=dict)
    relevance: Relevance | None = None
    documents: Documents = Documents()
    politeness: Politeness = Politeness()
    discovery: tuple[Discovery, ...]
    addresses: Addresses
    layouts: tuple[Layout, ...]
    front_page: Selector = ""
    plain_text: PlainText = PlainText()
    since: date = date.min
    base: WebAddress = Field(default="", exclude=True, validate_default=False)

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if not self.base:
            object.__setattr__(self, "base", self.home)
        return self

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which the site writes its dates."""
        return ZoneInfo(self.zone)

    def may_date(self, moment: datetime) -> bool:
        """Return whether an article of the site can be of a moment: not of a day before `since`, in the site's zone."""
        return self.since == date.min or moment.astimezone(self.tz).date() >= self.since

    @property
    def is_stand_in(self) -> bool:
        """Whether a mirror or a replica is asked instead of the site itself."""
        return self.base != self.home

    @property
    def fingerprint(self) -> str:
        """What this form of the site is known by: another file, or another base, reads its pages otherwise."""
        written = self.model_dump_json(exclude={"politeness"}) + self.base
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    def at(self, base_url: str, delay: timedelta | None = None, pages: int | None = None) -> "Site":
        """Return this site as it is reached at another base address (`http://127.0.0.1:8000`, a mirror).

        delay and pages go before what the site's file says of its politeness and the depth of its listings.
        """
        politeness = self.politeness if delay is None else Politeness.model_construct(delay=delay)
        discovery = tuple(
            way.model_copy(update={"pages": pages}) if pages and isinstance(way, Cards) else way
            for way in self.discovery
        )
        update = {"base": base_url.rstrip("/"), "politeness": politeness, "discovery": discovery}
        return self.model_copy(update=update)

    def asking(
        self, options: Mapping[str, str], keywords: Sequence[str] = (), relevance: Relevance | None = None
    ) -> "Site":
        """Return this site with what its user wants of it.

        options fill the places in the addresses of listings that are left open (`{place}`); a way of which one stays
        open is left out, and so is a search without keywords. relevance takes the place of the file's.
        """
        filled = (_filled(way, options, keywords) for way in self.discovery)
        update = {"discovery": tuple(way for way in filled if way), "relevance": relevance}
        return self.model_copy(update=update)


def _filled(way: Discovery, options: Mapping[str, str], keywords: Sequence[str]) -> Discovery | None:
    """Return a way of discovery with its open places filled, None if it cannot be used without more."""
    url = way.url
    for name in open_places(way):
        if name not in options:
            return None
        url = url.replace(f"{{{name}}}", quote(options[name], safe=""))
    if isinstance(way, Search):
        asked = tuple(dict.fromkeys((*way.keywords, *keywords)))
        return way.model_copy(update={"url": url, "keywords": asked}) if asked else None
    return way.model_copy(update={"url": url})


def open_places(way: Discovery) -> tuple[str, ...]:
    """Return what config.yaml must name for a way of discovery to be used: the names in braces that are its own."""
    return tuple(name for name in _PLACE.findall(way.url) if name not in {"section", "page", "keyword"})


def unknown_site() -> Site:
    """Return the stand-in for the site of an imported page or text of which nothing is known."""
    return Site(
        name="imported",
        title="Imported",
        home="https://imported.invalid",
        hosts=(),
        zone="UTC",
        language="",
        discovery=(),
        addresses=Addresses(include=()),
        layouts=(),
    )


def load_sites(*folders: Path) -> dict[str, Site]:
    """Return the sites that the YAML files of some folders describe, by name; a folder that is missing holds none.

    Raises ConfigError for a file that is wrong, whose name is not that of its site, or whose site another folder has.
    """
    sites: dict[str, Site] = {}
    read: dict[str, Path] = {}
    for path in (path for folder in dict.fromkeys(folders) for path in sorted(folder.glob("*.yaml"))):
        site = read_yaml(Site, path)
        if site.name != path.stem:
            raise ConfigError(f"`name` is {site.name}, but the file is called {path.name}", path, 1)
        if site.name in sites:
            problem = f"there is a site {site.name} already, in {read[site.name]}: give one of them another name"
            raise ConfigError(problem, path, 1)
        sites[site.name], read[site.name] = site, path
    return sites
