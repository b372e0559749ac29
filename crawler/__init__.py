"""Gets: the one spider, told which site; discovery as pure functions; the rules of politeness as middlewares."""

from pathlib import Path

SITES = Path(__file__).parent / "sites"
"""The folder of the site descriptions."""
