"""The documents are tested: what the program can say or be told stands in them, and what stands in them exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

from app.cli import app
from core.config import Config
from core.errors import TonleError
from core.model import Reason
from core.rules import Clause
from core.site import Site
from notify.causes import CAUSES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROGRAM = ["app", "core", "crawler", "notify", "pipelines", "storage"]


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands() -> Iterator[str]:
    def below(command: object, path: str) -> Iterator[str]:
        inner: dict[str, object] = getattr(command, "commands", {})
        for name, each in inner.items():
            yield from below(each, f"{path} {name}")
        if not inner or getattr(command, "invoke_without_command", False):
            yield path

    yield from below(typer.main.get_command(app), "tonle")


_WITHIN = (
    "check|backup|restore|prune|reload|upgrade|reindex|new|golden|join|split|list|resend|dismiss|send|leave|rejoin|test"
    "|explain|feedback"
)
COMMANDS = re.compile(rf"`tonle ([a-z]+(?: (?:{_WITHIN}|rebuild [a-z]+))?)")


# What the environment alone gives.
SECRETS = frozenset({"mail.user", "mail.password", "channels.NAME.secret", "unsubscribe.secret"})


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _model(field.annotation)
        if inner in {None, Clause}:  # clauses hold clauses, without end: docs/alerts.md has them
            yield f"{prefix}{name}"
        else:
            between = {"sources": ".NAME", "channels": ".NAME", "rules": "[]", "subscribers": "[]"}.get(name, "")
            yield from settings(inner, f"{prefix}{name}{between}.")


def _model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model(part) for part in getattr(annotation, "__args__", ())]
    return next((model for model in found if model), None)


def errors(kind: type[TonleError]) -> Iterator[type[TonleError]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from errors(inner)


def events() -> set[str]:
    pattern = re.compile(r"log\.(?:debug|info|warning|error|exception)\(\s*\"([a-z_]+\.[a-z_]+)\"")
    sources = [path for folder in PROGRAM for path in (ROOT / folder).rglob("*.py")]
    return {event for path in sources for event in pattern.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_stands_in_operations(command: str) -> None:
    assert re.search(rf"`{re.escape(command)}[ `]", text("operations.md"))


def test_every_command_in_the_documents_exists() -> None:
    known = set(commands())
    pages = [*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for page in pages:
        for found in COMMANDS.findall(page.read_text(encoding="utf-8")):
            assert f"tonle {found}" in known, f"{page.name} speaks of tonle {found}"


@pytest.mark.parametrize("setting", sorted(settings(Config)))
def test_every_setting_stands_in_configuration(setting: str) -> None:
    assert f"| `{setting}`" in text("configuration.md") or setting in SECRETS


def test_every_setting_in_configuration_exists() -> None:
    named = set(re.findall(r"^\| `([a-zA-Z_.\[\]]+)` \|", text("configuration.md"), re.MULTILINE))
    assert named - {name for name in named if name.startswith("TONLE_")} <= set(settings(Config))


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_cause_of_an_alarm_stands_in_operations(cause: str) -> None:
    assert f"\n| `{cause}` | " in text("operations.md").partition("\n## Alarms\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_every_command_of_an_alarm_exists(cause: str) -> None:
    for line in CAUSES[cause].commands:
        assert f"tonle {COMMANDS.findall(f'`{line}')[0]}" in set(commands())


def test_every_section_that_an_alarm_names_stands_in_operations() -> None:
    told = " ".join(cause.remedy for cause in CAUSES.values())
    named = set(re.findall(r"docs/operations\.md, “([^”]+)”", told))
    assert named
    assert named <= set(re.findall(r"^##+ (.+)$", text("operations.md"), re.MULTILINE))


@pytest.mark.parametrize("reason", [reason.value for reason in Reason])
def test_every_reason_stands_in_operations(reason: str) -> None:
    assert f"| {reason} |" in text("operations.md")


def test_every_exit_code_stands_in_operations() -> None:
    assert {error.exit_code for error in errors(TonleError)} <= {
        int(code) for code in re.findall(r"^\| (\d+) \|", text("operations.md"), re.MULTILINE)
    }


@pytest.mark.parametrize("event", sorted(events()))
def test_every_event_stands_in_operations(event: str) -> None:
    assert f"`{event}`" in text("operations.md")


def test_events_were_found_at_all() -> None:
    assert {"page.settled", "crawl.ended", "daemon.started"} <= events()


@pytest.mark.parametrize("key", sorted(name for name in Site.model_fields if name != "base"))
def test_every_key_of_a_site_stands_in_sites(key: str) -> None:
    assert f"`{key}`" in text("sites.md") or f"`{key}." in text("sites.md") or f"### {key}" in text("sites.md")


@pytest.mark.parametrize("page", [*sorted(DOCS.glob("*.md")), ROOT / "README.md"], ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", page.read_text(encoding="utf-8")):
        target = link[0] or link[1]
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_readme_fits_on_one_screen() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 70
