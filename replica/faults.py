"""The faults in force."""

from dataclasses import replace

from replica.exchange import Request
from replica.fault import Fault
from replica.fault_answers import ANSWERS
from replica.fault_manners import MANNERS


class Faults:
    """The faults in force. The first that hits is used; not thread-safe, the replica holds its lock."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def set(self, fault: Fault) -> None:
        """Put a fault in force; raises ValueError on a kind that does not exist."""
        if fault.kind not in ANSWERS and fault.kind not in MANNERS:
            raise ValueError(f"no such fault: {fault.kind!r}; known are {sorted([*ANSWERS, *MANNERS])}")
        self._faults.append(fault)

    def clear(self) -> None:
        """Put none in force."""
        self._faults.clear()

    def take(self, site: str, request: Request) -> Fault | None:
        """Return the fault that hits a request, counted down, or None."""
        for position, fault in enumerate(self._faults):
            if fault.hits(site, request):
                if fault.times is not None:
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._faults[position : position + 1] = left
                return fault
        return None
