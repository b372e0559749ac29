"""The commands by name. Of each its module is loaded when it is asked for: most of them import much, and none the same.

`tonle --help` and the completion of shells ask for all of them, a command only for itself.
"""

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

MODULES = {
    "crawl": "app.cli.crawl",
    "daemon": "app.cli.daemon",
    "diff": "app.cli.diff",
    "digest": "app.cli.digest",
    "extract": "app.cli.extract",
    "feeds": "app.cli.feeds",
    "import": "app.cli.imports",
    "page": "app.cli.page",
    "reextract": "app.cli.reextract",
    "search": "app.cli.search",
    "show": "app.cli.search",
    "duplicates": "app.cli.duplicates",
    "alerts": "app.cli.alerts",
    "deliveries": "app.cli.deliveries",
    "status": "app.cli.status",
    "troubles": "app.cli.troubles",
    "runs": "app.cli.runs",
    "doctor": "app.cli.doctor",
    "demo": "app.cli.demo",
    "config": "app.cli.config",
    "db": "app.cli.database",
    "sources": "app.cli.sources",
    "subscribers": "app.cli.subscribers",
}
"""In the order in which people are shown them. A module has `register`, which adds its commands to a Typer."""


class _Commands(UserDict[str, Any]):
    """Typer's commands by name; one that nobody asked for yet stands as the name of its module."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # Typer has no public name for a command or group
        if isinstance(self.data[name], str):
            alone = typer.Typer()
            import_module(self.data[name]).register(alone)
            self.data[name] = get_group(alone).commands[name]
        return self.data[name]


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # Typer's own
        super().__init__(**settings)
        self.commands = _Commands(MODULES)
