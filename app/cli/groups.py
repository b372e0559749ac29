"""Groups of commands of which the first word may be left out."""

from typing import Any

from typer.core import TyperGroup


class Listing(TyperGroup):
    """A group whose `list` may be left out: `duplicates 12` is `duplicates list 12`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # Typer has no public name for it
        """Read the words behind the group's name; where the first is no command of it, as those of `list`."""
        is_told = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if is_told else ["list", *args])
