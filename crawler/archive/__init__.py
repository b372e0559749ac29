"""The evidence: every exchange with a server as it came over the wire, in WARC files that any web archive can read."""

from crawler.archive.exchange import Exchange, Head
from crawler.archive.reading import read
from crawler.archive.writing import Archive

__all__ = ["Archive", "Exchange", "Head", "read"]
