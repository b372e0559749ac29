"""Messages by Apprise: chats, telephones and whatever else it speaks, as plain text with a title.

Apprise logs what it does and what went wrong, some of it with the address, which is a secret: its log is closed, and
of a failure it is only told that there was one.
"""

from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat
from structlog import get_logger

from core.errors import DeliveryError
from notify.channels.discretion import silence
from notify.channels.way import UnreachableError
from notify.message import Message

_log = get_logger()

_NO_ADDRESS = "The channel's secret holds no address that Apprise knows."


class AppriseChannel:
    """Hands messages to what the address stands for.

    Apprise says whether it went well and not why: whatever does not go well may pass, DeliveryError, until the
    attempts are used up. An address that it does not know is a setting to be put right: UnreachableError. Where there
    are several addresses and some took the message, it counts as sent, and the log says so.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._services: Apprise | None = None
        silence("apprise")

    def send(self, message: Message, key: str) -> None:
        """Hand the message over; on return it was taken."""
        # Raised out here, so that no error carries another one, in whose words or frames the address might stand.
        if problem := self._problem(message, key):
            raise problem

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def _problem(self, message: Message, key: str) -> DeliveryError | None:
        try:
            services = self._services = self._services or self._known()
            if not services:
                return UnreachableError(_NO_ADDRESS)
            result = services.notify(body=message.bodies.text, title=message.subject, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001  # a hundred services, each with errors of its own
            return DeliveryError(f"Apprise could not hand it over: {type(error).__name__}.")
        if result.status is AppriseResultStatus.PARTIAL:
            _log.warning("delivery.partly_sent", key=key)
            return None
        return None if result else DeliveryError("Apprise could not hand it over.")

    def _known(self) -> Apprise:
        services = Apprise(asset=AppriseAsset(app_id="tonle", app_desc="tonle", async_mode=False, secure_logging=True))
        # It is told of an address that it does not know by an empty list.
        services.add(self._address)
        return services
