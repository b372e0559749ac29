"""MinHash LSH by others, on the texts of a corpus: `python -m tests.bench.sketches KIND FILE`, in any Python.

The sketches are of the runs of three words that tonle compares (core/shingles.py), or of words cut at white space.
Prints one line of JSON: seconds of the processor for making the sketches and putting them in, or what is missing. Only
the standard library and what is measured are needed.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from importlib import import_module
from time import perf_counter, process_time

from core.shingles import words_of

_PERMUTATIONS, _THRESHOLD = 128, 0.5
_BANDS = 32  # of four: what a threshold of a half comes to
Words = Callable[[str], list[str]]


def _datasketch(texts: Iterable[str], words: Words) -> int:
    library = import_module("datasketch")
    index = library.MinHashLSH(threshold=_THRESHOLD, num_perm=_PERMUTATIONS)
    count = 0
    for count, text in enumerate(texts, 1):
        sketch = library.MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([run.encode() for run in _runs(words(text))])
        index.insert(count, sketch)
    return count


def _rensa(texts: Iterable[str], words: Words) -> int:
    library = import_module("rensa")
    index = library.RMinHashLSH(threshold=_THRESHOLD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    count = 0
    for count, text in enumerate(texts, 1):
        sketch = library.RMinHash(num_perm=_PERMUTATIONS, seed=42)
        sketch.update(list(_runs(words(text))))
        index.insert(count, sketch)
    return count


def _runs(words: list[str]) -> set[str]:
    return {" ".join(run) for run in zip(words, words[1:], words[2:], strict=False)}


def _same_words(text: str) -> list[str]:
    return words_of(text)[0]


def _cut_words(text: str) -> list[str]:
    return text.lower().split()


KINDS: dict[str, tuple[str, Callable[[Iterable[str], Words], int], Words]] = {
    "datasketch": ("datasketch", _datasketch, _same_words),
    "datasketch, words cut at white space": ("datasketch", _datasketch, _cut_words),
    "rensa": ("rensa", _rensa, _same_words),
    "rensa, words cut at white space": ("rensa", _rensa, _cut_words),
}


def main(kind: str, path: str) -> None:
    """Measure one of them."""
    library, made, words = KINDS[kind]
    try:
        import_module(library)
    except ImportError:
        sys.stdout.write(json.dumps({"missing": library}) + "\n")
        return
    with closing(sqlite3.connect(path)) as connection:
        cpu, wall = process_time(), perf_counter()
        made((text for (text,) in connection.execute("SELECT text FROM articles ORDER BY id")), words)
    sys.stdout.write(json.dumps({"seconds": process_time() - cpu, "wall": perf_counter() - wall}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
