"""`tonle sources new`: a first description of a site, made by looking at it."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from app.cli.options import console, desk_of, printable
from app.desk import Desk
from core.errors import ConfigError, CrawlError, UsageError
from core.model import Skipped
from core.site import Site, load_sites
from core.urls import split
from crawler.survey.asking import Asking
from crawler.survey.front import name_of
from crawler.survey.sketch import Sketch, Sketching, sketch_at
from crawler.survey.writing import written
from pipelines.process import process

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_REMEDY = "name a file elsewhere with --output, and let whoever may put it into the folder `sites` of the settings."


def new(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The site's front page.")],
    name: Annotated[str, typer.Option(help="The source's name; by default after its host.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="The file to write; by default NAME.yaml in the folder `sites` of the settings.")
    ] = None,
) -> None:
    """Look at a site and write a first description of it: where its articles are listed, and how they look.

    It asks for about a dozen pages, as politely as a crawl. A file that exists is not overwritten.
    """
    desk = desk_of(context)
    base = _base(url)
    _refuse_folder(output.parent if output else desk.config.sites)
    if name or output:
        _refuse(desk, _called(name, base, output), output)
    sketch = sketch_at(base, _called(name, base, output))
    sketching = Sketching(sketch)
    Asking(desk.config, desk.clock).ask([(sketch.site, sketching.run)])
    called = _called(name, sketch.site.home, output)
    sketch.site = sketch.site.model_copy(update={"name": called})
    path = output or desk.config.sites / f"{called}.yaml"
    _refuse(desk, called, path)
    site = _checked(written(sketch), called)
    _write(path, written(sketch))
    _show(console(), sketch, site.at(base), path)


def _base(url: str) -> str:
    parts = split(url if "://" in url else f"https://{url}")
    if parts is None or parts.username is not None:
        raise UsageError(f"{url} is not the address of a site: write it like https://www.example.org.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _called(name: str, home: str, output: Path | None) -> str:
    """Return the name of the source: the one asked for, that of the file, or one after its host."""
    called = name or (output.stem if output else name_of(home))
    if not _NAME.fullmatch(called):
        raise UsageError(f"{called!r} is no name for a source: lower-case letters, figures and hyphens; see --name.")
    if output and output.name != f"{called}.yaml":
        raise UsageError(f"A file is called as its source: {called}.yaml, and not {output.name}.")
    return called


def _refuse(desk: Desk, called: str, path: Path | None) -> None:
    """Raise UsageError where a source of that name or the file exists."""
    if path and path.exists():
        raise UsageError(f"{path} exists; name another file with --output, or another source with --name.")
    if called in desk.known:
        raise UsageError(f"There is a source {called} already; name this one otherwise with --name.")


def _refuse_folder(folder: Path) -> None:
    """Raise UsageError where nothing can be written into a folder, before a site is asked for what nobody can keep."""
    there = next(each for each in (folder, *folder.absolute().parents) if os.access(each, os.F_OK))
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise UsageError(f"Nothing can be written into {folder}; {_REMEDY}")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); {_REMEDY}") from error


def _checked(text: str, called: str) -> Site:
    """Return the site that the text describes; raises CrawlError where tonle wrote what it cannot read."""
    with TemporaryDirectory(prefix="tonle-") as folder:
        path = Path(folder) / f"{called}.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            return load_sites(path.parent)[called]
        except ConfigError as error:
            raise CrawlError(f"What was found makes no file that can be read: {error.problem}\n\n{text}") from error


def _show(out: Console, sketch: Sketch, site: Site, path: Path) -> None:
    for line in sketch.found:
        out.print(f"  found    {printable(line)}", markup=False, soft_wrap=True)
    for line in sketch.missing:
        out.print(f"  missing  {printable(line)}", markup=False, soft_wrap=True)
    for sample in sketch.samples:
        read = process(sample.page, site)
        if isinstance(read, Skipped):
            told = f"nothing: {read.reason} {read.detail}"
        else:
            when = f"{read.published_at:%Y-%m-%d %H:%M}" if read.published_at else "no date"
            told = f"{read.title or 'no title'} · {when} · {len(read.text.split())} words"
        out.print(f"  reads    {printable(sample.page.url)}: {printable(told)}", markup=False, soft_wrap=True)
    out.print(f"Written to {path}.", markup=False, soft_wrap=True)
    if site.is_stand_in:
        out.print("It was looked at in its place; to crawl it there, set in config.yaml:", markup=False)
        out.print(f"  sources: {{{site.name}: {{base_url: '{site.base}'}}}}", markup=False, soft_wrap=True)
    out.print(f"Next: tonle sources check {site.name}", markup=False)
