"""What a listing, a feed or a list beside an article shows of a story."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One entry; an empty string is left out by the layouts."""

    address: str
    title: str
    date: str = ""
    summary: str = ""
    picture: str = ""
    eyebrow: str = ""
    moment: str = ""
