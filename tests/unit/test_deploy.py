"""What people install: the units and compose.yaml are valid, and as closed as they say."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from core.config import CrawlSettings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").iterdir())
ANALYZE = shutil.which("systemd-analyze") or ""
COMPOSE = shutil.which("docker-compose") or ""
SYSTEMD = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
EXPOSURE = re.compile(r"exposure level for \S+: ([\d.]+)")


@pytest.fixture(scope="module")
def service() -> dict[str, Any]:
    """The service of compose.yaml."""
    whole: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")
    found: dict[str, Any] = whole["services"]["daemon"]
    return found


@SYSTEMD
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/tonle/.venv/bin/tonle", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    ended = subprocess.run([ANALYZE, "verify", *paths], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@SYSTEMD
@pytest.mark.parametrize(("unit", "most"), [("tonle.service", 1.5), ("tonle-backup.service", 0.8)])
def test_the_services_are_exposed_no_further_than_they_need(unit: str, most: float) -> None:
    command = [ANALYZE, "security", "--offline=true", "--no-pager", str(ROOT / "deploy" / unit)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in ended.stderr:
        pytest.skip("this systemd-analyze cannot judge a unit that is not installed")
    assert float(EXPOSURE.findall(ended.stdout)[0]) <= most


def test_compose_closes_what_can_be_closed(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "init", "restart", "logging"} <= service.keys()
    assert "ports" not in service
    assert not {"privileged", "network_mode", "user", "cap_add"} & service.keys()


def test_a_stopped_crawl_has_time_to_store_what_it_fetched(service: dict[str, Any]) -> None:
    grace = CrawlSettings().stop_grace.total_seconds()
    assert service["stop_grace_period"] == "1m"
    unit = (ROOT / "deploy" / "tonle.service").read_text()
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) > 2 * grace
    assert grace * 2 < 60


def test_no_secret_passes_through_the_environment_of_a_container(service: dict[str, Any]) -> None:
    assert set(service["environment"]) == {"TONLE_CONTACT"}
    assert "./secrets:/run/secrets:ro" in service["volumes"]
    assert "ENV" in (ROOT / "Dockerfile").read_text()
    assert not re.search(r"(PASSWORD|KEY|CHANNEL_\w+)=", (ROOT / "Dockerfile").read_text())


@pytest.mark.soak  # it takes a second to load
@pytest.mark.skipif(not COMPOSE, reason="docker-compose is not installed")
def test_compose_can_be_read_by_compose() -> None:
    command = [COMPOSE, "-f", str(ROOT / "compose.yaml"), "config", "-q"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert (ended.returncode, ended.stderr) == (0, "")
