"""Forks tonle processes off one that has imported it already: importing takes longer than most commands do.

One JSON object a line on standard input: id, args, folder, out, err, environ, fsize, strace (options with which that
looks on; none: it does not). One a line on standard output: id and pid when it started; id, code (negative: the signal)
and peak (bytes of memory) when it ended. When standard input closes, whatever still runs is killed.
"""

import atexit
import gc
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cli import main
from app.cli.commands import MODULES
from core.model import Page
from core.rules import Rule
from core.site import load_sites
from crawler import SITES
from notify import render
from pipelines.alerts import Text, met
from pipelines.process import process
from replica import Replica
from tests.e2e.places import OHCHR, RULES

# What commands load late, by name.
LATE = (
    "storage.migrate",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.core.scheduler",
    "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.httpcompression",
    "scrapy.downloadermiddlewares.httpproxy",
    "scrapy.downloadermiddlewares.redirect",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.useragent",
    "scrapy.extensions.corestats",
    "scrapy.logformatter",
    "scrapy.spidermiddlewares.referer",
    "scrapy.spidermiddlewares.start",
    "scrapy.spidermiddlewares.urllength",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "crawler.middlewares.guard",
    "crawler.middlewares.robots",
    "crawler.middlewares.hosts",
    "crawler.middlewares.conditional",
    "crawler.middlewares.archive",
    "pipelines.reading",
    "pipelines.document",
    "trafilatura",
    "htmldate",
    "dateparser",
    "dateparser.search",
    "pipelines.item",
    "notify.delivery",
    "feedparser",
    *MODULES.values(),
)


def serve() -> dict[str, Any] | None:
    """Start what is asked for until standard input closes; in each fork, return what was asked of it."""
    waking, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    running: dict[int, int] = {}
    rest = b""
    while True:
        ready, _, _ = select.select([0, waking], [], [])
        if waking in ready:
            os.read(waking, 4096)
            reap(running)
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                for pid in running:
                    os.kill(pid, signal.SIGKILL)
                return None
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                request: dict[str, Any] = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    return request
                running[pid] = request["id"]
                tell(id=request["id"], pid=pid)


def reap(running: dict[int, int]) -> None:
    while running:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        tell(id=running.pop(pid), code=os.waitstatus_to_exitcode(status), peak=usage.ru_maxrss * 1024)


def tell(**what: int) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def become(request: dict[str, Any]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["folder"])
    os.environ.update(request["environ"])
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_APPEND),
        (2, request["err"], os.O_WRONLY | os.O_APPEND),
    ):
        descriptor = os.open(path, flags)
        os.dup2(descriptor, number)
        os.close(descriptor)
    if request["fsize"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["fsize"], request["fsize"]))
    if request["strace"]:
        be_traced(request["strace"])
    sys.argv = ["tonle", *request["args"]]


def be_traced(options: list[str]) -> None:
    """Have strace look on from here on."""
    tracer = subprocess.Popen(["strace", *options, "-p", str(os.getpid())])  # noqa: S607  # where it stands is not said
    while tracer.poll() is None and "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
        time.sleep(0.001)


def warm_up() -> None:
    """Do once what each crawl would do for itself: import, compile expressions, load the words of languages."""
    for late in LATE:
        importlib.import_module(late)
    now = datetime.now(UTC)
    replica = Replica(now=now)
    for site in load_sites(SITES).values():
        for truth in replica.truth(site.name):
            status, headers, body = replica.render(site.name, truth.path)
            names = {name.lower(): value for name, value in headers.items()}
            process(Page(site.home + truth.path, status, names, body, now), site)
    rules = [Rule.model_validate_json(json.dumps(rule)) for rule in RULES]
    assert not list(met(rules, Text(OHCHR, "A title", ("What no rule is about.",))))
    templates = render._environment()
    for name in templates.list_templates():
        templates.get_template(name)
    render._inliner()
    gc.collect()
    gc.freeze()


def run() -> None:
    """Run tonle and end as Python does, but for taking itself apart: in a fork that costs more than most commands."""
    try:
        main()
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code or 0)


if __name__ == "__main__":
    warm_up()
    asked = serve()
    if asked is not None:
        become(asked)
        run()
