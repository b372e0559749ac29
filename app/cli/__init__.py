"""The command line. A command or group a file, put together in commands.py; this one maps errors to exit codes.

Exit codes: 0 done; 1 an error of tonle's own; 2 wrong settings or command line; 3 a source could not be crawled;
4 the corpus cannot be read or written; 5 a message could not be handed over; 6 already running; 130 interrupted.
"""

import os
import sys

from rich.console import Console
from rich.markup import escape

from app.cli.options import app
from core.errors import TonleError

__all__ = ["app", "main"]

_INTERRUPTED = 130
_PRIVATE = 0o007


def main() -> None:
    """Run the command line and exit with its code."""
    # The corpus, messages and logs are nothing for everybody on the machine, whatever the umask was.
    os.umask(os.umask(_PRIVATE) | _PRIVATE)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        app(standalone_mode=True)
    except TonleError as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)
    except MemoryError:
        # Written as it is: what makes lines pretty may need memory itself.
        os.write(2, b"error: This needs more memory than `crawl.memory` allows, or than there is.\n")
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
