"""The program's beginning: `tonle`, and `python -m app` for child processes that must run this very installation.

While it loads, nobody looks for garbage: nothing that is imported is any, and the looking takes a seventh of a crawl
that finds nothing new. What stays from loading is not looked at again (`app/cli/options.py`).
"""

import gc

gc.disable()

from app.cli import main  # noqa: E402  # so that this is loaded without it

if __name__ == "__main__":
    main()
