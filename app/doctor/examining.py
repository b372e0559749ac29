"""Runs the checks: at once, each within its time; a check that fails, or never ends, is a finding itself."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.doctor import holdings, machine, network, settings
from app.doctor.finding import Check, Finding, Level, Patient, look, wrong
from app.doctor.reach import reach
from core.errors import StorageBusyError, TonleError


@dataclass(frozen=True, slots=True)
class Kind:
    """A check, whether it needs the network, and whether it must run in the main thread (as Scrapy must)."""

    check: Check
    is_remote: bool = False
    is_main: bool = False


CHECKS: Mapping[str, Kind] = {
    "config": Kind(settings.config),
    "python": Kind(machine.python),
    "disk": Kind(machine.disk),
    "permissions": Kind(machine.permissions),
    "clock": Kind(machine.clock),
    "database": Kind(holdings.database),
    "backups": Kind(holdings.backups),
    "daemon": Kind(holdings.daemon),
    "sources": Kind(holdings.sources),
    "outbox": Kind(holdings.outbox),
    "operator": Kind(holdings.operator),
    "channels": Kind(settings.channels),
    "mail": Kind(network.mail, is_remote=True),
    "dns": Kind(network.dns, is_remote=True),
    "certificates": Kind(network.certificates, is_remote=True),
    "reach": Kind(reach, is_remote=True, is_main=True),
}
"""The checks in the order in which people are told. A new one is a function and a line here."""
_GRACE = timedelta(seconds=2)


@dataclass(slots=True)
class _Examination:
    """A check under way; findings are complete once it is done."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def run(self, check: Check, patient: Patient) -> None:
        try:
            self.findings.extend(check(patient))
        except StorageBusyError as error:
            self.findings.append(look(str(error)))
        except TonleError as error:
            self.findings.append(wrong(str(error)))
        except Exception as error:  # noqa: BLE001  # the rim: one check that breaks must not hide what the others say
            self.findings.append(wrong(f"The check itself failed: {type(error).__name__}: {error}", "report it"))
        finally:
            self.done.set()


def examine(
    patient: Patient, *, offline: bool = False, checks: Mapping[str, Kind] = CHECKS
) -> tuple[tuple[str, Finding], ...]:
    """Return what each check found, in the order of the checks; the network is left out where `offline` is set."""
    chosen = {name: kind for name, kind in checks.items() if not (offline and kind.is_remote)}
    running = {name: _Examination(name) for name in chosen}
    for name, kind in chosen.items():
        if not kind.is_main:
            # A daemon thread: one that hangs in the system must not keep the program from its end.
            arguments = kind.check, patient
            threading.Thread(target=running[name].run, args=arguments, name=f"doctor-{name}", daemon=True).start()
    for name, kind in chosen.items():
        if kind.is_main:
            running[name].run(kind.check, patient)
    found: list[tuple[str, Finding]] = []
    for name, each in running.items():
        is_done = each.done.wait((patient.limit + _GRACE).total_seconds())
        found += [(one.about or name, one) for one in tuple(each.findings)]
        if not is_done:
            found.append((name, look(f"Not done within {patient.limit.total_seconds():g} s.")))
    order = list(checks)
    return tuple(sorted(found, key=lambda pair: order.index(pair[0])))


def findings_json(found: Sequence[tuple[str, Finding]]) -> dict[str, Any]:
    """Return the findings for scripts."""
    told = [{"check": name, "level": one.level.value, "says": one.says, "do": one.remedy} for name, one in found]
    counts = {level.value: sum(one.level is level for _, one in found) for level in Level}
    return {"counts": counts, "checks": told}
