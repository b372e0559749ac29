"""Checks of config.yaml: that it was read says most; here is what is allowed and yet looks wrong, and the channels."""

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.doctor.finding import Finding, Patient, look, ok, wrong
from core.audience import BUILT_IN, NOWHERE, ChannelSettings
from core.audience_checks import secret_of
from core.config import Config
from core.secrets import FOLDER, SMTP_PASSWORD, SMTP_USER, UNSUBSCRIBE_KEY, secret_files
from notify.channels.discretion import silence
from notify.phrases import number_of


def config(patient: Patient) -> Iterator[Finding]:
    """Find settings that are allowed, and yet look wrong."""
    desk, settings = patient.desk, patient.desk.config
    parts = (
        number_of(len(desk.sites), "source"),
        number_of(len(settings.rules), "rule"),
        number_of(len(settings.subscribers), "subscriber"),
    )
    yield ok(f"{desk.path} can be read: {', '.join(parts)}.")
    if not desk.sites:
        yield wrong("Every source is disabled.", "set `enabled: true` for one in `sources`")
    if not settings.contact and any(not site.is_stand_in for site in desk.sites.values()):
        yield look("No `contact` is set.", "set it, so that the sites know whom to write to before they block tonle")
    if not settings.rules:
        yield look("There are no rules, so nobody is ever alerted.", "write some: docs/alerts.md")
    yield from _mail(settings)
    yield from _unread(settings, patient.environ)


def _mail(settings: Config) -> Iterator[Finding]:
    mail = settings.mail
    if not is_mail_used(settings):
        return
    if bool(mail.user) != bool(mail.password):
        there, missing = ("USER", "PASSWORD") if mail.user else ("PASSWORD", "USER")
        yield wrong(
            f"TONLE_SMTP_{there} is set, TONLE_SMTP_{missing} is not.",
            "set both, in the environment or as files, or none",
        )
    if mail.user and mail.security == "none" and not _is_here(mail.host):
        yield wrong("The mail password would be sent in clear.", "set `mail.security` to starttls or tls")
    if mail.sender.endswith("@localhost"):
        yield look(f"Mail is sent from {mail.sender}.", "set `mail.sender` to an address that can be answered")


def _unread(settings: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Find files of secrets by whose name nothing is asked for: a slip of the pen is a log-in without a password."""
    names = {SMTP_USER, SMTP_PASSWORD, UNSUBSCRIBE_KEY, *map(secret_of, settings.channels)}
    folder = environ.get(FOLDER)
    there = [path.name for path in secret_files({FOLDER: folder})] if folder else []
    for name in sorted(set(there) - names):
        yield look(f"{folder} holds {name}, which nothing asks for.", f"known here: {', '.join(sorted(names))}")


def channels(patient: Patient) -> Iterator[Finding]:
    """Parse secrets and addresses of the ways out that are in use; nothing is sent."""
    settings = patient.desk.config
    used = used_channels(settings)
    yield ok(f"Messages leave by {', '.join(sorted(used)) or 'no way'}.")
    for name in sorted(used - {*BUILT_IN, NOWHERE}):
        problem = _problem(settings.channels[name])
        if problem:
            yield wrong(f"The channel {name}: {problem}.", f"set {secret_of(name)}: docs/delivery.md")
    outbox = settings.data / "outbox"
    if "file" in used and outbox.exists() and not os.access(outbox, os.W_OK):
        yield wrong(f"{outbox} cannot be written.", "let the user that runs tonle write there")
    for name in sorted(set(settings.channels) - used):
        yield look(f"The channel {name} is used by nobody.", "name it with a subscriber, or take it out")


def _problem(channel: ChannelSettings) -> str:
    if channel.kind == "webhook":
        # requests takes a quarter of a second to load.
        from notify.channels.webhook import key_of  # noqa: PLC0415

        if not key_of(channel.secret):
            return "its key is empty, or begins with whsec_ and is no base64"
        return "" if urlsplit(channel.url or "").hostname else "its `url` names no host"
    if channel.kind == "apprise":
        # Apprise takes a third of a second to load.
        from apprise import Apprise  # noqa: PLC0415

        silence("apprise")  # it would log the address, which is a secret
        return "" if Apprise.instantiate(channel.secret) else "its secret holds no address that Apprise knows"
    return ""


def used_channels(settings: Config) -> set[str]:
    """Return the names of the channels by which anything leaves."""
    readers = (*settings.alert_readers, *settings.digest_readers, *settings.operator_readers)
    return {reader.channel for reader in readers} - {NOWHERE}


def is_mail_used(settings: Config) -> bool:
    """Return whether anything leaves by the mail server."""
    used = used_channels(settings)
    return "smtp" in used or any(settings.channels[name].kind == "smtp" for name in used & set(settings.channels))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
