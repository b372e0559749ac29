import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress
from pathlib import Path

import pytest
import structlog

from core.log import Form, LogFile, also_to, set_up_logs

FULL = Path("/dev/full")


def fail(password: str) -> None:
    raise ValueError(f"refused after {len(password)} characters")


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_names_the_error_and_holds_no_local_variable(
    form: Form, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("info", form)
    try:
        fail("open-sesame")
    except ValueError:
        structlog.get_logger().exception("page.failed")
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "refused after 11 characters" in said
    assert "in fail" in said
    assert said.count("open-sesame") == 1  # the line of the source that calls, never the value


@pytest.fixture
def fresh() -> Iterator[None]:
    """Leave the logs of other tests as they were."""
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("secret", ["open-sesame", 'with "quotes" and \\', "mật-khẩu"])
def test_no_secret_is_written_whoever_says_it_and_how(
    form: Form, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("debug", form, secrets=(secret, "abc"))
    structlog.get_logger().debug("mail.sent", password=secret, nested={"deep": [secret]})
    logging.getLogger("library").error("refused %s", secret)
    try:
        float(secret)
    except ValueError:
        structlog.get_logger().exception("mail.failed")
        logging.getLogger("library").exception("oh")
    structlog.get_logger().info("abc.said")
    said = capsys.readouterr().err
    assert secret not in said
    assert json.dumps(secret)[1:-1] not in said
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in said
    assert said.count("…hidden…") >= 4
    assert "abc.said" in said  # too short to be one


@pytest.mark.usefixtures("fresh")
def test_the_errors_of_libraries_are_json_where_all_is(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", "json")
    logging.getLogger("library").error("away")
    logging.getLogger("library").warning("never shown")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line) == {"event": "library.failed", "level": "error", "said": "ERROR library: away"}


@pytest.mark.usefixtures("fresh")
def test_a_log_file_is_begun_anew_beyond_its_size_and_so_many_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "logs" / "tonle.log"
    set_up_logs("info", "json", LogFile(path, 1000, 2))
    for number in range(60):
        structlog.get_logger().info("page.settled", number=number)
    kept = sorted(each.name for each in path.parent.iterdir())
    assert kept == ["tonle.log", "tonle.log.1", "tonle.log.2"]
    assert all(each.stat().st_size <= 1000 for each in path.parent.iterdir())
    events = [
        json.loads(line)["number"] for name in reversed(kept) for line in (path.parent / name).read_text().splitlines()
    ]
    assert events == list(range(60 - len(events), 60))
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("fresh")
def test_what_cannot_be_written_to_the_file_is_said_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    set_up_logs("info", "json", LogFile(tmp_path / "logs" / "tonle.log", 1000, 2))
    structlog.get_logger().info("page.settled", number=7)
    assert json.loads(capsys.readouterr().err)["number"] == 7


@pytest.mark.usefixtures("fresh")
def test_for_a_log_the_folder_that_it_is_within_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    set_up_logs("info", "json", LogFile(data / "logs" / "tonle.log", 1000, 2, data))
    structlog.get_logger().info("page.settled", number=7)
    assert json.loads(capsys.readouterr().err)["number"] == 7
    assert not data.exists()


@pytest.mark.usefixtures("fresh")
@pytest.mark.skipif(not FULL.exists(), reason="has no disk that is always full")
def test_standard_error_that_cannot_be_written_ends_nothing() -> None:
    full = FULL.open("w", buffering=1, encoding="utf-8")
    with redirect_stderr(full):
        set_up_logs("info", "json")
        structlog.get_logger().info("page.settled")
        logging.getLogger("library").error("away")
    with suppress(OSError):
        full.close()


@pytest.mark.usefixtures("fresh")
def test_a_sink_is_given_events_from_info_on_while_less_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    given: list[str] = []
    set_up_logs("warning", "console", secrets=("open-sesame",))
    with also_to(lambda _event, line: given.append(line)):
        structlog.get_logger().debug("a.debug")
        structlog.get_logger().info("an.info", said="open-sesame")
        structlog.get_logger().warning("a.warning")
    structlog.get_logger().info("too.late")
    assert [json.loads(line)["event"] for line in given] == ["an.info", "a.warning"]
    assert "open-sesame" not in given[0]
    said = capsys.readouterr().err
    assert "a.warning" in said
    assert "an.info" not in said


@pytest.mark.usefixtures("fresh")
def test_a_sink_never_makes_a_log_say_less(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("debug", "json")
    given: list[str] = []
    with also_to(lambda _event, line: given.append(line)):
        structlog.get_logger().debug("a.debug")
    assert "a.debug" in capsys.readouterr().err
    assert given == []
