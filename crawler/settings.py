"""Scrapy's settings for one crawl, as an add-on: what is polite, safe and quiet."""

from importlib import import_module
from threading import Thread
from typing import Any, Self

from scrapy.settings import BaseSettings, Settings

from core.config import CrawlSettings
from core.site import Site
from core.urls import is_private, split
from crawler.agent import agent

_SIDE_BY_SIDE = 4  # requests to a stand-in that asks for no delay
PROCESS: dict[str, Any] = {
    "LOG_ENABLED": False,
    "LOG_INSTALL_ROOT_HANDLER": False,
    "TWISTED_DNS_RESOLVER": "crawler.resolver.PublicResolver",
}
"""What Scrapy reads once for the whole process; what differs by site is in `settings_for`."""

_RETRIED = [408, 500, 502, 503, 504, 522, 524]  # not 429: that says to come back later, and a run later is

DOWNLOADER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"

# What is in Scrapy's own lists is loaded even where it is switched off: remote control brings aiohttp, cookies bring
# requests, together a third of a second of each crawl. So the lists themselves are replaced.
_OF_SCRAPY: dict[str, dict[str, Any]] = {
    "EXTENSIONS_BASE": {"scrapy.extensions.corestats.CoreStats": 0},
    "DOWNLOAD_HANDLERS_BASE": dict.fromkeys(("http", "https"), DOWNLOADER),
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    },
    "SPIDER_MIDDLEWARES_BASE": {
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": 800,
    },
}


class OwnSettings(Settings):
    """Scrapy's settings that nobody else holds: a crawler need not copy them, which takes a fortieth of a crawl."""

    def copy(self) -> Self:
        """Return these very settings."""
        return self


class PoliteAddon:
    """Switches off what Scrapy opens or forgets by default, and puts tonle's own middlewares in."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what no caller may change."""
        fixed: dict[str, Any] = {
            # Both open a local port; the first runs Python for whoever holds its token file.
            "REMOTE_CONTROL_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            # Off by default in Scrapy. Who cites a page must know whose it is.
            "DOWNLOAD_VERIFY_CERTIFICATES": True,
            # Replaced by tonle's own, which waits where robots.txt cannot be read.
            "ROBOTSTXT_OBEY": False,
            "DOWNLOAD_DELAY_JITTER": 0,  # with jitter, gaps fall under the delay that was asked for
            "COOKIES_ENABLED": False,
            "METAREFRESH_ENABLED": False,
            "REFERER_ENABLED": False,
            # For each answer Scrapy starts so many tasks, by default a hundred; one answer holds one item.
            "CONCURRENT_ITEMS": 1,
            "HTTPERROR_ALLOW_ALL": True,  # every answer has its outcome
            "RETRY_HTTP_CODES": _RETRIED,
            "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # an outcome says it
            "REDIRECT_MAX_TIMES": 6,
            "DOWNLOAD_WARNSIZE": 0,
            "LOG_ENABLED": False,
            "LOGSTATS_INTERVAL": 0,
            "MEMUSAGE_ENABLED": False,
            # Scrapy parses the source of a callback for this, and of a partial one anew for each answer: 4 ms.
            "WARN_ON_GENERATOR_RETURN_VALUE": False,
        }
        for name, value in (fixed | _OF_SCRAPY).items():
            settings.set(name, value, priority="cmdline")
        settings.set(
            "DOWNLOADER_MIDDLEWARES",
            {
                "crawler.middlewares.guard.GuardMiddleware": 50,
                "crawler.middlewares.robots.RobotsMiddleware": 100,
                "crawler.middlewares.conditional.ConditionalMiddleware": 450,
                # Behind RetryMiddleware (550): it sees what was answered before that is tried again; before
                # HttpCompressionMiddleware (590): it sees pages and not their packed bytes.
                "crawler.middlewares.hosts.HostsMiddleware": 570,
                "crawler.middlewares.guard.ConnectMiddleware": 580,
                # Behind HttpCompressionMiddleware (590) and RedirectMiddleware (600): it sees what came over the wire.
                "crawler.middlewares.archive.ArchiveMiddleware": 650,
            },
            priority="cmdline",
        )
        settings.set("ITEM_PIPELINES", {"pipelines.item.IngestPipeline": 300}, priority="cmdline")


def load_downloader() -> None:
    """Import what Scrapy would import when the first crawl begins, each module from a thread of its own.

    Two of them ask for the source lines of everything that is being called (inspect.stack), frame by frame: here that
    is little, within the reactor and under one another it takes a quarter of a second.
    """
    for name in ("scrapy.core.downloader.tls", "scrapy.core.downloader.contextfactory", DOWNLOADER.rpartition(".")[0]):
        loading = Thread(target=import_module, args=(name,))
        loading.start()
        loading.join()


def settings_for(site: Site, crawl: CrawlSettings, contact: str) -> dict[str, Any]:
    """Return the settings of a crawl of one site; delays in seconds, sizes in bytes."""
    delay = site.politeness.delay.total_seconds()
    base = split(site.base)
    host = (base.hostname if base else None) or ""
    concurrency = 1 if delay else _SIDE_BY_SIDE
    others = 0 if site.is_stand_in else len(site.documents.hosts)
    return {
        "ADDONS": {"crawler.settings.PoliteAddon": 0},
        "USER_AGENT": agent(contact),
        "DOWNLOAD_SLOTS": {host: {"concurrency": concurrency, "delay": delay, "jitter": 0}},
        "DOWNLOAD_DELAY": delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        # What Scrapy holds ready beyond that is still asked, delay by delay, when a crawl has been told to stop. Hosts
        # of documents have one each, so that a host which asks to wait does not hold up the others.
        "CONCURRENT_REQUESTS": concurrency + others,
        "DOWNLOAD_TIMEOUT": crawl.request_timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": crawl.max_page,
        "RETRY_TIMES": crawl.retries,
        # A machine's proxy cannot reach a stand-in on the machine itself.
        "HTTPPROXY_ENABLED": not is_private(host),
    }
