"""The files that pages of www.ohchr.org link: PDFs, and what is served in the place of PDFs."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

from ruamel.yaml import YAML

from replica.exchange import Answer, Request
from replica.pages import Pages
from replica.pdf import scan_pdf, text_pdf
from replica.truth import DocumentTruth

_FILE = Path(__file__).parent / "documents.yaml"
_WWW = "https://www.ohchr.org"
_DOCSTORE = "https://docstore.ohchr.org/SelfServices/FilesHandler.ashx"
_HANDLER = "/SelfServices/FilesHandler.ashx"


class Documents:
    """The files by path, and by the opaque argument of the document store."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._by_name: dict[str, Mapping[str, str]] = {}
        for entry in _entries():
            for name in (entry["path"], *entry.get("enc", "").split()):
                if name:
                    self._by_name[name] = entry

    def answer(self, request: Request) -> Answer | None:
        """Return the file of an address; None where it is none of a file."""
        if request.path == _HANDLER:
            return self._file(self._by_name.get(request.argument("enc")))
        if request.path.startswith("/sites/default/files/"):
            return self._file(self._by_name.get(request.path))
        return None

    def _file(self, entry: Mapping[str, str] | None) -> Answer:
        if entry is None or entry["state"] == "missing":
            return Answer.html(self._pages.render("ohchr-missing.html"), 404)
        if entry["state"] == "page":
            return Answer.html(self._pages.render("ohchr-missing.html"))
        return Answer(200, {"Content-Type": "application/pdf"}, _bytes(entry["path"]))

    def truth(self) -> list[DocumentTruth]:
        """Return what a perfect reader would get from each file."""
        return [_truth(entry) for entry in _entries()]


@cache
def _entries() -> tuple[Mapping[str, str], ...]:
    return tuple(YAML(typ="safe").load(_FILE.read_text(encoding="utf-8")))


@cache
def _bytes(path: str) -> bytes:
    (entry,) = [entry for entry in _entries() if entry["path"] == path]
    if entry["state"] == "scan":
        return scan_pdf(entry["title"])
    return text_pdf(entry["title"], entry["header"], _paragraphs(entry))


def _paragraphs(entry: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in entry.get("body", "").split("\n\n") if part.strip())


def _truth(entry: Mapping[str, str]) -> DocumentTruth:
    stored = [f"{_DOCSTORE}?enc={quote(value, safe='')}" for value in entry.get("enc", "").split()]
    named = [_WWW + quote(entry["path"])] if entry["path"].startswith("/") else []
    addresses = (*named, *stored)
    return DocumentTruth(
        site="ohchr",
        url=addresses[0],
        also_at=addresses[1:],
        title=entry["title"],
        paragraphs=(entry["title"], *_paragraphs(entry)) if entry["state"] == "text" else (),
        state=entry["state"],
    )
