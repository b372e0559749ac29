"""A file that belongs to an article (a report as PDF) → Draft, or the reason why not. Pure.

Its text is that of its pages: running heads and page numbers are dropped, footnotes become notes, hyphenated line ends
are mended (pipelines/paragraphs.py). What a listing or an article said of it goes before what its makers wrote into it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from core.model import Draft, Lead, Page, Reason, Skipped
from core.site import Site
from core.text import normalised, shortened, tidy
from core.urls import ArticleAddress, alias_of, article_address, document_address
from pipelines.classify import refused_answer
from pipelines.dates import believable
from pipelines.impostors import size_of
from pipelines.naming import agree, slug_of
from pipelines.paragraphs import text_of, usual_size, without_running_heads
from pipelines.pdf import Line, Print, read_pdf

MOST_PAGES = 400
_HEAD = 1024  # bytes within which a PDF says that it is one (ISO 32000, Annex H)
_LEAST_WORDS = 10  # fewer are a stamp on pictures of pages
_LONGEST_TITLE = 200
_LARGE = 1.15  # times the usual type: that of a title
_TITLE_LINES = 4
_MUCH = 0.5  # of the letters are of a script: the text is in its language

# Link words that name no document, whole, without brackets and figures.
_VERB = r"(?:please )?(?:click |download |read |view |see |open |access |find )*"
_FILE = r"(?:pdf|word|file|document|report|text|statement|letter|version|copy|link|attachment|annex|more)"
_SHAPE = rf"(?:in |as )?(?:{_FILE}|english|french|khmer)"
_SAYS_NOTHING = re.compile(
    "|".join(
        (
            rf"{_VERB}(?:it |more |this )?(?:here|now)?|(?:download|read|view|open|access)",
            rf"{_VERB}:? ?(?:the |this |a )?(?:full |complete |original )?{_FILE}?(?: (?:here|{_SHAPE}))*",
            r"(?:télécharger|lire|voir)(?: (?:le|ici|la|ce))?(?: (?:rapport|document|pdf|fichier|suite))?|ici|aquí",
            r"english|français|french|español|spanish|русский|russian|العربية|arabic|中文|chinese|khmer|ខ្មែរ|ភាសាខ្មែរ",
            r"descargar.{0,20}|скачать.{0,12}|здесь|تحميل.{0,12}|هنا|下载.{0,6}|点击.{0,6}|ទាញយក.{0,12}|នៅទីនេះ",
            r"[efsrac](?: ?\| ?[efsrac])*",
        )
    )
)
_BRACKETS = re.compile(
    r"(?i)[\[(][^\])]*(?:pdf|kb|mb|\bko\b|\bmo\b|docx?)[^\])]*[\])]|\b\d+(?:[.,]\d+)? ?[km]b\b|[»›→…]"
)
_FILE_NAME = re.compile(r"(?i)\S+\.(?:pdf|docx?|rtf|odt|indd|qxd|xlsx?|pptx?|tmp)")
_MADE_BY = re.compile(
    r"(?i)(?:microsoft (?:word|powerpoint|excel)|powerpoint presentation|untitled|document\d*|adobe\b)\b.*"
)
_SCRIPTS = {
    "km": re.compile(r"[\u1780-\u17ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
}
_LETTER = re.compile(r"[^\W\d_]")
_CREATED = re.compile(r"(?:D:)?(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(?:([+-])(\d{2})'?(\d{2})?|Z)?.*")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a document is read: its first pages."""

    pages: int = MOST_PAGES


def is_document(page: Page, site: Site, lead: Lead | None) -> bool:
    """Return whether a page was asked for as a document of the site."""
    named = document_address(site, page.requested_url or page.url)
    return named is not None or (lead is not None and document_address(site, lead.url) is not None)


def read_document(page: Page, site: Site, lead: Lead | None, limits: Limits) -> Draft | Skipped:
    """Return the text of a PDF.

    NOT_A_DOCUMENT: something else stands there (HTML, mostly). PROTECTED: it asks for a password. NO_BODY: its pages
    are pictures. FAILED: it is damaged. The remark document-cut-short says that it has more pages than limits.pages,
    pages-unreadable that some of them were damaged, date-from-article that its article's date stands for its own.
    """
    if refusal := refused_answer(page):
        return refusal
    if b"%PDF-" not in page.body[:_HEAD]:
        return Skipped(Reason.NOT_A_DOCUMENT, page.headers.get("content-type", "").partition(";")[0].strip())
    found = read_pdf(page.body, limits.pages)
    if isinstance(found, Skipped):
        return found
    text = text_of(found.sheets)
    if size_of(text.paragraphs) < _LEAST_WORDS:
        return Skipped(Reason.NO_BODY, "no text: pages are pictures")
    own = _own_address(page, site, lead)
    published, remark = _published(found, page, site, lead)
    return Draft(
        source=site.name,
        url=own.url,
        key=own.key,
        title=title_of_print(found, lead, own.url),
        paragraphs=text.paragraphs,
        published_at=published,
        language=_language(text.paragraphs, site, lead),
        kind="document",
        notes=text.notes,
        remarks=(*([remark] if remark else []), *_remarks(found)),
        aliases=_aliases(page, site, own),
    )


def _own_address(page: Page, site: Site, lead: Lead | None) -> ArticleAddress:
    """Return what a document is known by: the address at which it came, by the name that its lead has for that.

    At a stand-in the lead alone knows of which server it is.
    """
    final = document_address(site, page.url)
    led = document_address(site, lead.url) if lead else None
    if lead and (final is None or (led and led.url == final.url)):
        return ArticleAddress(lead.url, lead.key)
    return final or document_address(site, page.requested_url) or ArticleAddress(page.url, page.url)


def _aliases(page: Page, site: Site, own: ArticleAddress) -> tuple[str, ...]:
    asked = [page.url, *([page.requested_url] if agree(slug_of(page.requested_url), slug_of(page.url)) else [])]
    return tuple(dict.fromkeys(alias for url in asked if (alias := alias_of(site, url, own.url))))


def _remarks(found: Print) -> Iterator[str]:
    if found.count > len(found.sheets) + found.unreadable:
        yield "document-cut-short"
    if found.unreadable:
        yield "pages-unreadable"


def title_of_print(found: Print, lead: Lead | None, url: str) -> str:
    """Return what a document is called: the words of the link to it, its own /Title, or what its first page says large.

    Words that would fit any document (Download, PDF, its file's name) are passed over; those that begin small, from
    the midst of a sentence, count only where nothing else names it.
    """
    said = tidy(_BRACKETS.sub(" ", lead.title)).strip(" -–—:|") if lead else ""
    lines = next((sheet.lines for sheet in without_running_heads(found.sheets) if sheet.lines), ())
    is_phrase = said[:1].islower()
    names = ("" if is_phrase else said, found.title, _largest(lines, usual_size(found.sheets)), said)
    first = lines[0].text if lines else ""
    return shortened(next((name for name in names if _names_something(name, url)), first), _LONGEST_TITLE)


def _names_something(title: str, url: str) -> bool:
    plain = normalised(title).strip(" .:!-")
    if not _LETTER.search(plain) or _SAYS_NOTHING.fullmatch(plain) or _FILE_NAME.fullmatch(title):
        return False
    is_file = re.sub(r"\W|_", "", plain) == re.sub(r"\W|_", "", normalised(slug_of(url)))
    return not is_file and not _MADE_BY.fullmatch(title)


def _largest(lines: Sequence[Line], usual: float) -> str:
    """Return the first lines in the largest type of a page, if that is a title's; they are one below the other."""
    size = max((line.size for line in lines), default=0.0)
    if size < _LARGE * usual:
        return ""
    start = next(index for index, line in enumerate(lines) if line.size == size)
    same = 1
    while start + same < len(lines) and same < _TITLE_LINES and abs(lines[start + same].size - size) < 1:
        same += 1
    return " ".join(line.text for line in lines[start : start + same])


def _published(found: Print, page: Page, site: Site, lead: Lead | None) -> tuple[datetime | None, str]:
    """Return when a document came out, and what to remark about it."""
    if lead and lead.published and believable(lead.published, page.fetched_at):
        return lead.published, "date-from-article"
    created = created_at(found.created, site.tz)
    if created and believable(created, page.fetched_at):
        return created, "date-from-metadata"
    return None, "no-date"


def created_at(text: str, zone: tzinfo) -> datetime | None:
    """Return a date as PDF writes it (D:20260504101500+07'00', ISO 32000 §7.9.4); zone where it names none."""
    found = _CREATED.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    sign, hours, minutes = found[7], int(found[8] or 0), int(found[9] or 0)
    away = timedelta(hours=hours, minutes=minutes) * (-1 if sign == "-" else 1)
    try:
        there = timezone(away) if sign or "Z" in text else zone
        return datetime(year, month, day, hour, minute, second, tzinfo=there)
    except (ValueError, OverflowError):
        return None


def _language(paragraphs: Sequence[str], site: Site, lead: Lead | None) -> str:
    """Return the language that the script tells; for Latin letters that of the article, else the site's."""
    letters = "".join(_LETTER.findall(" ".join(paragraphs)))
    for language, script in _SCRIPTS.items():
        if len(script.findall(letters)) > _MUCH * len(letters):
            return language
    article = article_address(site, lead.listing) if lead and lead.listing else None
    named = article.language if article else ""
    return named if named and named not in _SCRIPTS else ("" if site.language in _SCRIPTS else site.language)
