import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import Layout, Site
from pipelines.process import process
from pipelines.workshop import Workshop
from tests.e2e.processes import ROOT, children_of, is_alive, until

Build = Callable[..., Page]
MUCH = 1_000_001  # bytes: a page that goes to a process
# A pattern that takes twice as long for each letter, against which a line of forty is read for days.
ENDLESS = re.compile(r"(a+)+")
TRAP = "a" * 40 + "!"


def slowed(site: Site) -> Site:
    """Return a site but for a pattern that never comes to an end on a page with the trap."""
    layouts = tuple(
        Layout.model_construct(**{**dict(layout), "drop_text": (*layout.drop_text, ENDLESS)}) for layout in site.layouts
    )
    return site.model_copy(update={"layouts": layouts})


@pytest.fixture
def slow(post: Site) -> Site:
    return slowed(post)


@pytest.fixture
def workshop(slow: Site) -> Iterator[Workshop]:
    with Workshop({slow.name: slow}, processes=2, seconds=60) as opened:
        yield opened


@pytest.fixture
def story(page: Build, cms: Callable[..., str]) -> Build:
    """Build a page with a line in its body; with `size`, so large that a process reads it."""

    def build(line: str = "The wells of Kandal ran dry in March.", size: int = 0) -> Page:
        return page(cms(f"<p>{line}</p><!--{' ' * size}-->"))

    return build


def readers() -> set[int]:
    """Return the processes that read for this one."""
    return {pid for foreman in foremen() for pid in children_of(foreman, "pipelines.foreman")}


def foremen(pid: int = os.getpid()) -> set[int]:
    return children_of(pid, "pipelines.foreman")


def hang(workshop: Workshop, story: Build) -> tuple[Future[Draft | Skipped], int]:
    """Give a workshop a page on which it hangs; return the future and the process that reads it."""
    future = workshop.submit(story(TRAP, MUCH), "phnom-penh-post")
    caught: list[set[int]] = []

    def is_read() -> bool:
        caught.append(busy())
        return bool(caught[-1])

    until(is_read)
    (pid,) = caught[-1]
    return future, pid


def busy() -> set[int]:
    """Return the processes that compute at this moment."""
    return {pid for pid in readers() if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"}


def test_few_pages_are_read_without_any_process(workshop: Workshop, story: Build, post: Site) -> None:
    one = workshop.submit(story(), post.name).result(30)
    assert isinstance(one, Draft)
    assert one == process(story(), post)
    assert foremen() == set()


def test_pages_that_come_faster_than_one_thread_reads_them_are_read_by_processes(
    workshop: Workshop, story: Build
) -> None:
    futures = [workshop.submit(story(f"Well {number} ran dry."), "phnom-penh-post") for number in range(200)]
    texts = [draft.text for draft in (future.result(60) for future in futures) if isinstance(draft, Draft)]
    assert texts == [f"Well {number} ran dry." for number in range(200)]
    assert len(readers()) == 2


def test_many_pages_that_come_slowly_start_no_process(workshop: Workshop, story: Build) -> None:
    for _ in range(75):
        futures = [workshop.submit(story(), "phnom-penh-post") for _ in range(2)]
        assert all(isinstance(future.result(30), Draft) for future in futures)
    assert foremen() == set()


def test_pages_that_hold_much_together_are_read_by_processes(workshop: Workshop, story: Build) -> None:
    futures = [workshop.submit(story(size=MUCH // 3), "phnom-penh-post") for _ in range(4)]
    assert all(isinstance(future.result(30), Draft) for future in futures)
    assert foremen()


def test_a_pdf_is_read_by_a_process_however_small_it_is(workshop: Workshop, page: Build) -> None:
    workshop.submit(page(b"%PDF-1.7 and so on"), "phnom-penh-post").result(30)
    assert len(readers()) == 1


def test_a_workshop_without_processes_reads_everything_in_its_thread(slow: Site, story: Build) -> None:
    with Workshop({slow.name: slow}, processes=0) as workshop:
        assert isinstance(workshop.submit(story(size=MUCH), slow.name).result(30), Draft)
        assert foremen() == set()


def test_a_page_that_takes_too_long_is_given_up_and_no_other_is(slow: Site, story: Build) -> None:
    with Workshop({slow.name: slow}, processes=1, seconds=4) as workshop:
        pages = [story(size=MUCH), story(TRAP, MUCH), story(size=MUCH)]
        before, trap, after = [workshop.submit(page, slow.name) for page in pages]
        assert trap.result(30) == Skipped(Reason.UNREADABLE, "reading it took longer than 4 s")
        assert isinstance(before.result(30), Draft)
        assert isinstance(after.result(30), Draft)


def test_a_page_that_takes_too_much_memory_is_given_up_and_no_other_is(slow: Site, story: Build) -> None:
    with Workshop({slow.name: slow}, processes=1, memory=400_000_000) as workshop:
        pages = [story("<p>" * 3_000_000, MUCH), story(size=MUCH)]
        large, after = [workshop.submit(page, slow.name).result(60) for page in pages]
        assert isinstance(large, Skipped)
        assert large.reason == Reason.UNREADABLE
        assert isinstance(after, Draft)


def test_a_process_reads_on_when_its_whole_group_is_told_to_stop(slow: Site, story: Build) -> None:
    with Workshop({slow.name: slow}, processes=1, seconds=2) as workshop:
        trap, pid = hang(workshop, story)
        waiting = workshop.submit(story(size=MUCH), slow.name)
        for told in (pid, *foremen()):
            os.kill(told, signal.SIGTERM)
            os.kill(told, signal.SIGINT)
        assert isinstance(waiting.result(30), Draft)
        assert trap.result(30) == Skipped(Reason.UNREADABLE, "reading it took longer than 2 s")


def test_closing_ends_what_hangs_at_once_and_cancels_what_waits(slow: Site, story: Build) -> None:
    with Workshop({slow.name: slow}, processes=1, seconds=60) as workshop:
        _, pid = hang(workshop, story)
        waiting = workshop.submit(story(size=MUCH), slow.name)
    assert foremen() == set()
    assert waiting.cancelled()
    until(lambda: not is_alive(pid), 5)


KILLED = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from core.model import Page
from core.site import load_sites
from pipelines.workshop import Workshop

sites = load_sites(Path("crawler/sites"))
with Workshop(sites, processes=1, seconds=60) as workshop:
    page = Page("https://www.phnompenhpost.com/national/a", 404, {}, b" " * 2_000_000, datetime.now(UTC))
    workshop.submit(page, "phnom-penh-post").result()
    print("read", flush=True)
    sys.stdin.read()
"""


def test_no_process_outlives_one_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as user:
        assert user.stdout
        assert user.stdout.readline() == b"read\n"
        (foreman,) = foremen(user.pid)
        forks = children_of(foreman)
        assert len(forks) == 1
        user.kill()
    until(lambda: not any(map(is_alive, {foreman, *forks})), 10)


def test_results_come_in_the_order_of_the_pages_of_which_few_are_asked_for_ahead(
    workshop: Workshop, story: Build
) -> None:
    asked: list[int] = []

    def pages() -> Iterator[tuple[Page, str, None]]:
        for number in range(100):
            asked.append(number)
            yield story(f"Well {number} ran dry.", MUCH if number % 10 == 0 else 0), "phnom-penh-post", None

    results = workshop.read_all(pages())
    assert next(results) != next(results)
    assert len(asked) < 30
    drafts = [draft for draft in results if isinstance(draft, Draft)]
    assert [draft.text for draft in drafts] == [f"Well {number} ran dry." for number in range(2, 100)]


def test_a_source_that_the_workshop_does_not_know_is_refused_at_once(workshop: Workshop, story: Build) -> None:
    with pytest.raises(KeyError):
        workshop.submit(story(), "ohchr")


def test_who_opens_a_workshop_loads_no_parser() -> None:
    asks = "import sys, pipelines.workshop; print({'trafilatura', 'htmldate', 'dateparser'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.fixture(scope="module")
def shared(sites: dict[str, Site]) -> Iterator[Workshop]:
    """A workshop with one process for the tests from here on: its foreman takes seconds to start.

    The tests above count processes, so none of them may come after its first use.
    """
    site = slowed(sites["phnom-penh-post"])
    with Workshop({site.name: site}, processes=1, seconds=60) as opened:
        yield opened


def test_a_process_makes_of_a_page_what_a_thread_makes_of_it(shared: Workshop, story: Build, slow: Site) -> None:
    assert shared.submit(story(size=MUCH), slow.name).result(30) == process(story(size=MUCH), slow)
    assert len(readers()) == 1


def test_a_page_over_which_a_process_dies_is_given_up_and_no_other_is(shared: Workshop, story: Build) -> None:
    future, pid = hang(shared, story)
    os.kill(pid, signal.SIGSEGV)
    assert future.result(30) == Skipped(Reason.UNREADABLE, "the process that read it was ended by signal 11")
    assert isinstance(shared.submit(story(size=MUCH), "phnom-penh-post").result(30), Draft)


def test_a_foreman_that_is_killed_is_replaced(shared: Workshop, story: Build) -> None:
    assert isinstance(shared.submit(story(size=MUCH), "phnom-penh-post").result(30), Draft)
    (first,), (reader,) = foremen(), readers()
    os.kill(first, signal.SIGKILL)
    os.kill(reader, signal.SIGKILL)
    until(lambda: not is_alive(reader))
    assert shared.submit(story(size=MUCH), "phnom-penh-post").result(30) == Skipped(
        Reason.FAILED, "the process that read it ended"
    )
    assert isinstance(shared.submit(story(size=MUCH), "phnom-penh-post").result(30), Draft)
    assert foremen() - {first}


def test_a_process_that_has_read_much_is_replaced(shared: Workshop, page: Build) -> None:
    def read() -> None:
        refused = shared.submit(page(b"%PDF-", status=404), "phnom-penh-post").result(30)
        assert refused == Skipped(Reason.NOT_FOUND, "HTTP 404")

    read()
    first = readers()
    for _ in range(1000):
        read()
    assert len(readers()) == 1
    assert not readers() & first
