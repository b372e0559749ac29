"""Where the memory of a process with threads lies, asked of the C library itself."""

import subprocess
import sys
from pathlib import Path

import pytest

THREADS = """
import ctypes, sys, threading
from app.memory import give_memory_back, keep_memory_together
if sys.argv[1] == "together":
    keep_memory_together()
met = threading.Barrier(8)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
def take():
    met.wait()
    for _ in range(300):
        libc.malloc(50_000)
threads = [threading.Thread(target=take) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
give_memory_back()
libc.fopen.restype = ctypes.c_void_p
out = libc.fopen(sys.argv[2].encode(), b"w")
libc.malloc_info(0, ctypes.c_void_p(out))
libc.fclose(ctypes.c_void_p(out))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has arenas")
def test_threads_take_their_memory_from_one_place_where_they_are_told_to(tmp_path: Path) -> None:
    def places(how: str) -> int:
        told = tmp_path / how
        subprocess.run([sys.executable, "-c", THREADS, how, str(told)], check=True)  # our own words
        return told.read_text().count("<heap nr=")

    assert places("together") == 1
    assert places("apart") > 1
