"""Writes the sketch of a site as the YAML file that describes it, with what a person should look at. Pure."""

from collections.abc import Iterable, Iterator

from crawler.survey.dateforms import AMBIGUOUS
from crawler.survey.patterns import Pattern
from crawler.survey.sketch import ListingSketch, Sketch


def quoted(text: str) -> str:
    """Return a text as a YAML scalar in single quotes, on one line."""
    one_line = " ".join(text.split())
    return "'" + one_line.replace("'", "''") + "'"


def written(sketch: Sketch) -> str:
    """Return the file. It loads as it is; its comments say where it is a guess."""
    return "\n".join((*_head(sketch), *_discovery(sketch), *_addresses(sketch), *_layout(sketch), ""))


def _head(sketch: Sketch) -> Iterator[str]:
    site = sketch.site
    language = sketch.front.language if sketch.front else ""
    yield f"# A first description of {site.title}, made by looking at a few of its pages. Every key is explained in"
    yield "# docs/sites.md. Look at what the comments name, then: tonle sources check " + site.name
    yield f"name: {site.name}"
    yield f"title: {quoted(site.title)}"
    yield f"home: {quoted(site.home)}"
    yield f"hosts: [{', '.join(map(quoted, site.hosts))}]"
    reason = sketch.zone_reason or "LOOK: nothing tells the zone in which the site writes its dates"
    yield f"zone: {sketch.zone}    # {reason}"
    yield f"language: {language or 'en'}" + ("" if language else "    # LOOK: no page declares one")
    yield ""
    yield "politeness:"
    yield "  delay: 5s"
    yield ""


def _discovery(sketch: Sketch) -> Iterator[str]:
    ways = [*_feeds(sketch), *_sitemap(sketch), *_listings(sketch)]
    if ways:
        yield "discovery:"
        yield from ways
    else:
        yield "# LOOK: no feed, sitemap or listing was found; without one nothing is crawled but what --url names."
        yield "discovery: []"
    yield ""


def _feeds(sketch: Sketch) -> Iterator[str]:
    for url in sketch.feeds:
        yield "  - via: feed"
        yield f"    url: {quoted(url)}"


def _sitemap(sketch: Sketch) -> Iterator[str]:
    if sketch.sitemap:
        yield "  - via: sitemap"
        yield f"    url: {quoted(sketch.sitemap.url)}"
        if sketch.sitemap.follow:
            words = "|".join(sketch.sitemap.follow)
            yield f"    follow: {quoted(f'(?i)/[^/]*({words})[^/]*$')}    # those that name articles"


def _listings(sketch: Sketch) -> Iterator[str]:
    told: set[str] = set()
    for listing in sketch.listings:
        further = listing.further
        url = further.url if further else listing.url
        if url not in told:
            told.add(url)
            yield from _listing(listing, url)


def _listing(listing: ListingSketch, url: str) -> Iterator[str]:
    form, further = listing.form, listing.further
    yield f"  - via: section       # showed {form.stories} articles"
    yield f"    url: {quoted(url)}"
    if listing.sections:
        yield f"    sections: [{', '.join(map(quoted, listing.sections))}]    # LOOK: which of them do you want?"
    if further:
        yield f"    first_page: {further.first_page}"
        yield "    pages: 3"
    else:
        yield "    pages: 1            # LOOK: no next page was found; write {page} into `url` if there is one"
    yield f"    card: {quoted(form.card)}"
    for key, selector in (("link", form.link), ("title", form.title), ("summary", form.summary)):
        if selector:
            yield f"    {key}: {quoted(selector)}"
    if form.date_format:
        yield "    date:"
        yield f"      select: {quoted(form.date_select)}"
        yield f"      formats: [{quoted(form.date_format)}]{_doubt(form.date_format)}"
    if further and further.select:
        yield f"    next: {quoted(further.select)}"


def _doubt(form: str) -> str:
    return "    # LOOK: is that the day or the month first?" if any(form.startswith(each) for each in AMBIGUOUS) else ""


def _addresses(sketch: Sketch) -> Iterator[str]:
    yield "addresses:"
    yield "  include:           # LOOK: does that fit all articles, and nothing else?"
    for pattern in sketch.patterns:
        yield f"    # as {_examples(pattern)}"
        yield f"    - {quoted(pattern.text)}"
    yield "  exclude:"
    yield f"    - {quoted(f'/({_joined(sketch.excluded)})(/|$)')}"
    yield ""


def _examples(pattern: Pattern) -> str:
    return " and ".join(pattern.examples)


def _joined(names: Iterable[str]) -> str:
    return "|".join(names)


def _layout(sketch: Sketch) -> Iterator[str]:
    design = sketch.design
    yield "layouts:"
    yield "  - name: first"
    if design is None:
        yield "    # LOOK: no element was found that holds the text of each article; these are the usual ones."
        yield "    title: 'h1'"
        yield "    body: ['[itemprop=articleBody]', 'article', 'main']"
        yield "    drop: ['h1', 'nav', 'form', 'button', 'figure', 'aside', 'footer']"
        return
    yield f"    when: {quoted(design.body)}"
    yield f"    title: {quoted(design.title or 'h1')}" + ("" if design.title else "    # LOOK: a guess")
    if design.byline:
        yield f"    byline: {quoted(design.byline)}"
    else:
        yield "    # LOOK: no byline was found; name it by `byline` if there is one"
    if design.date_format:
        yield "    date:"
        yield f"      select: {quoted(design.date_select)}"
        yield f"      formats: [{quoted(design.date_format)}]{_doubt(design.date_format)}"
        if design.has_moment and "%H" not in design.date_format and "%I" not in design.date_format:
            yield "      # The metadata tell the time of day too: without `date` they are taken. Are they right?"
    elif design.has_moment:
        yield "    # No visible date was found that holds for all articles: the metadata's is taken."
    else:
        yield "    # LOOK: no date was found; name it by `date` (select and formats)"
    yield f"    body: [{quoted(design.body)}]"
    yield f"    drop: [{', '.join(map(quoted, design.drop))}]    # LOOK: what else inside the body is not the article?"
