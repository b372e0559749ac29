"""The image as processes: a command in it, run as compose.yaml has it run, by whatever engine there is.

docker and podman run it themselves. Where there is buildah alone, which only builds, the image's file system is
mounted and the same is done by hand: a file system that cannot be written, the user of the image, no privileges. That
takes root.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UID = 10001
_BY_HAND = """
set -e
root=$1 place=$2 folder=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=256m tmpfs "$root/tmp"
mount --bind "$place/data" "$root/data"
for each in config.yaml:etc/tonle/config.yaml secrets:run/secrets; do
    mount --bind "$place/${each%:*}" "$root/${each#*:}"
    mount -o remount,bind,ro "$root/${each#*:}"
done
exec chroot --userspec=tonle:tonle "$root" setpriv --no-new-privs --inh-caps=-all \\
    env -i -C "$folder" HOME=/home/tonle "$@"
"""


@dataclass(frozen=True)
class Image:
    """An image and what runs it; settings are those of its Dockerfile, root is where buildah has mounted it."""

    name: str
    engine: str
    settings: dict[str, Any]
    root: str = ""

    def argv(self, place: Path, *args: str, environ: Sequence[str] = ()) -> list[str]:
        """Return the command that runs `tonle ARGS` in the image, on data, config.yaml and secrets of a folder."""
        return self._run(place, [*self.settings["Entrypoint"], *(args or self.settings["Cmd"])], environ)

    def health(self, place: Path) -> list[str]:
        """Return the command that runs the health check in a second container beside the first."""
        kind, *words = self.settings["Healthcheck"]["Test"]
        return self._run(place, ["/bin/sh", "-c", *words] if kind == "CMD-SHELL" else words)

    def shell(self, place: Path, script: str) -> list[str]:
        """Return the command that runs a shell script in the image."""
        return self._run(place, ["/bin/sh", "-c", script])

    def _run(self, place: Path, command: list[str], environ: Sequence[str] = ()) -> list[str]:
        if self.root:
            way = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _BY_HAND, "sh", self.root, str(place)]
            return [*way, self.settings["WorkingDir"], *self.settings["Env"], *environ, *command]
        volumes = {"data": "/data", "config.yaml": "/etc/tonle/config.yaml:ro", "secrets": "/run/secrets:ro"}
        options = ["--rm", "--init", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "host"]  # noqa: S108  # in the container
        options += ["--security-opt", "no-new-privileges", "--entrypoint", command[0]]
        options += [word for ours, theirs in volumes.items() for word in ("-v", f"{place / ours}:{theirs}")]
        options += [word for each in environ for word in ("-e", each)]
        return [self.engine, "run", *options, self.name, *command[1:]]


def engine() -> str:
    """Return which engine answers here; empty: none."""
    for name in ("docker", "podman", "buildah"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return name
    return ""


@contextmanager
def opened(name: str) -> Iterator[Image]:
    """Give an image for the block."""
    by = engine()
    if by == "buildah":
        container = _said("buildah", "from", name)
        try:
            told = json.loads(_said("buildah", "inspect", container))
            yield Image(name, by, told["Docker"]["config"], _said("buildah", "mount", container))
        finally:
            _said("buildah", "rm", container)
    else:
        settings = json.loads(_said(by, "image", "inspect", "--format", "{{json .Config}}", name))
        settings.setdefault("Healthcheck", settings.get("HealthCheck"))
        yield Image(name, by, settings)


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
