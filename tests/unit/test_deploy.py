"""What people install: the units and compose.yaml are valid, and as closed as they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector
from ruamel.yaml import YAML

from core.config import CrawlSettings

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").iterdir())
ANALYZE = shutil.which("systemd-analyze") or ""
COMPOSE = shutil.which("docker-compose") or ""
SYSTEMD = pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
EXPOSURE = re.compile(r"exposure level for \S+: ([\d.]+)")
# What Scrapy does first for an https address when it verifies certificates; the argument says whether memory that can
# be written may be run, as the kernel is told for MemoryDenyWriteExecute (PR_SET_MDWE, Linux 6.3).
HANDSHAKE = """
import ctypes, sys
if sys.argv[1] == "denied" and ctypes.CDLL(None).prctl(65, 1, 0, 0, 0):
    sys.exit(77)
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.ssl import optionsForClientTLS
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
options = optionsForClientTLS("www.example.org")
sent = StringTransport()
TLSMemoryBIOFactory(options, True, Factory.forProtocol(Protocol)).buildProtocol(None).makeConnection(sent)
sys.stdout.write(sent.value()[:1].hex())
"""


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


def says(setting: str) -> bool:
    """Return whether the unit of the daemon sets something."""
    return setting in (ROOT / "deploy" / "tonle.service").read_text().splitlines()


def test_the_service_forbids_nothing_that_https_needs() -> None:
    is_denied = says("MemoryDenyWriteExecute=yes")
    command = [sys.executable, "-c", HANDSHAKE, "denied" if is_denied else "allowed"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode == 77:
        pytest.skip("this kernel cannot forbid memory that is written and run")
    assert (ended.returncode, ended.stdout) == (0, "16"), ended.stderr


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_the_service_hides_nothing_from_which_its_figures_are_reckoned(tmp_path: Path) -> None:
    if says("ProcSubset=pid"):
        (tmp_path / "self").symlink_to("/proc/self")
    proc = tmp_path if says("ProcSubset=pid") else Path("/proc")
    told = ProcessCollector(proc=str(proc), registry=CollectorRegistry()).collect()
    assert "process_resident_memory_bytes" in {figure.name for figure in told}


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


def test_what_the_owner_of_a_clone_puts_into_it_is_folders_that_git_leaves_alone(service: dict[str, Any]) -> None:
    sources = [re.sub(r"\$\{\w+:-(.+?)\}", r"\1", volume).partition(":")[0] for volume in service["volumes"]]
    own = {f"{source[1:]}/" for source in sources if source.startswith(".")}
    assert own == {"/settings/", "/secrets/", "/backups/"}
    assert own | {"/compose.override.yaml", ".env"} <= set((ROOT / ".gitignore").read_text().splitlines())


@pytest.mark.soak  # it takes a second to load
@pytest.mark.skipif(not COMPOSE, reason="docker-compose is not installed")
def test_compose_can_be_read_by_compose() -> None:
    command = [COMPOSE, "-f", str(ROOT / "compose.yaml"), "config", "-q"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert (ended.returncode, ended.stderr) == (0, "")
