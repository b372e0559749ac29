"""Lines of texts that were copied without markup, and what a line alone gives away: prose, headline, footer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.text import tidy
from pipelines.credits import credits_of_caption
from pipelines.phrases import LEAVINGS

_LEAST_PROSE = 40  # characters
LONGEST_HEADLINE = 150
LONGEST_TEASER = 420  # characters; a listing's summary is cut at 190 to 250, some sites give whole leads
_LONGEST_LEAVING = 400
_LONGEST_CAPTION = 300
_LEAST_CUT = 80  # characters of a summary that was cut in mid-word or mid-sentence
_SENTENCE = re.compile(r"[.!?…។៕。！？؟۔।](?:[\"”’»)\]]|\s|$)")
_ENDS = re.compile(r"[.!?…។៕。！？؟۔।:;][\"”’'»)\]]*$")
_STOPS = re.compile(r"[.…។៕。۔।:;,][\"”’'»)\]]*$")
_INNER = re.compile(r"[^\W\d_A-Z]{3}[\"”’)]?[.!?]\s+[\"“‘A-Z]")  # the end of a sentence, and the next
_BULLET = re.compile(r"^\s*[•●▪‣◦*■►➤]\s+(?=\S)")
_NUMBERED = re.compile(r"^[\d០-៩]{1,2}[.)]\s")
_QUOTED = re.compile(r"[\"“«]")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# Sentences that begin as a credit does: Photos from the scene show …
_TOLD = re.compile(r"(?i)(?:photo|image|picture)s?\s+(?:by|from)\b(?:\S*\s+){5,}.*[.!?][\"”’)]?")
_SITES = (
    r"facebook|twitter|x|instagram|you ?tube|telegram|tik ?tok|linkedin|whats ?app|e-?mail|print|copy link|share|tweet"
)
_COMPANY = (
    r"[^.!?]{2,60}\b(?:Co\.,? ?Ltd|Pty\.? Ltd|Ltd|LLC|PLC|Inc|GmbH)\b\.?"
    r"(?:,? (?:#|No\b|\d|Tel|Street|St\.|Floor|Building|Phnom Penh|Cambodia|©|\||-).{0,160})?"
)
_WAYS_TO_WRITE = (
    r"(?i:(?:tel(?:ephone)?|phone|fax|e-?mail|address|contact(?: us)?|hotline|website|whatsapp|advertising)\s*[:：]"
    r"\s*.{1,160}|contact author\s*:.{1,80}|\W*\[?e?-?mail.protected\]?\W*"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+)"
)
_MARKS = (
    r"(?i:(?:powered|designed|developed) by .{2,60}|\d{1,3}\s*/\s*comments?|end of (?:article|story)"
    r"|\*{3,}|-{3,}|_{3,}|={3,})"
)
_FOOTER = re.compile(f"{_COMPANY}|{_WAYS_TO_WRITE}|{_MARKS}")
_BAR = re.compile(
    rf"(?i)(?:(?:{_SITES}|home|about(?: us)?|contact(?: us)?|careers|privacy(?: policy)?|cookies?(?: policy)?|sitemap"
    r"|terms(?: (?:of (?:use|service)|(?:and|&) conditions))?|advertis\w+(?: with us)?|subscribe|disclaimer|rss"
    r"|newsletters?|e-?paper|log ?in|register|search|menu|follow us(?: on)?|share this)(?:\W+|$))+"
)
_BREADCRUMB = re.compile(r"(?i)(?:home|front ?page|ទំព័រដើម)(?:\s*[>»/›→|]+\s*[^>»/›→|]{2,150})+")
_AGENCY = re.compile(
    r"[-—–(\[]*\s*(?P<name>(?:AFP|AP|Reuters|REUTERS|Xinhua|XINHUA|AKP|Kyodo|dpa|EFE|Bernama|VNA|RFA|VOA)"
    r"(?:\s*/\s*[A-Z][\w ]{1,30})?|Agence France-Presse|Associated Press|Agence Kampuchea Presse)\s*[)\].]*"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds something: as it is written and without its bullet, and how it stood.

    is_apart: an empty line, or the text's beginning, stands above it; is_followed: an empty line, or its end, below.
    """

    written: str
    text: str
    is_bullet: bool = False
    is_indented: bool = False
    is_apart: bool = False
    is_followed: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence or several."""
        return len(self.text) >= _LEAST_PROSE and _SENTENCE.search(self.text) is not None

    @property
    def is_headline(self) -> bool:
        """Whether it can be a headline: short, of several words, and no sentence that ends."""
        if len(self.text) > LONGEST_HEADLINE or any(one.search(self.text) for one in (_STOPS, _INNER, _NUMBERED)):
            return False
        return len(self.text.split()) >= 3 or (len(self.text) > 8 and bool(_UNSPACED.search(self.text)))  # noqa: PLR2004

    @property
    def is_title(self) -> bool:
        """Whether it can be the title of a text: any short line that does not end like a sentence."""
        return len(self.text) <= LONGEST_HEADLINE and not _ENDS.search(self.text) and not _NUMBERED.search(self.text)

    @property
    def is_question(self) -> bool:
        """Whether it is a headline that asks; the first sentence of an article may ask as well."""
        return self.is_headline and self.text.rstrip('"”’»').endswith(("?", "؟", "？"))

    @property
    def is_teaser(self) -> bool:
        """Whether it can be the summary of another story: a short paragraph, whole or cut."""
        return len(self.text) <= LONGEST_TEASER and (self.is_prose or self.is_cut)

    @property
    def is_cut(self) -> bool:
        """Whether it is as long as prose, and ends in the middle of a sentence."""
        return len(self.text) >= _LEAST_CUT and not _ENDS.search(self.text)


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text that hold something, in order."""
    raw = text.splitlines()
    kept = [index for index, line in enumerate(raw) if tidy(line)]
    return [
        Line(
            tidy(raw[index]),
            tidy(_BULLET.sub("", raw[index])) or tidy(raw[index]),
            is_bullet=_BULLET.match(raw[index]) is not None,
            is_indented=raw[index][:1].isspace(),
            is_apart=index == 0 or not tidy(raw[index - 1]),
            is_followed=index + 1 == len(raw) or not tidy(raw[index + 1]),
        )
        for index in kept
    ]


def is_leaving(text: str) -> bool:
    """Return whether a line is a page's and no article's, wherever it stands: sharing, newsletters, rights, credits."""
    return len(text) <= _LONGEST_LEAVING and LEAVINGS.fullmatch(text) is not None and not _TOLD.fullmatch(text)


def is_footer(text: str) -> bool:
    """Return whether a line is one that pages end with: a company's address, a bar of links, a way to write."""
    return len(text) <= _LONGEST_LEAVING and (_FOOTER.fullmatch(text) or _BAR.fullmatch(text)) is not None


def is_bar(text: str) -> bool:
    """Return whether a line is a bar of links above an article: a menu, a path, the buttons for sharing."""
    return len(text) <= _LONGEST_CAPTION and (_BREADCRUMB.fullmatch(text) or _BAR.fullmatch(text)) is not None


def is_broken(lines: Sequence[Line], index: int) -> bool:
    """Return whether a line is a piece of a paragraph that was broken into lines: it or the next begins small."""
    following = lines[index + 1] if index + 1 < len(lines) else None
    goes_on = following is not None and not following.is_apart and following.text[:1].islower()
    return goes_on or lines[index].text[:1].islower()


def agency_in(text: str) -> str:
    """Return the agency that a line names and nothing else, as under a text; else nothing."""
    found = _AGENCY.fullmatch(text)
    return found["name"] if found else ""


def is_caption(text: str, *, is_in_head: bool) -> bool:
    """Return whether a line is a picture's: one sentence, and behind it whose the picture is.

    Above the text any name is a credit there. Within it only those that nobody has who is spoken of: an agency, names
    with a stroke between, words in capitals.
    """
    credit = credits_of_caption(text) if len(text) <= _LONGEST_CAPTION else ()
    if not credit or _ENDS.search(text) or _QUOTED.search(text):
        return False
    sentences = _SENTENCE.findall(text)
    if len(sentences) != 1 or text.endswith(tuple("0123456789")):
        return False
    return (
        is_in_head or "/" in credit[0] or credit[0].isupper() or bool(agency_in(credit[0])) or credit[0] == "Facebook"
    )
