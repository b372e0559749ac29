"""The commands that the documents show: in blocks, line by line, and within sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}\S.*\n(?:\n(?= {4}\S))?)+", re.MULTILINE)
_INLINE = re.compile(r"`((?:tonle|make|docker|openssl|sha256sum|systemctl|systemd-analyze) [^`]*)`")
_SHELL = {"", "sh", "console"}
_CRONTAB = re.compile(r"^(?:[\d*/,-]+ ){5}")
# Indented blocks hold settings, queries and messages too.
_BEGINS = re.compile(r"(?:\.venv/bin/)?(?:tonle|make|python3|sudo|docker) ")


def blocks(page: Path) -> Iterator[str]:
    """Give the lines of shell that a page shows, as a shell is to read them."""
    text = page.read_text(encoding="utf-8")
    for language, body in _FENCE.findall(text):
        if language in _SHELL:
            yield from map(_typed, filter(None, body.splitlines()))
    for found in _INDENTED.finditer(_FENCE.sub("", text)):
        lines = [line.strip() for line in found[0].splitlines() if line.strip()]
        yield from (line for line in lines if _BEGINS.match(line))


def within_sentences(page: Path) -> Iterator[str]:
    """Give the commands that a page names in its text, as it writes them: with [OPTIONAL] and FILE\\|URL."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return (" ".join(found.split()) for found in _INLINE.findall(text))


def _typed(line: str) -> str:
    """Return a line of a crontab as the shell gets it; another without the && that lets the next wait for its end."""
    return _CRONTAB.sub("", line).replace("\\%", "%") if _CRONTAB.match(line) else line.removesuffix(" &&")
