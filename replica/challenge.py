"""The page with which a site's shield refuses a client."""

from replica.exchange import HTML, Answer
from replica.pages import Pages


def challenge(pages: Pages, status: int = 403) -> Answer:
    """Return a Cloudflare challenge, 403 or 503."""
    headers = {"Content-Type": HTML, "Server": "cloudflare", "cf-mitigated": "challenge", "Cache-Control": "no-store"}
    return Answer(status, headers, pages.render("challenge.html"))
