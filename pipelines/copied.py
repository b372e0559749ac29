"""A text that was copied from a page, line by line: what is the article's, and what goes, by which rule.

    lines | the site's rules | head | other stories within | list below | furniture, captions | tail

No site need be known. A title and a date are taken where the head names them without doubt. Where a rule cannot tell
the article's own lists, headings and last lines from furniture, they stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.site import PlainText, Site
from core.text import normalised
from pipelines.boilerplate import fits, headline_of
from pipelines.credits import credits_in_lines, is_credit
from pipelines.tags import tags_in_line
from pipelines.textends import captions_within, lists_below, lists_within, tail_of
from pipelines.texthead import Head, head_of
from pipelines.textlines import Line, agency_in, is_leaving, lines_of


@dataclass(slots=True)
class Copied:
    """A copied text: its lines, the rule by which each goes that is not the article's, and what its head names."""

    lines: Sequence[Line]
    head: Head
    rules: dict[int, str] = field(default_factory=dict)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The article's paragraphs."""
        return tuple(line.written for index, line in enumerate(self.lines) if index not in self.rules)

    @property
    def authors(self) -> tuple[str, ...]:
        """Who the byline names; without one, the agency that a line under the text names."""
        agencies = dict.fromkeys(agency_in(text) for text in self._gone("agency"))
        return self.head.authors or tuple(agencies)

    @property
    def credits(self) -> tuple[str, ...]:
        """Whom the captions that go say the pictures are of."""
        return credits_in_lines(self._gone("caption", "furniture"))

    @property
    def tags(self) -> tuple[str, ...]:
        """What a line of tags names."""
        return tuple(dict.fromkeys(tag for text in self._gone("furniture", "footer") for tag in tags_in_line(text)))

    def _gone(self, *rules: str) -> list[str]:
        return [self.lines[index].text for index, rule in sorted(self.rules.items()) if rule in rules]


def copied(text: str, site: Site) -> Copied:
    """Return a text with what is the article's told from what is not."""
    lines = lines_of(text)
    rules = _by_site(lines, site.plain_text)
    head = head_of(lines, rules, site)
    rules |= head.rules
    for rule in (_furniture, lists_below, lists_within, captions_within, tail_of):
        rules |= rule(lines, rules)
    return Copied(lines, head, rules)


def _by_site(lines: Sequence[Line], style: PlainText) -> dict[int, str]:
    """Return the lines that go by the site's file: mastheads, its furniture, pictures with the caption under them."""
    heading = normalised(headline_of([line.written for line in lines], style))
    found: dict[int, str] = {}
    after_picture = False
    for index, line in enumerate(lines):
        is_picture = fits(line.written, style.picture_line)
        if is_picture or fits(line.written, (*style.masthead, *style.drop_line)):
            found[index] = "the site's file"
        elif after_picture and normalised(line.written) != heading:
            # The caption is the one line between the picture's and what follows; a repeated headline is no caption.
            found[index] = "caption"
        after_picture = is_picture
    return found


def _furniture(lines: Sequence[Line], known: dict[int, str]) -> dict[int, str]:
    texts = ((index, line.written) for index, line in enumerate(lines) if index not in known)
    return {index: "furniture" for index, text in texts if is_leaving(text) or is_credit(text)}
