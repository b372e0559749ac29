"""One session with the mail server for many messages, and what becomes of it when one of them goes wrong."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from core.config import MailSettings
from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels import SmtpChannel, UnreachableError
from notify.message import Message, message_id
from notify.render import Bodies
from tests.rigs.certificates import certificate_in
from tests.rigs.faults import Act, Faults, Stage
from tests.rigs.postoffice import PASSWORD, USER, PostOffice, post_office


def letter(key: str) -> Message:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = key
    mail["Message-ID"] = message_id(key)
    mail.set_content("Hello")
    return Message(key, "alert", key, Bodies("", "Hello"), {}, mail)


def settings(office: PostOffice, **more: object) -> MailSettings:
    usual = {"host": "127.0.0.1", "port": office.port, "timeout": timedelta(seconds=5)}
    return MailSettings.model_validate(usual | more)


@contextmanager
def way_to(office: PostOffice, **more: object) -> Iterator[SmtpChannel]:
    with closing(SmtpChannel(settings(office, **more), ("a@example.org",))) as way:
        yield way


def sent(way: SmtpChannel, keys: Sequence[str]) -> dict[str, type[DeliveryError] | None]:
    """Send messages, and return what each met."""
    met: dict[str, type[DeliveryError] | None] = {}
    for key in keys:
        try:
            way.send(letter(key), key)
            met[key] = None
        except DeliveryError as error:
            met[key] = type(error)
    return met


def test_many_messages_go_in_one_session() -> None:
    with post_office() as office, way_to(office) as way:
        assert sent(way, "abcde") == dict.fromkeys("abcde")
    assert office.ids == [message_id(key) for key in "abcde"]
    assert (office.sessions, {letter.session for letter in office.letters}) == (1, {1})


def test_channels_to_several_readers_share_a_session_and_each_reaches_its_own() -> None:
    with post_office() as office, way_to(office) as way:
        other = way.beside(("b@example.org",))
        sent(way, "a")
        sent(other, "b")
        sent(way, "c")
    assert office.sessions == 1
    assert [letter.recipients[0][0] for letter in office.letters] == ["a", "b", "a"]


def test_a_session_over_tls_with_a_login_serves_many_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_in(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = {"security": "starttls", "user": USER, "password": PASSWORD}
    with post_office(certificate=certificate) as office, way_to(office, **login) as way:
        assert sent(way, "abc") == dict.fromkeys("abc")
    assert (len(office.letters), office.sessions, office.over_tls) == (3, 1, 1)


def test_after_close_a_new_session_is_opened() -> None:
    with post_office() as office, way_to(office) as way:
        sent(way, "a")
        way.close()
        sent(way, "b")
    assert [letter.session for letter in office.letters] == [1, 2]


@pytest.mark.parametrize("act", [Act.BREAK, Act.DEFER, Act.FORBID])
def test_a_session_that_ended_between_two_messages_is_opened_anew(act: Act) -> None:
    faults = Faults({Stage.RESET: [None, act]})
    with post_office(faults) as office, way_to(office) as way:
        assert sent(way, "abcd") == dict.fromkeys("abcd")
    assert [letter.session for letter in office.letters] == [1, 1, 2, 2]
    assert len(set(office.ids)) == 4


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.WITHIN, Stage.LETTER])
def test_a_message_whose_session_breaks_is_not_sent_again_by_the_channel(stage: Stage) -> None:
    faults = Faults({stage: [None, Act.BREAK]})
    with post_office(faults) as office, way_to(office) as way:
        assert sent(way, "abc") == {"a": None, "b": DeliveryError, "c": None}
    assert office.ids == [message_id("a"), message_id("c")]
    assert office.sessions == 2


def test_a_message_whose_answer_was_lost_is_left_to_the_outbox() -> None:
    with post_office(Faults({Stage.LETTER: [Act.LOSE]})) as office, way_to(office) as way:
        assert sent(way, "ab") == {"a": DeliveryError, "b": None}
    assert office.ids == [message_id("a"), message_id("b")]
    assert office.unanswered == {message_id("a"): 1}


@pytest.mark.parametrize(("act", "error"), [(Act.DEFER, DeliveryError), (Act.FORBID, DeliveryRefusedError)])
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.LETTER])
def test_a_refused_message_does_not_cost_the_session(stage: Stage, act: Act, error: type[DeliveryError]) -> None:
    with post_office(Faults({stage: [None, act]})) as office, way_to(office) as way:
        assert sent(way, "abc") == {"a": None, "b": error, "c": None}
    assert office.ids == [message_id("a"), message_id("c")]
    assert office.sessions == 1


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.DATA, Stage.LETTER])
def test_a_server_that_falls_silent_is_told_of_as_one_that_all_messages_meet(stage: Stage) -> None:
    faults = Faults({stage: [Act.HANG]})
    with post_office(faults) as office, way_to(office, timeout=timedelta(milliseconds=100)) as way:
        assert sent(way, "a") == {"a": UnreachableError}
    assert office.ids == []


@pytest.mark.parametrize(
    "told",
    [
        {Stage.CONNECT: [Act.DEFER]},
        {Stage.CONNECT: [Act.FORBID]},
        {Stage.CONNECT: [Act.BREAK]},
        {Stage.EHLO: [Act.BREAK]},
        {Stage.AUTH: [Act.DEFER] * 2},
        {Stage.AUTH: [Act.FORBID] * 2},
    ],
    ids=str,
)
def test_a_session_that_does_not_come_about_is_no_fault_of_the_message(
    told: Mapping[Stage, Sequence[Act]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_in(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = {"security": "starttls", "user": USER, "password": PASSWORD}
    with post_office(Faults(told), certificate) as office, way_to(office, **login) as way:
        assert sent(way, "ab") == {"a": UnreachableError, "b": None}
    assert office.ids == [message_id("b")]


def test_a_server_that_takes_so_many_messages_in_a_session_is_called_again() -> None:
    with post_office() as office, way_to(office) as way:
        office.limit = 2
        assert sent(way, "abcde") == dict.fromkeys("abcde")
    assert [letter.session for letter in office.letters] == [1, 1, 2, 2, 3]


def test_without_an_address_nothing_is_tried() -> None:
    with post_office() as office, closing(SmtpChannel(settings(office), ())) as way:
        assert sent(way, "a") == {"a": DeliveryError}
    assert office.sessions == 0
