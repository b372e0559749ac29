"""The first two sentences of a text."""

import re

from core.text import shortened
from notify.phrases import visible

SENTENCES = 2
LENGTH = 340

# A full stop, its closing quotes, then a space before something that may begin a sentence. Khmer and Chinese marks
# end a sentence without a space.
_END = re.compile(r"[.!?…؟]+[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[^\Wa-z_])|[។៕。！？]+[”’»]?\s*")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“‘])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|Gen|Maj|Brig|Lt|Col|Capt|Sgt|Gov|Sen|Rep"
    r"|Hon|St|Sr|Jr|No|Art|Arts|Para|Paras|vs|cf|Co|Ltd|Inc)\.$"
)


def sentences(text: str) -> list[str]:
    """Return the sentences of a paragraph; the full stop of `Mr.`, `No.` or an initial ends none."""
    found, begin = [], 0
    for end in _END.finditer(text):
        piece = text[begin : end.end()].rstrip()
        if not _ABBREVIATED.search(piece):
            found.append(piece)
            begin = end.end()
    rest = text[begin:].strip()
    return [*found, rest] if rest else found


def lead(text: str, length: int = LENGTH) -> str:
    """Return the first two sentences of a text of one paragraph a line, cut after a word at `length` characters."""
    taken: list[str] = []
    for paragraph in text.split("\n"):
        taken += sentences(visible(paragraph))
        if len(taken) >= SENTENCES:
            break
    return shortened(" ".join(taken[:SENTENCES]), length)
