import pytest
import structlog

from core.log import Form, set_up_logs


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
