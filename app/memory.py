"""The memory that this process may take, and each that it starts: what strangers send is parsed within that."""

import resource
from contextlib import suppress


def bound_memory(most: int) -> None:
    """Let this process, and each that it starts from here on, take at most so many bytes; past them, MemoryError.

    What counts is what a process writes to and shares with nobody (RLIMIT_DATA, Linux 4.7 and later), and not its
    address space (RLIMIT_AS): of that each thread reserves 64 MB that it never touches, so that a crawl of 180 MB has
    740. Where the kernel knows no such bound (macOS), nothing happens; a lower one that is set already stays.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
