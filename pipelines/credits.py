"""Whom a page credits with its pictures: `Photo: NAME`, `© AFP`, `NAME/POST`, the words behind a caption's sentence.

The caption itself is no text of the article; that a name stands in it is not enough to be a credit.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from lxml import html

from core.text import normalised, tidy
from pipelines.blocks import Block
from pipelines.datelines import is_known_place
from pipelines.extent import Extent

_MOST = 12
_LONGEST_CAPTION = 600  # characters
_LONGEST = 80  # characters of a credit
_MOST_WORDS = 8
_LONGEST_TITLE = 5  # letters of a person's, shortened (Lt-Gen)
_MOST_BEHIND = 5  # words of a credit that nothing but its place tells
_LONGEST_UNSPACED = 30  # characters of it in a script that parts no words
_LANDS = frozenset(("cambodia", "kingdom of cambodia", "thailand", "vietnam", "laos", "myanmar", "china"))
_STEPS = 3
_CAPTION_NAMES = re.compile(r"(?i)(?:^|[\s_-]|[a-z](?=C))(?:fig)?(?:caption|legend)s?(?:$|[\s_-])|caption-?text")
_CREDIT_NAMES = re.compile(
    r"(?i)(?:^|[\s_-])(?:photo-?)?(?:credits?|photographers?|copyright|copyrightholder)(?:$|[\s_-])"
)
_WHAT = (
    r"(?:photographs?|photos?|pictures?|images?|illustrations?|credits?|crédits?|fotos?|fotografía|фото|صورة|图|摄影"
    r"|រូបថត|រូបភាព)"
)
_LEAD = re.compile(
    rf"(?i:(?:(?:file|handout|stock) )?{_WHAT}(?:[ /-](?:credits?|by|courtesy of|from|supplied by|taken by|via)){{0,2}}"
    r"\s*[:：៖]\s*)"
    rf"|(?i:(?:file )?{_WHAT} (?:by|courtesy of|supplied by|taken by|credits?)\s+)(?=(?:the )?[^\W\d_a-z])"
    r"|(?:©|\(c\)|\(C\))\s*"
)
_BRACKETED = re.compile(r"[(\[（](?P<inner>[^()\[\]（）]{2,90})[)\]）]\s*\.?$")
_BEHIND = re.compile(r"(?P<word>\S+)[.!?។៕。][\"”’»)]?\s+(?P<name>[^.!?។៕。]{2,80})$")
_WORD = re.compile(r"[\"“(‘'-]?[^\W\d_A-Z]{3,}|.*(?:\d|[^\x00-\u024f]|[\"”’»)])|.*['’-][a-z]+")
_SHORTENED = frozenset(("prof", "capt", "sgt", "dept", "corp", "messrs", "assoc", "approx"))
_DASHED = re.compile(r"\s[—–-]\s?(?P<name>[^.!?—–]{2,60}/[^.!?—–]{2,40})$")
_SPLIT = re.compile(r"(?P<who>[^/]{2,50})/\s?(?P<whose>[^/]{2,40})(?:/\s?[^/]{2,40})?")
_SMALL = frozenset(
    (
        "de",
        "la",
        "van",
        "von",
        "der",
        "den",
        "du",
        "al",
        "el",
        "bin",
        "of",
        "and",
        "for",
        "the",
        "via",
        "et",
        "und",
        "y",
    )
)
_WIRES = frozenset(
    (
        *(
            "afp",
            "ap",
            "reuters",
            "xinhua",
            "epa",
            "getty images",
            "getty",
            "akp",
            "unicef",
            "ohchr",
            "un photo",
            "post",
        ),
        *("bloomberg", "kyodo", "dpa", "afp photo", "ap photo", "agence kampuchea presse", "fresh news", "facebook"),
        *("phnom penh post", "the post", "shutterstock", "wikimedia commons", "licadho", "rfa", "voa", "unhcr", "undp"),
    )
)
_NOBODY = frozenset(
    (
        "supplied",
        "file",
        "file photo",
        "handout",
        "photo supplied",
        "archive",
        "photo",
        "image",
        "source",
        "courtesy",
        "stock",
    )
)
_TEXT_RULES = re.compile(r"(?i)\b(?:all )?rights reserved\b|\bltd\b|\binc\b|\b(?:19|20)\d\d\b")


def credits_on(extent: Extent | None, is_other: Callable[[str], bool]) -> tuple[str, ...]:
    """Return whom the captions within an article's extent credit, each once, in the order of the page.

    is_other tells the addresses of other items: what stands with a link to one is that item's picture.
    """
    if extent is None:
        return ()
    found: dict[str, str] = {}
    for block in extent.above:
        is_text = block.text in extent.kept and not _is_caption(block.element)
        if is_text or len(block.text) > _LONGEST_CAPTION:
            continue
        if _is_others(block, is_other) or extent.is_beside(block.element):
            continue
        for name in _credits_of_block(block):
            found.setdefault(normalised(name), name)
    return tuple(found.values())[:_MOST]


def credits_in_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Return whom lines credit that are known to be captions or credits, each once."""
    found: dict[str, str] = {}
    for name in (name for line in lines for name in credits_of_caption(line)):
        found.setdefault(normalised(name), name)
    return tuple(found.values())[:_MOST]


def credits_of_caption(text: str) -> tuple[str, ...]:
    """Return whom a caption credits: what it says in so many words, else the words behind its last sentence."""
    line = tidy(text[:_LONGEST_CAPTION])
    return _spoken(line) or _behind(line)


def is_credit(text: str) -> bool:
    """Return whether a line is a credit and nothing else (Photo: NAME)."""
    return _LEAD.match(text) is not None and bool(_whole(text))


def _credits_of_block(block: Block) -> tuple[str, ...]:
    marked = [tidy(element.text_content()) for element in _marked(block.element)]
    if names := tuple(filter(None, (_cleaned(_LEAD.sub("", text)) for text in marked))):
        return names
    return credits_of_caption(block.text) if _is_caption(block.element) else _whole(block.text)


def _marked(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield the elements in a block, itself included, that are named for a credit."""
    for inner in (element, *element.iterdescendants("span", "small", "em", "i", "cite", "a", "b", "strong")):
        names = f"{inner.get('class') or ''} {inner.get('itemprop') or ''}"[:_LONGEST_CAPTION]
        if _CREDIT_NAMES.search(names):
            yield inner


def _is_caption(element: html.HtmlElement) -> bool:
    for _, around in zip(range(_STEPS), (element, *element.iterancestors()), strict=False):
        if around.tag == "figcaption" or _CAPTION_NAMES.search(str(around.get("class") or "")[:_LONGEST_CAPTION]):
            return True
        if around.tag in {"body", "article", "main"}:
            return False
    return False


def _is_others(block: Block, is_other: Callable[[str], bool]) -> bool:
    around = next((one for one in (block.element, *block.element.iterancestors()) if one.tag in {"figure", "a"}), None)
    links = [*block.anchors, *(around.iter("a") if around is not None else ())]
    return any(is_other(str(link.get("href") or "")) for link in links)


def _whole(text: str) -> tuple[str, ...]:
    """Return the credit that a line is and nothing else (Photo: NAME), or ends with in brackets."""
    ended = _BRACKETED.search(text)
    said = ended["inner"] if ended else text
    found = _LEAD.match(said)
    if found is None or _TEXT_RULES.search(text):
        return ()
    name = _cleaned(said[found.end() :])
    return (name,) if name else ()


def _spoken(line: str) -> tuple[str, ...]:
    """Return the credits that a caption names as such, or that stand in brackets or behind a dash with a stroke."""
    leads = list(_LEAD.finditer(line))
    ends = [*(lead.start() for lead in leads[1:]), len(line)]
    pieces = (line[lead.end() : end] for lead, end in zip(leads, ends, strict=False))
    names = tuple(filter(None, (_cleaned(re.split(r"[)\]|;]|\.\s", piece)[0]) for piece in pieces)))
    if names:
        return names
    if (found := _BRACKETED.search(line)) and _is_signed(_LEAD.sub("", found["inner"])):
        return tuple(filter(None, (_cleaned(found["inner"]),)))
    found = _DASHED.search(line)
    return tuple(filter(None, (_cleaned(found["name"]),))) if found and _is_signed(found["name"]) else ()


def _behind(line: str) -> tuple[str, ...]:
    """Return the words behind the last sentence of a caption (… on Monday. Hong Menea), or a caption that is signed."""
    found = _BEHIND.search(line)
    if found and not _ends_sentence(found["word"]):
        return ()
    name = found["name"] if found else line if _is_signed(line) else ""
    cleaned = _cleaned(name)
    return (cleaned,) if cleaned and _can_sign(cleaned) and not _is_more(cleaned) else ()


def _is_more(text: str) -> bool:
    """Return whether words behind a sentence are its place, or another sentence, rather than a name."""
    words = text.split()
    if normalised(text) in _LANDS or is_known_place(text) or len(words) > _MOST_BEHIND:
        return True
    is_unspaced = any("\u0e00" <= character <= "\u17ff" or character >= "\u2e80" for character in text)
    return is_unspaced and (len(words) < 2 or len(text) > _LONGEST_UNSPACED)  # noqa: PLR2004  # family and given name


def _ends_sentence(word: str) -> bool:
    """Return whether the stop behind a word ends a sentence: Gen. and H.E. stand in front of names."""
    is_word = word[:1].islower() or _WORD.fullmatch(word) is not None or len(word) > _LONGEST_TITLE
    return is_word and word.casefold() not in _SHORTENED


def _is_signed(text: str) -> bool:
    """Return whether words are an agency, or a name and an agency with a stroke between."""
    line = tidy(text).strip(" .")
    if normalised(line) in _WIRES:
        return True
    found = _SPLIT.fullmatch(line)
    return found is not None and _can_sign(found["who"]) and _can_sign(found["whose"])


def _can_sign(text: str) -> bool:
    """Return whether every word begins as names do."""
    words = re.split(r"[\s/]+", text.strip())
    return 0 < len(words) <= _MOST_WORDS and all(not word[:1].islower() or word.casefold() in _SMALL for word in words)


def _cleaned(text: str) -> str:
    """Return a credit without marks and empty words; empty where it is none."""
    name = _LEAD.sub("", tidy(text)).strip(' .,:;|–—-()[]（）©*"“”').removeprefix("the ")
    words = name.split()
    if not name or len(name) > _LONGEST or len(words) > _MOST_WORDS or normalised(name) in _NOBODY:
        return ""
    has_letters = any(character.isalpha() for character in name)
    return name if has_letters and not name[0].islower() and not _TEXT_RULES.search(name) else ""
