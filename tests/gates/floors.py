"""Figures that may not fall: kept in a file with the corpus that they were measured on, under a seal.

TONLE_PIN_FLOORS=1 measures anew and writes them; only with TONLE_LOWER_FLOORS=1 as well is one written that is lower
than before, which asks for a line in the changelog.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Floors:
    """The floors in a file."""

    path: Path

    def pinned(self) -> dict[str, Any]:
        """Return what the file holds: corpus, floors and seal."""
        found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    def is_sealed(self) -> bool:
        """Return whether the gate has written the file, and not a hand."""
        found = self.pinned()
        return bool(found["seal"] == _seal(found["floors"], found["corpus"]))

    def below(self, figures: Figures) -> list[str]:
        """Return which figures are below their floors."""
        floors: Figures = self.pinned()["floors"]
        return [
            f"{row} {name}: {figures.get(row, {}).get(name, 0.0)} is below {floor}"
            for row, named in floors.items()
            for name, floor in named.items()
            if figures.get(row, {}).get(name, 0.0) < floor
        ]

    def pin_when_asked(self, figures: Figures, corpus: str) -> None:
        """Write the figures as floors where the environment asks for it. Raises ValueError where one would fall."""
        if os.environ.get("TONLE_PIN_FLOORS") != "1":
            return
        below = self.below(figures) if self.path.exists() else []
        if below and os.environ.get("TONLE_LOWER_FLOORS") != "1":
            raise ValueError(f"set TONLE_LOWER_FLOORS=1 and write a line in the changelog: {below}")
        content = {"corpus": corpus, "floors": figures, "seal": _seal(figures, corpus)}
        self.path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _seal(figures: Figures, corpus: str) -> str:
    return hashlib.sha256(json.dumps([figures, corpus], sort_keys=True).encode()).hexdigest()
