"""What settings say of subscribers and channels, held against what there is: errors name the line and the remedy."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from core.audience import BUILT_IN, NOWHERE, ChannelSettings, Subscriber, Unsubscribe
from core.errors import ConfigError
from core.secrets import UNSUBSCRIBE_KEY
from core.strict import line_of_key

Channels = Mapping[str, ChannelSettings]


def secret_of(channel: str) -> str:
    """Return the name that the secret of a channel has, in the environment or as a file."""
    return f"TONLE_CHANNEL_{channel.upper().replace('-', '_')}"


def check_channels(path: Path, channels: Channels) -> None:
    """Raise ConfigError for a channel whose name is taken, or whose secret is missing."""
    for name, channel in channels.items():
        line = line_of_key(path, ("channels", name))
        if name in {*BUILT_IN, NOWHERE}:
            raise ConfigError(f"`{name}` is a channel of tonle's own", path, line)
        if channel.kind in {"apprise", "webhook"} and not channel.secret:
            what = "the address for Apprise" if channel.kind == "apprise" else "the key that signs its messages"
            own = secret_of(name)
            raise ConfigError(f"needs {own} in the environment, or {own}_FILE to name a file: {what}", path, line)


def check_used(path: Path, channels: Channels, used: Mapping[str, str]) -> None:
    """Raise ConfigError where a section uses a channel that there is not."""
    for section, channel in used.items():
        _check(channel, (*BUILT_IN, *channels, NOWHERE), path, (section, "channel"))


def check_addressed(path: Path, channels: Channels, to: Mapping[str, tuple[str, Sequence[str]]]) -> None:
    """Raise ConfigError where a section uses a channel of mail and names no address: channel and addresses by name."""
    for section, (channel, addresses) in to.items():
        known = channels.get(channel)
        if known and known.kind == "smtp" and not addresses:
            problem = f"needs an e-mail address in `to`: {channel} is a channel of mail"
            raise ConfigError(problem, path, line_of_key(path, (section, "channel")))


def check_subscribers(
    path: Path, subscribers: Sequence[Subscriber], channels: Channels, known: Mapping[str, Sequence[str]]
) -> None:
    """Raise ConfigError for a subscriber of no name or another's, or who names what there is not.

    known are the names of rules and of sources.
    """
    names: set[str] = set()
    for number, subscriber in enumerate(subscribers):
        place = ("subscribers", number)
        if problem := _wrong(subscriber, names, channels):
            raise ConfigError(problem, path, line_of_key(path, (*place, "name")))
        names.add(subscriber.name)
        _check(subscriber.channel, (*BUILT_IN, *channels), path, (*place, "channel"))
        for what, there in known.items():
            for index, each in enumerate(getattr(subscriber, what)):
                _check(each, there, path, (*place, what, index))


def check_unsubscribe(path: Path, settings: Unsubscribe) -> None:
    """Raise ConfigError where one click is half set up."""
    if bool(settings.url) != bool(settings.secret):
        missing = f"{UNSUBSCRIBE_KEY} (from the environment or a file)" if settings.url else "`unsubscribe.url`"
        problem = f"unsubscribing by one click needs {missing} too: set both or neither"
        raise ConfigError(problem, path, line_of_key(path, ("unsubscribe", "url")))


def _wrong(subscriber: Subscriber, names: Container[str], channels: Channels) -> str:
    """Return what is wrong with a subscriber, in words; empty where nothing is."""
    if not subscriber.name:
        return "a subscriber needs a name"
    if subscriber.name in names:
        return f"two subscribers are called {subscriber.name}"
    channel = channels.get(subscriber.channel)
    if channel and channel.kind == "smtp" and not subscriber.to:
        return f"{subscriber.name} needs an e-mail address in `to`: {subscriber.channel} is a channel of mail"
    return ""


def _check(name: str, known: Sequence[str], path: Path, place: tuple[str | int, ...]) -> None:
    if name not in known:
        raise ConfigError(f"unknown: `{name}`; known: {', '.join(known)}", path, line_of_key(path, place))
