"""Neither a secret nor the text of an article reaches a log, at whatever level and form."""

import re
from pathlib import Path

import pytest

from tests.e2e.places import CAMBODIA, Build, Place
from tests.rigs.certificates import certificate_in
from tests.rigs.postoffice import PASSWORD, USER, post_office
from tests.rigs.webhooks import SECRET, receiver

CHAT = "tok3n-of-the-chat"
WORDS = 8  # in a row, that no line of a log has in common with a text but by saying it


def texts(place: Place) -> list[str]:
    """Return stretches of each article's paragraphs, as a log would have them."""
    found = []
    for article in place.articles.values():
        for paragraph in article.text.splitlines():
            words = paragraph.split()
            found += [" ".join(words[at : at + WORDS]) for at in range(0, max(1, len(words) - WORDS), WORDS)]
    return [stretch for stretch in found if len(stretch) > 40]


def delivering(place: Place, port: int, hook: str) -> None:
    place.configure(
        rules=[{"name": "all", "any": ["the", "and", "Cambodia*", "activist*"]}],
        alerts={"channel": "smtp", "to": ["a@example.org"]},
        mail={"host": "127.0.0.1", "port": port, "security": "starttls", "timeout": "5s"},
        unsubscribe={"url": "https://tonle.example.org"},
        channels={"chat": {"kind": "apprise"}, "hook": {"kind": "webhook", "url": hook}},
        subscribers=[
            {"name": "one", "channel": "chat", "schedule": "immediate"},
            {"name": "two", "channel": "hook", "schedule": "immediate"},
        ],
    )


@pytest.mark.parametrize("form", ["json", pytest.param("console", marks=pytest.mark.soak)])
def test_a_crawl_and_its_deliveries_tell_no_secret_and_no_text(build: Build, form: str, tmp_path: Path) -> None:
    place = build()
    certificate = certificate_in(tmp_path)
    environ = {
        "TONLE_SMTP_USER": USER,
        "TONLE_SMTP_PASSWORD": PASSWORD,
        "TONLE_CHANNEL_CHAT": f"json://127.0.0.1:9/{CHAT}",
        "TONLE_CHANNEL_HOOK": SECRET,
        "TONLE_UNSUBSCRIBE_KEY": "k3y-of-unsubscribing",
        "SSL_CERT_FILE": str(certificate),
    }
    with post_office(certificate=certificate) as office, receiver() as hook:
        delivering(place, office.port, f"{hook.url}-in-the-path")
        options = ["--log-level", "debug", "--log-format", form, "crawl", CAMBODIA]
        ended = place.start(*options, environ=environ).wait(120)
        assert ended.code == 0, ended.err
        assert office.letters
        assert hook.calls
    wrong = {**environ, "TONLE_SMTP_PASSWORD": "an0ther-password"}
    with post_office(certificate=certificate) as office:
        delivering(place, office.port, "http://127.0.0.1:9/tok3n-in-the-path")
        again = place.start("--log-level", "debug", "--log-format", form, "digest", "--send", environ=wrong).wait(120)
    said = ended.err + again.err + "".join(path.read_text() for path in (place.folder / "data" / "logs").iterdir())
    assert "page.settled" in said
    assert len(said) > 2000
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", said).split())
    secrets = (PASSWORD, "an0ther-password", CHAT, SECRET, "tok3n-in-the-path", "k3y-of-unsubscribing")
    assert [secret for secret in secrets if secret in plain] == []
    stretches = texts(place)
    assert len(stretches) > 20
    assert [stretch for stretch in stretches if stretch in plain] == []


def test_what_a_run_keeps_holds_no_secret_either(build: Build) -> None:
    place = build(channels={"chat": {"kind": "apprise"}})
    secret = "crawl.started"  # said in each log: here it is a secret
    ended = place.start("crawl", CAMBODIA, "--json", environ={"TONLE_CHANNEL_CHAT": secret}).wait(60)
    assert ended.code == 0, ended.err
    kept = "".join(path.read_text() for path in (place.folder / "data" / "logs").iterdir())
    assert secret not in kept
    assert "…hidden…" in kept
