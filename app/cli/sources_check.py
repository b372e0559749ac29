"""`tonle sources check`: whether the descriptions of the sources still fit them."""

import json
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console

from app.cli.options import console, desk_of, printable
from app.desk import Desk
from core.errors import CrawlError, UsageError
from core.site import Search, open_places
from crawler.survey.articles import ArticleReport
from crawler.survey.asking import Asking
from crawler.survey.check import Checkup, SiteReport
from crawler.survey.ways import WayReport


def check(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Sources; all enabled ones if none is named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask every way of discovery of a source and read three articles; say what each selector finds. Nothing is kept.

    Exit code 3 if a source is broken: no listing names an article, or articles lack title, date or body.
    """
    desk = desk_of(context)
    checkups = [Checkup(site) for site in desk.named(names).values()]
    if not checkups:
        raise UsageError(f"Every source is disabled in {desk.path}: set `enabled: true` for one, or leave it out.")
    with ExitStack() as stack:
        # As a crawl does: two that ask one site at once would ask it twice as fast.
        for checkup in checkups if desk.config.data.exists() else ():
            stack.enter_context(desk.alone(checkup.site.name, f"The crawl of {checkup.site.name}"))
        asking = Asking(desk.config, desk.clock, desk.incidents())
        asking.ask([(checkup.site, checkup.run) for checkup in checkups])
    reports = [checkup.report for checkup in checkups if checkup.report]
    if as_json:
        told = [_report_json(report, _left_out(desk, report.site)) for report in reports]
        typer.echo(json.dumps({"sources": told}, ensure_ascii=False))
    else:
        for report in reports:
            _show(console(), report, _left_out(desk, report.site))
    if broken := [f"{report.site}: {problem}" for report in reports for problem in report.broken]:
        raise CrawlError("; ".join(broken))


def _left_out(desk: Desk, name: str) -> list[str]:
    """Return the ways of discovery that config.yaml leaves unused, with what it would have to say."""
    settings, told = desk.config.source(name), []
    for way in desk.known[name].discovery:
        missing = dict.fromkeys(place for place in open_places(way) if place not in settings.options)
        if missing:
            told.append(f"{way.via} {way.url}: not asked; set {', '.join(missing)} in its `options`")
        elif isinstance(way, Search) and not (*way.keywords, *settings.keywords):
            told.append(f"{way.via} {way.url}: not asked; set its `keywords`")
    return told


def _show(out: Console, report: SiteReport, left_out: list[str]) -> None:
    verdict = "[red]broken[/]" if report.broken else "[green]works[/]"
    out.print(f"[bold]{report.site}[/]: {verdict}")
    for way in report.ways:
        _show_way(out, way)
    for line in left_out:
        out.print(f"  {line}", markup=False, soft_wrap=True)
    for article in report.articles:
        _show_article(out, article)
    for style, label, lines in (("red", "broken", report.broken), ("yellow", "note", report.warnings)):
        for line in lines:
            out.print(f"  [{style}]{label}:[/] ", end="")
            out.print(printable(line), markup=False, soft_wrap=True)
    out.print()


def _show_way(out: Console, way: WayReport) -> None:
    out.print(f"  {way.via} {way.url}", markup=False, soft_wrap=True)
    for listing in way.listings:
        if listing.refused:
            told = f"not read: {listing.refused}"
        elif listing.follow and not listing.leads:
            told = f"an index of {len(listing.follow)} sitemaps"
        else:
            cards = "" if listing.cards is None else f"{listing.cards} cards, "
            told = f"{cards}{len(listing.leads)} leads, {listing.titled} with title, {listing.dated} with date"
        out.print(f"    {listing.url}: {printable(told)}", markup=False, soft_wrap=True)
    if way.paging:
        out.print(f"    {way.paging}", markup=False, soft_wrap=True)


def _show_article(out: Console, article: ArticleReport) -> None:
    out.print(f"  {article.url}", markup=False, soft_wrap=True)
    for label, value in _article_json(article).items():
        if label not in {"url", "findings"} and value:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            out.print(f"    {label}: {printable(str(shown))}", markup=False, soft_wrap=True)
    idle = [finding.selector for finding in article.findings if finding.key.startswith("drop") and not finding.count]
    for finding in article.findings:
        if finding.count or not finding.key.startswith("drop"):
            words = f": {printable(finding.words)}" if finding.words else ""
            line = f"      {finding.key} {finding.selector!r} finds {finding.count}{words}"
            out.print(line, markup=False, soft_wrap=True)
    if idle:
        out.print(f"      nothing to drop by: {' · '.join(idle)}", markup=False, soft_wrap=True, style="dim")


def _article_json(article: ArticleReport) -> dict[str, object]:
    draft = article.draft
    told: dict[str, object] = {"url": article.url, "layout": article.layout}
    if article.skipped:
        told |= {"skipped": article.skipped.reason.value, "detail": article.skipped.detail}
    if draft:
        told |= {
            "title": draft.title,
            "authors": list(draft.authors),
            "published": draft.published_at.isoformat() if draft.published_at else None,
            "section": draft.section,
            "language": draft.language,
            "words": len(draft.text.split()),
            "paragraphs": len(draft.paragraphs),
            "notes": len(draft.notes),
            "remarks": list(draft.remarks),
        }
    told["findings"] = [
        {"key": each.key, "selector": each.selector, "count": each.count, "words": each.words}
        for each in article.findings
    ]
    return told


def _report_json(report: SiteReport, left_out: list[str]) -> dict[str, object]:
    return {
        "source": report.site,
        "broken": list(report.broken),
        "warnings": list(report.warnings),
        "not_asked": left_out,
        "ways": [_way_json(way) for way in report.ways],
        "articles": [_article_json(article) for article in report.articles],
    }


def _way_json(way: WayReport) -> dict[str, object]:
    listings = [
        {
            "url": listing.url,
            "refused": listing.refused,
            "cards": listing.cards,
            "leads": len(listing.leads),
            "titled": listing.titled,
            "dated": listing.dated,
            "remark": listing.remark,
        }
        for listing in way.listings
    ]
    return {"via": way.via, "url": way.url, "paging": way.paging, "listings": listings}
