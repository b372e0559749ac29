r"""The light markup in which stories are written: blocks parted by a blank line.

`## x` and `### x` are intermediate headings (h3, h4), `> x` a block quotation, lines starting `- ` a list, `@more x`
a lone "Read more: x" line, which belongs to the page and not to the text. Within a line: `**strong**`, `*em*`,
`[words](address)`, where the address `story:slug` stands for wherever that story lives; `\*` is an asterisk.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from markupsafe import Markup

Link = Callable[[str], str]

_INLINE = re.compile(r"\\\*|\*\*(?P<strong>.+?)\*\*|\*(?P<em>.+?)\*|\[(?P<words>[^\]]+)\]\((?P<address>[^)]+)\)")
_STORY = "story:"


@dataclass(frozen=True)
class Block:
    """One block: `tag` is p, h3, h4, blockquote, ul or more; `lines` has several entries in a ul only."""

    tag: str
    lines: tuple[str, ...]


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text; a paragraph's line ends are spaces."""
    return tuple(_block(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip())


def _block(part: str) -> Block:
    if part.startswith("- "):
        return Block("ul", tuple(_one_line(line) for line in re.split(r"(?:^|\n)- ", part) if line.strip()))
    for mark, tag in (("### ", "h4"), ("## ", "h3"), ("> ", "blockquote"), ("@more ", "more")):
        if part.startswith(mark):
            return Block(tag, (_one_line(part.removeprefix(mark)),))
    return Block("p", (_one_line(part),))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return one line without its markup, as a reader sees it."""
    return _INLINE.sub(lambda found: found["strong"] or found["em"] or found["words"] or "*", text)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return what a clean reader gets: paragraphs, headings, quotations and list items, without furniture."""
    return tuple(plain(line) for block in blocks(text) if block.tag != "more" for line in block.lines)


def inline_html(text: str, link: Link) -> Markup:
    """Return one line as HTML; `link` turns a story's slug into an address."""

    def replace(found: re.Match[str]) -> str:
        if found["address"]:
            address = found["address"]
            if address.startswith(_STORY):
                address = escape(link(address.removeprefix(_STORY)))
            return f'<a href="{address}">{found["words"]}</a>'
        if found["strong"]:
            return f"<strong>{found['strong']}</strong>"
        return f"<em>{found['em']}</em>" if found["em"] else "*"

    return Markup(_INLINE.sub(replace, escape(text, quote=False)))  # noqa: S704 - escaped on this line


@lru_cache(maxsize=4096)
def summary(text: str, length: int) -> str:
    """Return the text's opening cut in mid-word at about `length` characters, without an ellipsis."""
    whole = " ".join(plain(line) for block in blocks(text) if block.tag in ("p", "blockquote") for line in block.lines)
    while length < len(whole) and not (whole[length - 1].isalnum() and whole[length].isalnum()):
        length += 1
    return whole[:length]
