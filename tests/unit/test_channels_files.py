"""The way out as files: whole or not at all, one for each key."""

import os
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest

from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels import FileChannel
from notify.message import Message
from notify.render import Bodies


def letter(text: str = "Hello") -> Message:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "tonle: 1 new"
    mail["Message-ID"] = "<1@tonle.invalid>"
    mail.set_content(text)
    return Message("k", "digest", "tonle: 1 new", Bodies("", text), {}, mail)


def test_a_message_becomes_a_file_that_mail_programs_read(tmp_path: Path) -> None:
    FileChannel(tmp_path / "new" / "digests").send(letter("Ça va"), "digest:0-7")
    (path,) = (tmp_path / "new" / "digests").iterdir()
    assert path.suffix == ".eml"
    parsed = message_from_bytes(path.read_bytes(), policy=default)
    assert parsed["Subject"] == "tonle: 1 new"
    assert path == FileChannel(tmp_path / "new" / "digests").path("digest:0-7")


def test_the_same_key_is_the_same_file(tmp_path: Path) -> None:
    way = FileChannel(tmp_path)
    way.send(letter("first"), "digest:0-7")
    way.send(letter("second"), "digest:0-7")
    (path,) = tmp_path.iterdir()
    assert b"second" in path.read_bytes()


def test_keys_that_differ_in_signs_alone_are_different_files(tmp_path: Path) -> None:
    way = FileChannel(tmp_path)
    keys = ["a:1-2", "a:1:2", "a-1-2", "A-1-2", "../a-1-2", "a" * 500, "a" * 501, "ខ្មែរ", "", "/etc/passwd"]
    for key in keys:
        way.send(letter(), key)
    names = [path.name for path in tmp_path.iterdir()]
    assert len({name.casefold() for name in names}) == len(keys)
    assert all(path.parent == tmp_path for path in map(way.path, keys))


def test_a_message_that_cannot_be_written_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    way = FileChannel(folder)
    way.path("k").mkdir(parents=True)
    with pytest.raises(DeliveryError, match="could not be written") as caught:
        way.send(letter(), "k")
    assert not isinstance(caught.value, DeliveryRefusedError)
    assert [path.name for path in folder.iterdir()] == [way.path("k").name]


def test_a_folder_that_cannot_be_made_is_worth_trying_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(DeliveryError, match=r"outbox.*could not be written"):
        FileChannel(tmp_path / "outbox").send(letter(), "k")


def test_many_writers_of_one_key_leave_one_whole_file(tmp_path: Path) -> None:
    texts = ["x" * 200_000, "y" * 200_000]
    start = threading.Barrier(2)

    def write(text: str) -> None:
        start.wait()
        for _ in range(20):
            FileChannel(tmp_path).send(letter(text), "k")

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (path,) = tmp_path.iterdir()
    parsed = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.get_content().strip() in texts


def test_a_file_is_readable_as_the_umask_allows(tmp_path: Path) -> None:
    FileChannel(tmp_path).send(letter(), "k")
    (path,) = tmp_path.iterdir()
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
