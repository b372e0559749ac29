"""Feeds of the newest stories, of all and of each rule: Atom and JSON Feed files for whoever may read the folder.

headlines (storage) → Item, a story as a feed tells of it → Feed → bytes (feed_forms) → files, where they changed

A feed gives lead and passage of a text, which is what one may quote of it: whoever wants the text follows the link.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from core.config import Config
from core.errors import StorageError
from core.folders import make_folder
from core.model import Article, Match
from core.text import shortened
from notify.composing import reader_of, versions_of
from notify.entry import Beside, entry
from notify.feed_forms import ATOM, Feed, Item, Quotation, atom, json_feed
from notify.marked import stretches
from notify.phrases import Reader, visible, words
from notify.versions import Versions
from notify.whole import write_whole
from storage.store import Corpus, Store

ALL = "all"
RULE = "rule-"
AUTHORITY = "tonle.invalid"
"""Who names the entries where the feeds have no public address: a host that is nobody's (RFC 2606)."""
_SINCE = "2026"
"""A tag names its authority by a day on which it was that (RFC 4151); to change it would make every entry a new one."""

_NAME_OF_AUTHORITY = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ENDINGS = (".atom.xml", ".json")
_STATE = ".state"
_READABLE, _OPEN = 0o644, 0o755
_PASSAGES = 3
_AUTHORS, _AUTHOR = 10, 160
_SECTION = 100


@dataclass(frozen=True, slots=True)
class FeedsReport:
    """What became of the feeds in a folder: files that were written, or were so already, and those of no rule."""

    folder: Path
    written: tuple[Path, ...] = ()
    unchanged: tuple[Path, ...] = ()
    left: tuple[Path, ...] = ()


def write_feeds(store: Store, config: Config, titles: Mapping[str, str], now: datetime) -> FeedsReport:
    """Write the feeds whose content changed, if `feeds.enabled`; a file is replaced whole, others stay untouched.

    Files of rules that are no more stay too: a reader may still ask for them. Raises StorageError.
    """
    folder = config.data / config.feeds.folder
    if not config.feeds.enabled:
        return FeedsReport(folder)
    stamp = _stamp(config, titles)
    try:
        if stamp and (report := _still_so(folder, config, stamp)):
            return report
        with store.reading() as corpus:
            feeds = compose_feeds(corpus, config, titles)
        return _written(config, feeds, now, stamp)
    except OSError as error:
        raise StorageError(f"The feeds cannot be written into {folder}: {error.strerror or error}.") from error


def _written(config: Config, feeds: Iterable[Feed], now: datetime, stamp: str) -> FeedsReport:
    folder, data = config.data / config.feeds.folder, config.data
    written: list[Path] = []
    unchanged: list[Path] = []
    _open_to_readers(folder, data)
    for feed in feeds:
        for path, content in _files(folder, feed, config.feeds.url, now):
            is_known = path.is_file() and path.read_bytes() == content
            (unchanged if is_known else written).append(path)
            if not is_known:
                write_whole(path, content, _READABLE, data)
    write_whole(folder / _STATE, stamp.encode(), within=data)
    return FeedsReport(folder, tuple(written), tuple(unchanged), _left(folder, {*written, *unchanged}))


def _stamp(config: Config, titles: Mapping[str, str]) -> str:
    """Return what the feeds are made from, in brief: settings, and when the corpus was last written to by anybody.

    It is asked before the corpus is: what is written meanwhile makes another stamp. Empty where there is no such file.
    """
    if not config.corpus.is_file():
        return ""
    log = config.corpus.with_name(f"{config.corpus.name}-wal")
    found = [path.stat() for path in (config.corpus, log) if path.exists()]
    files = [(each.st_ino, each.st_size, each.st_mtime_ns) for each in found]
    rules = [rule.name for rule in config.rules]
    made_from = (files, rules, config.feeds.model_dump_json(), config.digest.zone, sorted(titles.items()))
    return hashlib.sha256(repr(made_from).encode()).hexdigest()


def _still_so(folder: Path, config: Config, stamp: str) -> FeedsReport | None:
    """Return that all is as it was, if it is: most looks of a daemon find that nobody wrote to the corpus since."""
    names = [ALL, *(RULE + rule.name for rule in config.rules)]
    current = tuple(folder / f"{name}{ending}" for name in names for ending in _ENDINGS)
    state = folder / _STATE
    if not state.is_file() or state.read_text(encoding="utf-8") != stamp or not all(path.is_file() for path in current):
        return None
    return FeedsReport(folder, unchanged=current, left=_left(folder, set(current)))


def _open_to_readers(folder: Path, data: Path) -> None:
    if not folder.is_dir():
        make_folder(folder, data)
        folder.chmod(_OPEN)


def compose_feeds(corpus: Corpus, config: Config, titles: Mapping[str, str]) -> tuple[Feed, ...]:
    """Return the feed of all stories, then one for each rule, with what the corpus knows now."""
    rules = [rule.name for rule in config.rules]
    newest = corpus.headlines.newest(config.feeds.entries)
    by_rule = corpus.headlines.by_rule(rules, config.feeds.entries)
    items = _items(corpus, {*newest, *(each for ids in by_rule.values() for each in ids)}, config, titles)
    names = [(ALL, "tonle: all stories", newest)]
    names += [(RULE + rule, f"tonle: {rule}", by_rule.get(rule, ())) for rule in rules]
    return tuple(
        Feed(name, _tag(config.feeds.url, f"feeds/{name}"), title, tuple(items[each] for each in ids))
        for name, title, ids in names
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the items are made from: matches by the article that met a rule, and the rules in the order of config."""

    reader: Reader
    versions: Versions
    matches: Mapping[int, Sequence[Match]]
    rules: Sequence[str]
    url: str | None


def _items(corpus: Corpus, ids: set[int], config: Config, titles: Mapping[str, str]) -> dict[int, Item]:
    articles = corpus.articles.by_ids(sorted(ids))
    versions = versions_of(corpus, sorted(ids))
    concerned = {*ids, *(each.article_id for story in versions.of_article.values() for each in story)}
    matches = defaultdict[int, list[Match]](list)
    for match in corpus.matches.of_articles(sorted(concerned)):
        matches[match.article.id].append(match)
    rules = [rule.name for rule in config.rules]
    known = _Known(reader_of(config, titles), versions, matches, rules, config.feeds.url)
    return {article.id: _item(article, known) for article in articles.values()}


def _item(article: Article, known: _Known) -> Item:
    """Return a story as a feed tells of it; its id is that of its first article, which no later version takes away."""
    story = known.versions.of_article.get(article.id, ())
    told = entry(article, known.reader, Beside(others=known.versions.others(article.id, story)))
    met = _met(article.id, [version.article_id for version in story], known)
    quotations = tuple(
        Quotation(rule, words(match.passage.text, match.article.language), tuple(stretches(match.passage)))
        for rule, match in list(met.items())[:_PASSAGES]
    )
    section = shortened(visible(article.section), _SECTION)
    return Item(
        id=_tag(known.url, f"stories/{min([article.id, *(version.article_id for version in story)])}"),
        told=told,
        authors=tuple(_authors(article)) or (told.source,),
        updated=_updated(article),
        published=article.published_at,
        rules=tuple(met),
        section=section,
        quotations=quotations,
    )


def _met(article_id: int, versions: Sequence[int], known: _Known) -> dict[str, Match]:
    """Return the rules that a story met, each with a match, of the article itself where it has one."""
    own_first = dict.fromkeys((article_id, *versions))
    found: dict[str, Match] = {}
    for match in (match for each in own_first for match in known.matches.get(each, ())):
        found.setdefault(match.rule, match)
    return {rule: found[rule] for rule in known.rules if rule in found}


def _authors(article: Article) -> Iterable[str]:
    shown = (shortened(visible(author), _AUTHOR) for author in article.authors)
    return list(filter(None, dict.fromkeys(shown)))[:_AUTHORS]


def _updated(article: Article) -> datetime:
    """Return when a text became what is told of it: its newest revision was read, or it was withdrawn."""
    moments = (article.fetched_at, article.gone_since, article.published_at)
    return max(moment for moment in moments if moment is not None)


def _tag(url: str | None, thing: str) -> str:
    """Return the name of a thing for ever (RFC 4151): under the host of the feeds' address, or under nobody's."""
    host = (urlsplit(url).hostname if url else None) or AUTHORITY
    authority = host if _NAME_OF_AUTHORITY.fullmatch(host) else AUTHORITY
    return f"tag:{authority},{_SINCE}:tonle/{thing}"


def _files(folder: Path, feed: Feed, url: str | None, now: datetime) -> Iterator[tuple[Path, bytes]]:
    path = folder / f"{feed.name}{_ENDINGS[0]}"
    address = f"{url}/{feed.name}" if url else ""
    empty_since = now if feed.items else _empty_since(path) or now
    yield path, atom(feed, address and address + _ENDINGS[0], empty_since)
    yield folder / f"{feed.name}{_ENDINGS[1]}", json_feed(feed, address and address + _ENDINGS[1])


def _empty_since(path: Path) -> datetime | None:
    """Return the time that an Atom file gives itself: what is empty is no newer than it was. None: there is no file."""
    if not path.is_file():
        return None
    try:
        root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
        return datetime.fromisoformat(root.findtext(f"{{{ATOM}}}updated") or "").astimezone(UTC)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _left(folder: Path, current: set[Path]) -> tuple[Path, ...]:
    """Return the files of rules that are no more."""
    found = (path for ending in _ENDINGS for path in folder.glob(f"{RULE}*{ending}"))
    return tuple(sorted(path for path in found if path not in current))
