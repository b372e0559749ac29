"""How tonle names itself to a server."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

TOKEN = "tonle"  # noqa: S105  # the product token that robots.txt files may address (RFC 9309 §2.2.1)


@cache
def program_version() -> str:
    """Return the version that is installed, 0 where tonle runs without being installed."""
    try:
        return version("tonle")
    except PackageNotFoundError:
        return "0"


def agent(contact: str) -> str:
    """Return the agent string: the program, its version and whom to write to; never another program's name.

    A header holds ASCII on one line (RFC 9110 §5.5); of a contact, what is not ASCII is left out.
    """
    whom = " ".join(contact.encode("ascii", errors="ignore").decode().split()) or "no contact configured"
    return f"{TOKEN}/{program_version()} (news archive for human rights research; {whom})"
