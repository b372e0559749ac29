"""The templates of the layouts folder."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from replica.markup import Link, blocks, inline_html

_LAYOUTS = Path(__file__).parent / "layouts"


class Pages:
    """Renders a layout to UTF-8 bytes; a value the layout needs and does not get is an error."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_LAYOUTS),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, layout: str, **values: object) -> bytes:
        """Return the page of one layout file."""
        return self._environment.get_template(layout).render(**values).encode()

    def body(self, text: str, link: Link, *, broken_lines: bool = False) -> Markup:
        """Return a text in the light markup as HTML blocks.

        With `broken_lines` neighbouring paragraphs stand in one `p`, parted by two `br`, as some editors left them.
        """
        template = self._environment.get_template("body.html")
        parts = [(block.tag, [inline_html(line, link) for line in block.lines]) for block in blocks(text)]
        return Markup(template.render(parts=parts, broken_lines=broken_lines))  # noqa: S704 - autoescaped
