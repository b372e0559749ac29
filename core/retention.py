"""How long what may be forgotten is kept: the section `retention` of config.yaml."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from core.strict import Strict, Written, duration

_LEAST = timedelta(days=30)
"""Shorter than that, people would ask in vain why a crawl failed, or whether a message was sent."""

ALWAYS = "always"


def _kept(value: object) -> timedelta | None:
    if value is None or value == ALWAYS:
        return None
    span = duration(value)
    if span < _LEAST:
        raise ValueError(f"must be at least {_LEAST.days}d, or `{ALWAYS}`")
    return span


Keep = Annotated[timedelta | None, BeforeValidator(_kept), Written]
"""None: for ever."""


class RetentionSettings(Strict):
    """What `tonle db prune` leaves: nothing here concerns articles and their evidence, which are kept for ever."""

    runs: Keep = Field(default="400d", validate_default=True)
    deliveries: Keep = Field(default="400d", validate_default=True)
    marks: Keep = Field(default="400d", validate_default=True)
    answers: Keep = Field(default="400d", validate_default=True)
    previews: Keep = Field(default="400d", validate_default=True)
    messages: Keep = None
