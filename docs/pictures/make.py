"""Makes the README's pictures from the real output: the demo in a pseudo-terminal as SVG, its digest as PNG.

    .venv/bin/python docs/pictures/make.py [CHROMIUM]

Needs a Chromium for the digest; its path is the argument, else it is looked for.
"""

import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
COLUMNS = 104
LAST_LINES = "Look at"


def main() -> None:
    """Run the demo and write both pictures beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        shown = run_in_terminal([str(Path(sys.executable).with_name("tonle")), "demo"], Path(folder))
        write_svg(shown, HERE / "demo.svg")
        write_png(Path(folder) / "demo-data" / "data" / "digest-first" / "digest.html", HERE / "digest.png")


def run_in_terminal(command: list[str], folder: Path) -> str:
    """Return what a command writes to a terminal of its own, colours included."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "TONLE_DATA": ""}
    with subprocess.Popen(  # noqa: S603  # our own program
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(theirs)
        pieces = []
        while piece := _read(ours):
            pieces.append(piece)
        if process.wait() != 0:
            raise SystemExit("the demo failed")
    return b"".join(pieces).decode()


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # the terminal's other side is closed
        return b""


def write_svg(shown: str, path: Path) -> None:
    """Write terminal output as a picture, up to where it only names files."""
    text = shown.replace("\r", "").split(LAST_LINES)[0].rstrip()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi("$ make demo\n" + text))
        console.save_svg(str(path), title="tonle demo")


def write_png(page: Path, path: Path) -> None:
    """Take a picture of the top of a page as a phone or mail program shows it."""
    browser = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        raise SystemExit("no Chromium found: name its path")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars"]
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *flags, f"--user-data-dir={profile}", "--window-size=760,1180", f"--screenshot={path}"]
        subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=60)  # noqa: S603


if __name__ == "__main__":
    main()
