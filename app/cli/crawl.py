"""`tonle crawl`: one crawl by hand, or as the daemon's child."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Annotated

import typer

from app.cli.options import console, day, desk_handed, desk_of, printable, progress
from app.cli.tables import crawl_table, tally_json
from app.desk import Desk
from app.lifeline import end_with_parent
from app.memory import bound_memory
from app.run_logs import keeping_logs
from core.config import site_as_configured
from core.errors import AlreadyRunningError, CrawlError, UsageError
from core.model import Lead
from core.site import Search, Site
from crawler.crawl import Crawling, CrawlReport
from crawler.job import Wish
from crawler.spiders.news import leads_for
from storage.runs import MANUAL, PART
from storage.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("crawl")(crawl)


def crawl(  # noqa: PLR0913, PLR0917  # one parameter an option
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Sources; all enabled ones if none is named.")] = None,
    url: Annotated[list[str] | None, typer.Option(help="Fetch only this address; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(help="Look back to this day, and leave out what is older.")] = None,
    until: Annotated[str | None, typer.Option(help="With --since: leave out what is newer than this day.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Fetch at most so many articles a source.")] = None,
    pages: Annotated[int | None, typer.Option(min=1, help="Read at most so many pages of each listing.")] = None,
    search: Annotated[list[str] | None, typer.Option(help="Only what the site's own search finds.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    trigger: Annotated[str, typer.Option(hidden=True)] = MANUAL,
    deliver: Annotated[bool, typer.Option(hidden=True)] = True,
    handed: Annotated[bool, typer.Option("--handed", hidden=True)] = False,
) -> None:
    """Crawl the sources once: find what is new, clean it, keep it, and send the alerts that fire.

    Exit code 3 if a source could not be crawled to its end, 4 if that is because the corpus could not be written.
    """
    desk = desk_handed(context) if handed else desk_of(context)
    end_with_parent(desk.config.crawl.stop_grace.total_seconds(), os.environ)
    bound_memory(desk.config.crawl.memory)
    wish = Wish(
        since=day(since, desk),
        until=_day_after(until, desk),
        limit=limit,
        pages=pages,
        keywords=tuple(search or ()),
        dry=dry_run,
    )
    if wish.until and not (wish.since or wish.pages):
        raise UsageError("--until needs --since or --pages: say how far back to look.")
    if trigger == MANUAL and (url or wish != Wish()):
        trigger = PART
    with ExitStack() as stack:
        locks = stack.enter_context(ExitStack())
        wishes = _unlocked(locks, desk, _wishes(desk, sources, url, wish))
        store = stack.enter_context(desk.corpus())
        with progress("crawling") as settled, keeping_logs(desk, store) as begun:
            reports = Crawling(store, desk.config, desk.clock, trigger, settled, begun).crawl(wishes)
        # Delivering can wait long for a mail server, and is no crawl.
        locks.close()
        delivered = _deliver(desk, store) if deliver and not dry_run else None
        _show(desk, store, reports, delivered, as_json=as_json)
    for report in reports:
        if report.unwritten:
            raise report.unwritten
    broken = [report for report in reports if report.status != "finished"]
    if broken:
        raise CrawlError("; ".join(f"{report.source}: {report.status}: {report.error}" for report in broken))


def _deliver(desk: Desk, store: Store) -> tuple[int, int]:
    """Send what is owed; return how many messages were handed over, and how many postponed."""
    with store.reading() as corpus:
        if not corpus.outbox.waiting():
            return 0, 0
    # What makes messages takes long to load, and most crawls owe none.
    from notify.delivery import deliver_due  # noqa: PLC0415

    report = deliver_due(store, desk.config, desk.titles, desk.clock)
    return report.sent, report.postponed


def _wishes(desk: Desk, sources: list[str] | None, urls: list[str] | None, wish: Wish) -> dict[str, tuple[Site, Wish]]:
    sites = desk.named(sources)
    if not sites:
        raise UsageError(f"Every source is disabled in {desk.path}: set `enabled: true` for one, or leave it out.")
    if not urls:
        return _searching(desk, sites, wish) if wish.keywords else {name: (site, wish) for name, site in sites.items()}
    if wish.is_reaching_far or wish.keywords:
        raise UsageError("--url fetches just these addresses: leave out --since, --until, --pages and --search.")
    wishes: dict[str, tuple[Site, Wish]] = {}
    unclaimed = set(urls)
    for name, site in sites.items():
        if leads := leads_for(site, urls):
            unclaimed -= {url for url in urls if leads_for(site, [url])}
            wishes[name] = (site, Wish(leads=leads, limit=wish.limit, dry=wish.dry))
    if unclaimed:
        raise UsageError(
            f"No source is responsible for {', '.join(sorted(unclaimed))}; a site is added in crawler/sites/."
        )
    return wishes


def _searching(desk: Desk, sites: Mapping[str, Site], wish: Wish) -> dict[str, tuple[Site, Wish]]:
    """Return the sites that have a search, each with the words to ask it for."""
    found = {}
    for name in sites:
        site = site_as_configured(desk.config, desk.known[name], wish.keywords)
        if any(isinstance(way, Search) for way in site.discovery):
            found[name] = (site, wish)
    if not found:
        raise UsageError(f"None of {', '.join(sites)} has a search of its own that tonle knows.")
    return found


def _day_after(text: str | None, desk: Desk) -> datetime | None:
    """Return the end of a day that a person named."""
    named = day(text, desk)
    return named + timedelta(days=1) if named else None


def _unlocked(stack: ExitStack, desk: Desk, wishes: dict[str, tuple[Site, Wish]]) -> dict[str, tuple[Site, Wish]]:
    """Take the lock of each source; one that is being crawled already is an error only if it was the only one."""
    free = {}
    busy: list[AlreadyRunningError] = []
    for name, wanted in wishes.items():
        try:
            stack.enter_context(desk.alone(name, f"The crawl of {name}"))
        except AlreadyRunningError as error:
            busy.append(error)
        else:
            free[name] = wanted
    if busy and not free:
        raise busy[0]
    for locked in busy:
        typer.echo(f"left out: {locked}", err=True)
    return free


def _show(
    desk: Desk, store: Store, reports: Sequence[CrawlReport], delivered: tuple[int, int] | None, *, as_json: bool
) -> None:
    found = {report.source: [_lead_json(lead) for lead in report.found] for report in reports}
    dry = delivered is None and not any(report.run_id for report in reports)
    if as_json:
        answer = {"sources": [tally_json(store, report) for report in reports]}
        typer.echo(json.dumps({**answer, "found": found} if dry else answer, ensure_ascii=False))
        return
    out = console()
    if dry:
        _show_found(reports)
        return
    out.print(crawl_table(store, reports, desk.titles))
    if delivered and any(delivered):
        out.print(f"alerts and digests handed over: {delivered[0]}, postponed: {delivered[1]}")


def _show_found(reports: Iterable[CrawlReport]) -> None:
    out = console()
    for report in reports:
        out.print(f"[bold]{report.source}[/]: {len(report.found)} would be fetched")
        for lead in report.found:
            out.print(f"  {lead.url}  {printable(lead.title)}", markup=False, soft_wrap=True)
        if report.error:
            out.print(f"  not read: {report.error}", markup=False, soft_wrap=True)


def _lead_json(lead: Lead) -> dict[str, str | None]:
    published = lead.published.isoformat() if lead.published else None
    return {"url": lead.url, "title": lead.title, "published_at": published, "via": lead.via}
