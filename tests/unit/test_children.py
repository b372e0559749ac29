"""Children of the daemon as it ends them: within one grace, however many they are."""

import subprocess
from datetime import timedelta

from app.child import Children


class Deaf:
    """A process that does not end when it is asked to. Nobody has its number."""

    pid = 2**31 - 1

    def __init__(self) -> None:
        self.waited: list[float] = []

    def wait(self, timeout: float) -> None:
        self.waited.append(timeout)
        raise subprocess.TimeoutExpired("tonle", timeout)


def test_children_that_do_not_end_have_one_grace_together() -> None:
    moments = iter([100.0, 100.0, 120.0, 121.0])
    deaf = [Deaf(), Deaf(), Deaf()]
    children = Children(timedelta(seconds=20), stopwatch=lambda: next(moments), _running={*deaf})  # type: ignore[arg-type]
    children.stop()
    assert sorted(each.waited[0] for each in deaf) == [0, 0, 20]
