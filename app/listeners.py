"""The addresses at which a daemon answers, and what becomes of one that cannot be had."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import structlog

from app.alarms.job_notes import METRICS, UNSUBSCRIBE, JobNotes
from app.desk import Desk
from core.errors import UsageError
from storage.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listeners:
    """What answers whom: whoever unsubscribes, and whoever asks for figures and health.

    desk returns the settings that are in force; ails says what ails the daemon's work, nothing where nothing does.
    """

    desk: Callable[[], Desk]
    store: Store
    notes: JobNotes
    ails: Callable[[], str]

    @contextmanager
    def open(self) -> Iterator[bool]:
        """Answer for the block, and give whether every address could be had that the settings name.

        One that could not is noted as work that failed, which is an alarm, until it can; the others answer.
        """
        with ExitStack() as stack:
            refused = {UNSUBSCRIBE: self._receive(stack), METRICS: self._answer(stack)}
            for job, error in refused.items():
                if error:
                    self.notes.failed(job, error)
                else:
                    self.notes.went_well(job)
            yield not any(refused.values())

    def _receive(self, stack: ExitStack) -> str:
        """Wait for those who unsubscribe, where a public address leads here; return why that cannot be."""
        config = self.desk().config
        if not config.unsubscribe.url:
            return ""
        # A web server is nothing that most daemons need.
        from notify.receiver import Receiver, application  # noqa: PLC0415

        receiver = Receiver(application(self.store, config, self.desk().clock), config.unsubscribe.place)
        try:
            receiver.start()
        except UsageError as error:
            log.error("unsubscribe.refused", error=str(error))  # noqa: TRY400  # it says all
            return str(error)
        stack.callback(receiver.stop)
        return ""

    def _answer(self, stack: ExitStack) -> str:
        """Answer those who ask for figures and health, where the settings say so; return why that cannot be."""
        listen = self.desk().config.metrics.listen
        if not listen:
            return ""
        # A web server is nothing that most daemons need.
        from app.metrics import Endpoint  # noqa: PLC0415

        endpoint = Endpoint(listen, self.desk, self.store, self.ails)
        try:
            endpoint.start()
        except OSError as error:
            log.error("metrics.refused", listen=listen, error=error.strerror)  # noqa: TRY400  # who listens there knows
            return f"Nothing can listen on {listen}: {error.strerror or error}; change `metrics.listen`."
        stack.callback(endpoint.stop)
        return ""
