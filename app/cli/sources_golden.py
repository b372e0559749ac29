"""`tonle sources golden`: the skeleton of a golden case, in which nobody's words stand."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import console, desk_of, printable
from app.desk import Desk
from app.files import is_markup, read_saved
from core.errors import CrawlError, UsageError
from core.model import Draft, Page, Skipped
from core.site import Site
from core.urls import public_form, rebased, split
from crawler.spiders.survey import Fetch
from crawler.survey.asking import Asking
from crawler.survey.invented import Invention, sentences_kept
from pipelines.decode import decoded
from pipelines.process import process

_MOST_BYTES = 30_000  # of a golden page: a person has to look at it


def golden(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The source.")],
    page: Annotated[str, typer.Argument(help="A saved page, or an address.")],
    case: Annotated[str, typer.Option(help="The name of the case: what is awkward about the page.")],
    url: Annotated[str | None, typer.Option(help="The address that a saved page came from.")] = None,
    folder: Annotated[Path, typer.Option(help="The folder of the golden cases.")] = Path("tests/golden"),
) -> None:
    """Write a golden case from a page, its words replaced by made-up ones of the same length and shape.

    What is read off the page goes into expected.json: look at it, for it is what tonle reads and not what is right.
    """
    desk = desk_of(context)
    if name not in desk.known:
        raise UsageError(f"Unknown source `{name}`; known: {', '.join(desk.known)}.")
    place = folder / name / case
    if place.exists():
        raise UsageError(f"{place} exists; name another case.")
    site = desk.known[name]
    original = _page(desk, name, page, url)
    # Drawn for this page alone and forgotten: nobody can find a word again by trying words.
    made = Invention(secrets.token_bytes(16), site).page(original)
    if kept := sentences_kept(original, made, site):
        raise CrawlError(f"Nothing was written: a sentence of the page would have stayed in it: {kept[0]!r}.")
    before, after = process(original, site), process(made, site)
    _write(place, made, after)
    out = console()
    out.print(f"Written to {place}: page.html, meta.json and expected.json.", markup=False, soft_wrap=True)
    for line in (*_differences(before, after), *_size(made)):
        out.print(f"  LOOK: {printable(line)}", markup=False, soft_wrap=True)
    out.print("Look at page.html and expected.json; then: pytest tests/golden", markup=False)


def _page(desk: Desk, name: str, page: str, url: str | None) -> Page:
    """Return a page as it came from the site itself, whatever stands in for it."""
    site = desk.known[name]
    if not split(page):
        saved = read_saved(Path(page))
        address = rebased(site, url) if url else None
        if address is None:
            raise UsageError(f"Say by --url which address of {site.home} the saved page came from.")
        found = Page(address, 200, {"content-type": "text/html"}, saved.body, desk.clock())
    else:
        found = _fetched(desk, desk.named([name])[name], page)
    if not is_markup(decoded(found)):
        raise UsageError(f"{page} is no HTML page.")
    return found


def _fetched(desk: Desk, site: Site, page: str) -> Page:
    address = rebased(site, page)
    if address is None:
        raise UsageError(f"{page} is not an address of {site.name} ({site.base}).")
    answers: list[Page | Skipped] = []

    async def errand(fetch: Fetch) -> None:
        answers.append(await fetch(address))

    desk.refuse_running([site.name])
    Asking(desk.config, desk.clock, desk.incidents()).ask([(site, errand)])
    (answer,) = answers
    if isinstance(answer, Skipped):
        raise CrawlError(f"{page} was not fetched: {answer.reason} {answer.detail}".rstrip())
    return Page(public_form(site, answer.url), answer.status, dict(answer.headers), answer.body, answer.fetched_at)


def _write(place: Path, page: Page, result: Draft | Skipped) -> None:
    meta = {
        "url": page.url,
        "status": page.status,
        "headers": dict(page.headers),
        "fetched_at": page.fetched_at.replace(microsecond=0).isoformat(),
    }
    place.mkdir(parents=True)
    (place / "page.html").write_bytes(page.body)
    for name, told in (("meta.json", meta), ("expected.json", _told(result))):
        (place / name).write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _told(result: Draft | Skipped) -> Mapping[str, object]:
    if isinstance(result, Skipped):
        return {"skipped": result.reason.value}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(result).items()}


def _differences(before: Draft | Skipped, after: Draft | Skipped) -> list[str]:
    """Return in what the made-up page is read otherwise than the original."""
    first, second = _shape(before), _shape(after)
    return [
        f"{key}: {first.get(key)} on the original page, {second.get(key)} on the made-up one"
        for key in dict.fromkeys((*first, *second))
        if first.get(key) != second.get(key)
    ]


def _shape(result: Draft | Skipped) -> dict[str, object]:
    if isinstance(result, Skipped):
        return {"skipped": result.reason.value}
    return {
        "title (characters)": len(result.title),
        "paragraphs (characters)": [len(paragraph) for paragraph in result.paragraphs],
        "notes (characters)": [len(note) for note in result.notes],
        "authors": len(result.authors),
        "date": result.published_at and result.published_at.isoformat(),
        "language": result.language,
        "kind": result.kind,
        "links": len(result.links),
        "remarks": list(result.remarks),
        "layout": result.layout,
    }


def _size(page: Page) -> list[str]:
    size = len(page.body)
    most = f"{_MOST_BYTES:,}"
    return (
        [f"the page has {size:,} bytes, a case at most {most}: cut what does not matter"] if size > _MOST_BYTES else []
    )
