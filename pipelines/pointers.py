"""Lines within an article that point away from it: to another story, or to what a site asks of its readers.

Told block by block, since text between line breaks has no element of its own. Each rule goes by where a link stands in
its line and what is left of the line without it, never by names. A sentence that a link ends keeps its stop, and stays.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from core.text import tidy
from pipelines.blocks import CELLS, HEADINGS, Block
from pipelines.boxes import Run
from pipelines.fine import has_words, is_fine
from pipelines.leads import HEADLINE, KICKER, TEASER, is_own_page, outside
from pipelines.phrases import LABEL, READ_MORE

_LEADS = "leads to another story"
_LABEL = 60  # characters before a headline: For more on this, see
_LONGEST = 300  # characters of a headline with its label
_STOPS = (".", "!", "?", "…", "”", '"', "»", "។", "៕", "。", "؟", "۔", ";", ",", "’", "'")
_COLONS = (":", "៖", "：", "–", "—", "|", "»")
_DATED = re.compile(r"\s*\([^()]{1,24}\)$")  # a day, or a page
_GOES_ON = re.compile(r"(?:…|\.{3}|[→»›>\]]{1,3})\W*$")
_ASK_PATH = re.compile(
    r"(?i)(?:^|/)(?:donat\w*|give|giving|gifts?|subscri\w*|abonn\w*|membership|members?|support(?:-us)?|newsletters?"
    r"|lettres?|petitions?|sign-?up|join(?:-us)?|contribute|soutenir|faire-un-don|dons?|take-action|shop|store|appeal)"
    r"(?:\.\w+)?(?:/|$)"
)
_ASK = 320  # characters
_IMPERATIVE = re.compile(
    r"(?:^|[.!?…]\s+)(?:Please )?(?:(?:Sign|Stand|Join|Share|Support|Help|Give|Donate|Subscribe|Follow|Send|Tell"
    r"|Chip in|Get|Download|Register|Add your)\b(?!-| (?:of|for|from|at|prices?|came|comes?|is|was|are|were|has|had"
    r"|will|grows|lines?|language|and)\b)|[A-ZÀ-Ý]\w+ez\b|تابعو|اشترك|انضمو|شارك|សូម)"
)
_COLOUR = re.compile(r"(?i)(?:^|;)\s*color\s*:")
_EMPHASIS = frozenset({"strong", "b", "em", "i", "u", "font"})
_LEAST_ITEMS = 2
_LEAST_ABOVE = 2  # paragraphs of the article, above a list of other stories in the form of paragraphs
_MOST_PROSE = 0.3  # of a page's, in lists that nothing stands over
_MOST_BELOW = 0.55  # of a page's, in lists below a heading
_BULLET = re.compile(r"^(?:\W|\d{1,2}[.)]\s)*")
_PARTED = re.compile(r"^\s*[.:–—|-]\s*(?=[A-Z“\"\u0600-\uffff])")


def pointers_in(run: Run) -> Iterator[tuple[Block, str]]:
    """Yield the lines of a page that point away from its article, each with the rule that says so."""
    found = dict(_lines(run))
    yield from found.items()
    yield from ((block, "heading of a list") for block in _labels(run, found))
    yield from ((block, "summaries of other stories") for block in _digests(run))
    yield from ((block, "caption of a picture") for block in _captions(run))


def _captions(run: Run) -> Iterator[Block]:
    """Yield the lines of fine print right below a picture, in an element with lines of text."""
    told = set()
    for picture in run.tree.iter("img"):
        after = picture.getnext()
        while after is not None and after.tag == "br" and not has_words(after.tail):
            after = after.getnext()
        holder = picture.getparent()
        is_alone = after is not None and after.tag in _EMPHASIS and not has_words(after.tail)
        if after is not None and is_alone and (is_fine(after) or after.get("color")):
            told.add((holder, tidy(after.text_content())))
    yield from (block for block in run.blocks if told and (block.element, block.text) in told)


def _labels(run: Run, found: Mapping[Block, str]) -> Iterator[Block]:
    """Yield the short lines that stand over lines which lead to other stories, in one element with them."""
    for index, (above, below) in enumerate(pairwise(run.blocks)):
        is_led = found.get(above) == _LEADS and above.element.tag in HEADINGS and below.element.tag in HEADINGS
        if is_led and below.is_prose and not below.anchors:
            yield below
        if above.element is below.element and found.get(below) == _LEADS and above not in found and _is_heading(above):
            yield above
            yield from _teasers(run.blocks, found, index + 1)


def _teasers(blocks: Sequence[Block], found: Mapping[Block, str], first: int) -> Iterator[Block]:
    """Yield the summaries in a list below a heading, in which each headline has one below it."""
    teasers: list[Block] = []
    for head, below in zip(blocks[first::2], blocks[first + 1 :: 2], strict=False):
        is_pair = found.get(head) == _LEADS and below not in found and len(below.text) <= TEASER
        if not is_pair or below.element is not blocks[first].element:
            break
        teasers.append(below)
    if len(teasers) >= _LEAST_ITEMS:
        yield from teasers


def _lines(run: Run) -> Iterator[tuple[Block, str]]:
    for block in run.blocks:
        if not block.anchors:
            if asks(block):
                yield block, "asks readers"
        elif block.element.tag == "tr" or (block.element.tag in CELLS and run.weights[block.element].count == 1):
            continue
        elif leads_on(block, run) or _is_cut_summary(block, run):
            yield block, _LEADS
        elif asks(block):
            yield block, "asks readers"


# A headline at the end of a line: For more on this, see HEADLINE; [Video: HEADLINE].


def leads_on(block: Block, run: Run) -> bool:
    """Return whether a line ends with the headline of another story, a link, with no more than a label before it."""
    if len(block.text) > _LONGEST or (block.text.endswith(_STOPS) and not _is_labelled_note(block)):
        return False
    if block.text[0] in "([" and block.text[-1] in ")]" and 2 * block.linked > block.letters:
        return any(map(run.leads_away, _links(block.anchors)))
    words = block.words[-1]
    is_title = len(words) >= 2 * HEADLINE and not words.endswith(_STOPS) and not words[:1].islower()
    if not is_title or has_words(_DATED.sub("", block.text).rpartition(words)[2]):
        return False
    label = outside(block)
    if block.element.tag == "li" and label and not (READ_MORE.fullmatch(label) or label.endswith(_COLONS)):
        return False
    is_short = len(label) <= _LABEL and 2 * len(label) <= len(block.text)
    return is_short and all(run.leads_away(link) or is_own_page(link) for link in _links(block.anchors))


def _is_labelled_note(block: Block) -> bool:
    """Return whether a line in letters that are not the text's is a label and a link: its stop is the line's then."""
    label = outside(block).rstrip(" .")
    return label.endswith(_COLONS) and 2 * len(label) <= len(block.text) and _is_set_off(block)


def _is_cut_summary(block: Block, run: Run) -> bool:
    """Return whether a line is a summary that goes on elsewhere: it ends with a link, and that with an ellipsis."""
    words = block.words[-1]
    if len(block.anchors) != 1 or len(words) > KICKER or len(block.text) > TEASER or not _GOES_ON.search(words):
        return False
    return (
        block.text.endswith(words) and len(block.text) > len(words) and all(map(run.leads_away, _links(block.anchors)))
    )


# What a site asks of its readers.


def asks(block: Block) -> bool:
    """Return whether a line asks readers for something: set off from the text, or with a link to where they give it."""
    if len(block.text) > _ASK or block.element.tag in {*HEADINGS, "li", "h1"} or block.text.endswith(("”", '"', "»")):
        return False
    if _is_framed(block):
        return True
    if block.anchors:
        words = block.words[-1]
        is_last = bool(words) and words[:1].isupper() and not has_words(block.text.rpartition(words)[2])
        before = block.text.rpartition(words)[0].rstrip()
        is_sentence = not before or before.endswith((".", "!", "?", ":", "…", "|", "–", "—"))
        return is_last and is_sentence and _ASK_PATH.search(urlsplit_path(block.anchors[-1].get("href"))) is not None
    return _IMPERATIVE.search(block.text) is not None and _is_set_off(block)


def urlsplit_path(link: object) -> str:
    """Return the path of an address; empty where it has none."""
    try:
        return urlsplit(str(link or "")).path
    except ValueError:
        return ""


def _is_framed(block: Block) -> bool:
    """Return whether a paragraph stands between two rules, in letters that are not the text's."""
    before, after = block.element.getprevious(), block.element.getnext()
    is_ruled = before is not None and after is not None and before.tag == after.tag == "hr"
    return is_ruled and block.element.tag == "p" and _is_set_off(block)


def _is_set_off(block: Block) -> bool:
    """Return whether all words of a paragraph are set bold, slanted or in colour; those of a link as they may.

    A paragraph that is a link alone is none.
    """
    element = block.element
    if element.tag == "p" and _COLOUR.search(element.get("style") or ""):
        return True
    inner = [child for child in element if has_words("".join(child.itertext()))]
    is_bare = not has_words(element.text) and not any(has_words(child.tail) for child in element)
    inner = [child for child in inner if child.tag != "a"]
    return is_bare and bool(inner) and all(_is_emphasis(child) for child in inner)


def _is_emphasis(element: object) -> bool:
    tag, style = getattr(element, "tag", ""), str(getattr(element, "get", lambda _: "")("style") or "")
    if tag == "font" and not element.get("color"):  # type: ignore[attr-defined]
        return False  # old pages set all their text in a face and size
    return tag in _EMPHASIS or (tag == "span" and re.search(r"(?i)color|bold|italic", style) is not None)


# Paragraphs that are each another story: its headline, bold or a link, a sentence on it, and where it stands.


def _digests(run: Run) -> Iterator[Block]:
    """Yield runs of summaries of other stories, with the heading over them."""
    blocks = run.blocks
    whole = sum(len(block.text) for block in blocks if block.is_prose)
    above = prose = 0
    index = 0
    while index < len(blocks):
        end = index
        while end < len(blocks) and _is_digest(blocks[end], run):
            end += 1
        if end - index < _LEAST_ITEMS:
            above += blocks[index].is_prose
            index += 1
            continue
        head = blocks[index - 1] if index and _is_heading(blocks[index - 1]) else None
        is_labelled = head is not None and LABEL.fullmatch(head.text) is not None
        prose += sum(len(block.text) for block in blocks[index:end])
        most = _MOST_PROSE if head is None else _MOST_BELOW
        if above >= _LEAST_ABOVE and (is_labelled or prose <= most * whole):
            yield from ([head] if head is not None else [])
            yield from blocks[index:end]
        index = end


def _is_heading(block: Block) -> bool:
    return not block.is_prose and not block.anchors and len(block.text) <= 2 * KICKER and not block.text.endswith(".")


def _is_digest(block: Block, run: Run) -> bool:
    if not 0 < len(block.anchors) <= _LEAST_ITEMS or len(block.text) > TEASER + 2 * KICKER:
        return False
    first, last = block.words[0], block.words[-1]
    text = _BULLET.sub("", block.text)
    if len(first) >= 2 * HEADLINE and text.startswith(first):
        return _PARTED.match(text[len(first) :]) is not None and not first.endswith(_STOPS)
    opening = _opening_bold(block)
    is_parted = len(opening) >= HEADLINE and len(block.text) > len(opening) + len(last) + HEADLINE
    is_source = len(last) <= KICKER and not has_words(block.text.rpartition(last)[2])
    return is_parted and is_source and any(map(run.leads_away, _links(block.anchors)))


def _opening_bold(block: Block) -> str:
    element = block.element
    if has_words(element.text) or not len(element) or element[0].tag not in {"b", "strong"}:
        return ""
    return tidy(element[0].text_content())


def _links(anchors: Iterable[object]) -> Sequence[str]:
    return [str(anchor.get("href") or "") for anchor in anchors]  # type: ignore[attr-defined]
