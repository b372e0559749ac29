"""How tonle names itself to a server."""

from importlib.metadata import PackageNotFoundError, version


def agent(contact: str) -> str:
    """Return the agent string: the program, its version and whom to write to; never another program's name."""
    try:
        number = version("tonle")
    except PackageNotFoundError:
        number = "0"
    whom = " ".join(contact.split()) or "no contact configured"
    return f"tonle/{number} (news archive for human rights research; {whom})"


TOKEN = "tonle"  # noqa: S105  # the product token that robots.txt files may address (RFC 9309 §2.2.1)
