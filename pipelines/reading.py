"""Reading a page without fear: whatever the parsers choke on is a reason, not an error."""

from traceback import format_exc

from core.model import Reason, Skipped
from pipelines.document import Limits
from pipelines.parcels import Done, Orders, Work
from pipelines.process import process

_LONGEST = 300  # characters of what a parser said


def read(work: Work, orders: Orders) -> Done:
    """Return what `process` makes of a page, Reason.FAILED if it raises, UNREADABLE and the last for want of memory."""
    try:
        return Done(process(work.page, orders.sites[work.source], work.lead, Limits(orders.most_pages)))
    except MemoryError:
        return Done(Skipped(Reason.UNREADABLE, "reading it needs more memory than is allowed"), is_last=True)
    except Exception as error:  # noqa: BLE001  # the rim of the loop over pages: one of them must not end the run
        said = f"{type(error).__name__}: {error}"[:_LONGEST]
        return Done(Skipped(Reason.FAILED, said), format_exc())
