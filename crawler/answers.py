"""Scrapy's answers as values of tonle's own."""

from datetime import datetime
from urllib.parse import urlsplit

from scrapy.http import Headers, Response

from core.model import Page


def page_of(response: Response, at: datetime) -> Page:
    """Return what answered a request, and when."""
    asked = response.meta.get("redirect_urls", [response.url])[0] if response.request else response.url
    return Page(response.url, response.status, headers_of(response.headers), response.body, at, asked)


def headers_of(headers: Headers) -> dict[str, str]:
    """Return headers by name in lower case; several of one name are joined by commas."""
    return {name.decode("latin-1").lower(): b", ".join(values).decode("latin-1") for name, values in headers.items()}


def host_named(url: str) -> str:
    """Return the host of an address as incidents name it: with its port, where it is not the scheme's own."""
    return urlsplit(url).netloc.rpartition("@")[2].casefold()
