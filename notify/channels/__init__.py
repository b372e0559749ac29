"""How messages leave. A new way is a module here and a line in KINDS.

way        what all have in common
files      .eml files in a folder
smtp       a mail server
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from core.audience import BUILT_IN, ChannelSettings, Subscriber
from core.config import Config, MailSettings
from core.errors import DeliveryError
from core.trouble import OPERATOR_KINDS
from notify.channels.files import FileChannel
from notify.channels.smtp import SmtpChannel
from notify.channels.way import Channel, UnreachableError

__all__ = [
    "KINDS",
    "Channel",
    "ChannelMaker",
    "FileChannel",
    "SmtpChannel",
    "UnreachableError",
    "channel_for",
    "folder_of",
]

ChannelMaker = Callable[[ChannelSettings, MailSettings, tuple[str, ...], Path, Path], Channel]
"""Makes a channel of its settings, those of mail, the addresses of who reads, a folder for its files, and `data`."""


def _file(settings: ChannelSettings, mail: MailSettings, to: tuple[str, ...], folder: Path, data: Path) -> Channel:
    del settings, mail, to
    return FileChannel(folder, data)


def _smtp(settings: ChannelSettings, mail: MailSettings, to: tuple[str, ...], folder: Path, data: Path) -> Channel:
    del settings, folder, data
    return SmtpChannel(mail, to)


def _webhook(settings: ChannelSettings, mail: MailSettings, to: tuple[str, ...], folder: Path, data: Path) -> Channel:
    # requests takes a quarter of a second to load.
    from notify.channels.webhook import WebhookChannel  # noqa: PLC0415

    del to, folder, data
    return WebhookChannel(settings.url or "", settings.secret, mail.timeout)


def _apprise(settings: ChannelSettings, mail: MailSettings, to: tuple[str, ...], folder: Path, data: Path) -> Channel:
    # Apprise takes a third of a second to load, without requests.
    from notify.channels.apprise import AppriseChannel  # noqa: PLC0415

    del mail, to, folder, data
    return AppriseChannel(settings.secret)


KINDS: Mapping[str, ChannelMaker] = {"file": _file, "smtp": _smtp, "webhook": _webhook, "apprise": _apprise}
"""The kinds of channel by the name that config.yaml gives them."""


def folder_of(kind_of_delivery: str) -> str:
    """Return the folder of the messages of a kind to a reader without a name."""
    if kind_of_delivery in OPERATOR_KINDS:
        return "operator"
    return "digests" if kind_of_delivery == "digest" else "alerts"


def channel_for(
    config: Config, subscriber: Subscriber, kind_of_delivery: str, kinds: Mapping[str, ChannelMaker] = KINDS
) -> Channel:
    """Return the way by which deliveries of a kind (alert, summary, digest, trouble, heartbeat) reach a subscriber.

    Nothing is opened yet. Files go to outbox/NAME under `data`: NAME is that of the channel, or of the subscriber
    where the channel is the built-in one; those of the readers without a name go to outbox/alerts, outbox/digests and
    outbox/operator.
    Raises DeliveryError where the settings know no such channel any more.
    """
    outbox, name = config.data / "outbox", subscriber.channel
    if name in BUILT_IN:
        folder = outbox / (subscriber.name or folder_of(kind_of_delivery))
        settings = ChannelSettings.model_validate({"kind": name})
    elif name in config.channels:
        settings = config.channels[name]
        folder = config.data / settings.folder if settings.folder else outbox / name
    else:
        raise DeliveryError(f"config.yaml has no channel {name!r}.")
    return kinds[settings.kind](settings, config.mail, subscriber.to, folder, config.data)
