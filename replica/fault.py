"""A fault: which requests it hits, and with what options."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from replica.exchange import Request

Option = str | int | float
# Of a whole site, whatever the path.
_WHOLE = frozenset({"down"})


@dataclass(frozen=True)
class Fault:
    """A fault set on a path of one site; `times` counts down, None means until cleared."""

    site: str
    path: str
    kind: str
    times: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    def hits(self, site: str, request: Request) -> bool:
        """Tell whether the fault is set on that request."""
        if site != self.site or self.kind in _WHOLE:
            return site == self.site
        if self.path.startswith("^"):
            return re.search(self.path, request.target) is not None
        return self.path in (request.path, request.raw_path)

    def number(self, name: str, default: float) -> float:
        """Return an option as a number."""
        return float(self.options.get(name, default))

    def text(self, name: str, default: str) -> str:
        """Return an option as text."""
        return str(self.options.get(name, default))
