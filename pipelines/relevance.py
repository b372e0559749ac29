"""What of a source is wanted at all: by the words of its listings, or of the text. Pure."""

from core.model import Draft, Lead
from core.site import Site
from pipelines.alerts import Text, meets

_ASKED_FOR = frozenset({"manual", "import", "search"})
"""Ways by which a person asked for an item: no rule leaves it out."""


def is_left_out_unread(site: Site, lead: Lead) -> bool:
    """Return whether what a listing says of an item is enough to leave it out without fetching it."""
    wanted = site.relevance
    return (
        wanted is not None and wanted.by == "listing" and not _is_vouched_for(lead) and not meets(wanted, _told(lead))
    )


def is_wanted(site: Site, lead: Lead, draft: Draft) -> bool:
    """Return whether a text belongs into the corpus: listing, title or text meet what the site's relevance asks.

    The notes below a release name countries that it does not concern: they do not count.
    """
    if site.relevance is None or _is_vouched_for(lead):
        return True
    told = _told(lead)
    text = Text(site.name, draft.title, (*told.parts, *draft.paragraphs))
    return meets(site.relevance, text) is not None


def _is_vouched_for(lead: Lead) -> bool:
    return lead.is_relevant or lead.via in _ASKED_FOR


def _told(lead: Lead) -> Text:
    return Text(lead.source, lead.title, (lead.summary,) if lead.summary else ())
