"""How commands tell what was edited in a revision, and that a page flickers."""

from collections.abc import Iterable

from core.edits import Change
from core.model import Revision
from core.stories import Flicker
from pipelines.edits import edits, state_of


def told_edits(before: Revision, after: Revision) -> tuple[Change, ...]:
    """Return what was edited between two revisions."""
    return edits(state_of(before), state_of(after))


def edits_json(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Return edits as scripts get them."""
    return [{"label": each.label.value, "before": each.before, "after": each.after} for each in changes]


def flicker_json(flicker: Flicker) -> dict[str, object]:
    """Return a flicker as scripts get it."""
    return {"since": flicker.since.isoformat(), "last_at": flicker.last_at.isoformat(), "times": flicker.times}
