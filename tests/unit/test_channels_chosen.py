"""Which way leads to a reader: the folder, the addresses and the settings that a channel is made of."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from core.audience import ChannelSettings, Subscriber
from core.config import Config, MailSettings
from core.errors import DeliveryError
from notify.channels import KINDS, Channel, ChannelMaker, FileChannel, channel_for
from notify.channels.apprise import AppriseChannel
from notify.channels.smtp import SmtpChannel
from notify.channels.webhook import WebhookChannel
from notify.message import Message
from notify.render import Bodies

ROOT = Path(__file__).parents[2]
DATA = Path("/srv/tonle")
CHANNELS = {
    "desk": ChannelSettings(kind="file"),
    "shelf": ChannelSettings(kind="file", folder=Path("shelves/one")),
    "far": ChannelSettings(kind="file", folder=Path("/elsewhere")),
    "relay": ChannelSettings(kind="smtp"),
    "hook": ChannelSettings(kind="webhook", url="https://hooks.example.org/", secret="whsec_aaaa"),
    "chat": ChannelSettings(kind="apprise", secret="json://127.0.0.1/"),
}
CONFIG = Config(data=DATA, channels=CHANNELS, mail=MailSettings(host="mail.example.org"))


def reader(name: str, channel: str) -> Subscriber:
    return Subscriber(name=name, channel=channel, to=("a@example.org",))


def made(name: str, channel: str, kind: str) -> tuple[str, Path, tuple[str, ...]]:
    """Return of what a channel is made: its kind, its folder, and the addresses."""
    seen: list[tuple[str, Path, tuple[str, ...]]] = []

    def maker_of(what: str) -> ChannelMaker:
        def make(
            settings: ChannelSettings, mail: MailSettings, to: tuple[str, ...], folder: Path, data: Path
        ) -> Channel:
            assert (settings.kind, mail, data) == (what, CONFIG.mail, CONFIG.data)
            seen.append((what, folder, to))
            return FileChannel(folder)

        return make

    kinds: Mapping[str, ChannelMaker] = {what: maker_of(what) for what in KINDS}
    channel_for(CONFIG, reader(name, channel), kind, kinds)
    (one,) = seen
    return one


@pytest.mark.parametrize(
    ("name", "channel", "kind", "what", "folder"),
    [
        ("", "file", "alert", "file", DATA / "outbox/alerts"),
        ("", "file", "summary", "file", DATA / "outbox/alerts"),
        ("", "file", "digest", "file", DATA / "outbox/digests"),
        ("mora", "file", "alert", "file", DATA / "outbox/mora"),
        ("mora", "file", "digest", "file", DATA / "outbox/mora"),
        ("mora", "desk", "digest", "file", DATA / "outbox/desk"),
        ("", "shelf", "alert", "file", DATA / "shelves/one"),
        ("mora", "far", "alert", "file", Path("/elsewhere")),
        ("mora", "smtp", "alert", "smtp", None),
        ("mora", "relay", "digest", "smtp", None),
        ("mora", "hook", "digest", "webhook", None),
        ("mora", "chat", "digest", "apprise", None),
    ],
)
def test_a_reader_s_channel_is_built_in_or_one_of_the_settings(
    name: str, channel: str, kind: str, what: str, folder: Path | None
) -> None:
    made_of = made(name, channel, kind)
    assert (made_of[0], made_of[2]) == (what, ("a@example.org",))
    assert folder in {None, made_of[1]}


@pytest.mark.parametrize(
    ("channel", "what"),
    [("file", FileChannel), ("smtp", SmtpChannel), ("hook", WebhookChannel), ("chat", AppriseChannel)],
)
def test_each_kind_has_its_way(channel: str, what: type[Channel]) -> None:
    way = channel_for(CONFIG, reader("mora", channel), "alert")
    assert type(way) is what
    way.close()


def test_every_kind_that_the_settings_know_can_be_made() -> None:
    known: Any = ChannelSettings.model_fields["kind"].annotation
    assert set(KINDS) == set(known.__args__)


def test_a_channel_that_is_no_more_is_told_of() -> None:
    with pytest.raises(DeliveryError, match="no channel 'gone'"):
        channel_for(CONFIG, reader("mora", "gone"), "alert")


def test_what_a_webhook_waits_for_is_what_mail_does() -> None:
    waiting = CONFIG.model_copy(update={"mail": MailSettings(timeout=timedelta(seconds=7))})
    way = channel_for(waiting, reader("mora", "hook"), "alert")
    assert isinstance(way, WebhookChannel)
    assert way._timeout == 7.0


def test_files_of_a_reader_s_channel_stand_in_its_folder(tmp_path: Path) -> None:
    config = Config(data=tmp_path)
    mail = EmailMessage()
    mail["Message-ID"] = "<1@tonle.invalid>"
    message = Message("k", "alert", "", Bodies("", ""), {}, mail)
    channel_for(config, reader("mora", "file"), "alert").send(message, "k")
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [tmp_path / "outbox" / "mora"]
    gone = config.model_copy(update={"data": tmp_path / "gone"})
    with pytest.raises(DeliveryError, match="No such file or directory"):
        channel_for(gone, reader("mora", "file"), "alert").send(message, "k")
    assert not gone.data.exists()


def test_who_does_not_use_a_webhook_or_apprise_does_not_load_them() -> None:
    code = "import sys, notify.channels; print(*{'apprise', 'requests', 'urllib3', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
