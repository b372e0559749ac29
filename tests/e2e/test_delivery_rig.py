"""Many messages to many readers by real servers that refuse, break off, fall silent and lose their answers.

None is lost, and none comes twice but those whose answer was lost: these come again as the same message.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.audience import ChannelSettings
from core.config import Config, MailSettings
from notify.channels.webhook import webhook_id
from notify.message import message_id
from storage.store import Store
from tests.rigs.certificates import certificate_in
from tests.rigs.faults import Act, Faults, Stage, spaced
from tests.rigs.owed import Owing, deliverer, readers, settings, twice
from tests.rigs.postoffice import PASSWORD, USER, PostOffice, post_office
from tests.rigs.webhooks import SECRET, Receiver, receiver

pytestmark = pytest.mark.timeout(600)

# Whatever may pass, at every stage of a session.
MAIL_ODDS = {
    Stage.CONNECT: (Act.DEFER, Act.FORBID, Act.BREAK),
    Stage.EHLO: (Act.DEFER, Act.BREAK),
    Stage.AUTH: (Act.DEFER, Act.FORBID),
    Stage.MAIL: (Act.DEFER, Act.BREAK),
    Stage.RCPT: (Act.DEFER, Act.BREAK),
    Stage.DATA: (Act.DEFER, Act.BREAK),
    Stage.WITHIN: (Act.BREAK,),
    Stage.LETTER: (Act.DEFER, Act.BREAK, Act.LOSE),
    Stage.RESET: (Act.DEFER, Act.BREAK),
}
HOOK_ODDS = {Stage.LETTER: (Act.DEFER, Act.FORBID, Act.BREAK, Act.LOSE)}
PATIENCE = timedelta(seconds=3)


@dataclass(frozen=True)
class Size:
    """How many readers, articles and digests for each reader, and how often something goes wrong by chance."""

    readers: int
    articles: int
    digests: int
    share: float

    @property
    def messages(self) -> int:
        return self.readers * (self.articles + self.digests)


SMALL, LARGE = Size(4, 24, 2, 0.0), Size(10, 100, 3, 0.012)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.soak)], ids=["small", "large"])
KILLS = pytest.mark.parametrize(
    ("kills", "size"),
    [(3, Size(3, 12, 1, 0.005)), pytest.param(20, LARGE, marks=pytest.mark.soak)],
    ids=["three", "twenty"],
)


@pytest.fixture
def owing(empty_corpus: Path) -> Iterator[Callable[[Config], Owing]]:
    opened: list[Store] = []

    def made(config: Config) -> Owing:
        opened.append(Store.open(Path(copyfile(empty_corpus, config.corpus))))
        return Owing(opened[0], config)

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = certificate_in(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def by_mail(folder: Path, office: PostOffice, number: int) -> Config:
    login = {"user": USER, "password": PASSWORD, "security": "starttls"}
    mail = MailSettings.model_validate({"host": "127.0.0.1", "port": office.port, "timeout": PATIENCE} | login)
    return settings(folder, readers(number, "smtp"), mail=mail)


def by_hook(folder: Path, there: Receiver, number: int) -> Config:
    hook = ChannelSettings(kind="webhook", url=there.url, secret=SECRET)
    return settings(folder, readers(number, "hook"), channels={"hook": hook}, mail=MailSettings(timeout=PATIENCE))


def assert_nothing_is_lost(owed: Owing, arrived: Sequence[str], name: Callable[[str], str]) -> None:
    """Everything that was owed arrived, and nothing else; of a reader what went well at once came in its order."""
    states = owed.states()
    assert {name(key) for key in states} == set(arrived)
    assert {state.given_up_at for state in states.values()} == {None}
    first = {each: number for number, each in reversed(list(enumerate(arrived)))}
    for reader in owed.config.subscribers:
        of_reader = [state for state in states.values() if state.subscriber == reader.name]
        at_once = [first[name(state.key)] for state in of_reader if state.attempts == 1]
        assert at_once == sorted(at_once)
        assert len(at_once) > len(of_reader) / 2
    assert not any(secret in str(states) for secret in (PASSWORD, SECRET, "tok3n"))


@SIZES
def test_by_mail_all_arrives_in_order_and_what_comes_twice_had_no_answer(
    tmp_path: Path, certificate: Path, owing: Callable[[Config], Owing], size: Size
) -> None:
    told = spaced(MAIL_ODDS, 4) | {Stage.LETTER: [*[None] * 40, Act.HANG, *spaced(MAIL_ODDS, 4)[Stage.LETTER]]}
    faults = Faults(told, MAIL_ODDS, size.share, seed=7)
    with post_office(faults, certificate) as office:
        owed = owing(by_mail(tmp_path, office, size.readers))
        owed.owe(size.articles, size.digests)
        owed.work_off()
    assert_nothing_is_lost(owed, office.ids, message_id)
    assert len(owed.states()) == size.messages
    assert twice(office.ids) == office.unanswered
    to = {message_id(state.key): (f"{state.subscriber}@example.org",) for state in owed.states().values()}
    assert all(letter.recipients == to[letter.message_id] for letter in office.letters)
    assert {stage for stage, _ in faults.happened} == set(Stage)
    assert office.unanswered


@SIZES
def test_by_webhook_all_arrives_in_order_and_what_comes_twice_had_no_answer(
    tmp_path: Path, owing: Callable[[Config], Owing], size: Size
) -> None:
    told = {Stage.LETTER: [*spaced(HOOK_ODDS, 10)[Stage.LETTER], Act.HANG]}
    faults = Faults(told, HOOK_ODDS, size.share * 5, seed=7)
    with receiver(faults) as there:
        owed = owing(by_hook(tmp_path, there, size.readers))
        owed.owe(size.articles, size.digests)
        owed.work_off()
    assert_nothing_is_lost(owed, there.ids, webhook_id)
    assert len(owed.states()) == size.messages
    assert twice(there.ids) == there.unanswered
    assert there.forged == []
    kinds = Counter(payload["type"] for payload in {call.webhook_id: call.payload for call in there.calls}.values())
    assert kinds == {"tonle.alert": size.readers * size.articles, "tonle.digest": size.readers * size.digests}
    assert {act for _, act in faults.happened} == {Act.DEFER, Act.FORBID, Act.BREAK, Act.LOSE, Act.HANG}


def test_what_is_refused_for_good_is_given_up_and_all_else_arrives(
    tmp_path: Path, certificate: Path, owing: Callable[[Config], Owing]
) -> None:
    odds = dict.fromkeys((Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.LETTER), (Act.FORBID,))
    with post_office(Faults(odds=odds, share=0.07, seed=1), certificate) as office:
        owed = owing(by_mail(tmp_path, office, 3))
        owed.owe(articles=15, digests=1)
        owed.work_off()
    given_up = {message_id(key) for key, state in owed.states().items() if state.given_up_at}
    assert len(given_up) == office.forbidden > 3
    assert given_up.isdisjoint(office.ids)
    assert given_up | set(office.ids) == {message_id(key) for key in owed.states()}
    assert len(office.ids) == len(set(office.ids))


def kill_at_random(owed: Owing, times: int, came: Callable[[], Sequence[str]], certificate: Path | None = None) -> int:
    """Kill so many processes while they deliver, and return how many were: time moves on until their leases end.

    came returns what has arrived so far. Each has handed over some of its share when it is killed, however fast it is.
    """
    chance, most = random.Random(times), len(owed.states()) // (2 * times)
    killed = 0
    while killed < times and owed.waiting():
        process = deliverer(owed.config, owed.now, certificate)
        enough = len(came()) + chance.randint(1, most)
        while process.is_alive() and len(came()) < enough:
            process.join(timeout=0.001)
        process.join(timeout=chance.uniform(0, 0.01))
        process.kill()
        process.join()
        killed += process.exitcode != 0
        owed.now += timedelta(minutes=30)
    return killed


@KILLS
def test_deliverers_that_are_killed_while_they_send_mail_lose_nothing(
    tmp_path: Path, certificate: Path, owing: Callable[[Config], Owing], kills: int, size: Size
) -> None:
    faults = Faults(odds=MAIL_ODDS, share=size.share, seed=kills)
    with post_office(faults, certificate) as office:
        owed = owing(by_mail(tmp_path, office, size.readers))
        owed.owe(size.articles, size.digests)
        killed = kill_at_random(owed, kills, lambda: office.ids, certificate)
        owed.work_off()
    assert killed == kills
    assert {message_id(key) for key in owed.states()} == set(office.ids)
    again = twice(office.ids) - office.unanswered
    assert sum(again.values()) <= killed


@KILLS
def test_deliverers_that_are_killed_while_they_call_a_webhook_lose_nothing(
    tmp_path: Path, owing: Callable[[Config], Owing], kills: int, size: Size
) -> None:
    with receiver(Faults(odds=HOOK_ODDS, share=size.share, seed=kills)) as there:
        owed = owing(by_hook(tmp_path, there, size.readers))
        owed.owe(size.articles, size.digests)
        killed = kill_at_random(owed, kills, lambda: there.ids)
        owed.work_off()
    assert killed == kills
    assert {webhook_id(key) for key in owed.states()} == set(there.ids)
    again = twice(there.ids) - there.unanswered
    assert sum(again.values()) <= killed
