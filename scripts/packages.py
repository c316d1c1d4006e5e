"""Debian packages of the servers: found, or installed by ``apt-get`` without starting any system service."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scripts import processes
from scripts.errors import Exit, Failure
from scripts.servers import postgresql, rabbitmq
from scripts.steps import say, step

# policy-rc.d is Debian's own way to forbid that an installation starts a service.
_INSTALL = """
policy=/usr/sbin/policy-rc.d
mark='avariyka: installing without starting services'
if [ ! -e "$policy" ] || grep -q "$mark" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\\n# %s\\nexit 101\\n' "$mark" >"$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
"""
_CAUSES = (
    ("no space left", Exit.DISK, "disk full while installing {packages}: free 500 MB and run this again"),
    ("could not get lock", Exit.FAILED, "another package manager is running: run this again when it is done"),
    ("resolving", Exit.NETWORK, "the package mirror cannot be reached: check the network and run this again"),
    ("failed to fetch", Exit.NETWORK, "packages cannot be fetched: check the network and run this again"),
    ("unable to locate", Exit.NETWORK, "apt does not know {packages}: check /etc/apt/sources.list"),
)


def missing(given: Mapping[str, str], services: tuple[str, ...]) -> list[str]:
    """Debian packages to install: none for a kind of server that the environment names or that is here."""
    wanted = []
    if "AVARIYKA_AMQP_URI" not in given and rabbitmq.scripts_directory() is None:
        wanted.append("rabbitmq-server")
    all_given = all(f"AVARIYKA_{service.upper()}_DATABASE_URL" in given for service in services)
    if not all_given and not postgresql.program_directories():
        wanted.append("postgresql")
    return wanted


def ensure(given: Mapping[str, str], services: tuple[str, ...], log: Path) -> None:
    """Install what is missing, or raise with the one line that says what to do."""
    packages = missing(given, services)
    if not packages:
        return
    command = [*_root_prefix(packages), "sh", "-c", _INSTALL, "sh", *packages]
    with step(f"Installing {' and '.join(packages)} from Debian's packages (details: {log})"):
        _install(command, packages, log)
    say("  Debian enables their system services at the next boot; the suite does not need those:")
    say(f"  systemctl disable {' '.join(packages)}")


def _root_prefix(packages: list[str]) -> list[str]:
    """How to become root, or why that cannot be."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        advice = "install them by hand, or set AVARIYKA_AMQP_URI and AVARIYKA_<SERVICE>_DATABASE_URL"
        raise Failure(Exit.SYSTEM, f"{names} missing, and this system has no apt-get: {advice}")
    if os.geteuid() == 0:
        return []
    if _may_sudo():
        return ["sudo", "-n"]
    advice = f"run `sudo apt-get install {names}` (or ask an administrator), then this again"
    raise Failure(Exit.PRIVILEGE, f"no right to install packages: {advice}")


def _may_sudo() -> bool:
    """Whether sudo works here without asking for a password."""
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _install(command: list[str], packages: list[str], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 or missing({}, ("intake",)) == packages:
        raise explain(log.read_text(encoding="utf-8", errors="replace"), packages, log)


def explain(output: str, packages: list[str], log: Path) -> Failure:
    """The failure that a person can act on, from what apt-get printed."""
    text = output.lower()
    for sign, code, advice in _CAUSES:
        if sign in text:
            return Failure(code, advice.format(packages=" ".join(packages)))
    return Failure(Exit.FAILED, f"apt-get failed; the end of {log}:\n{processes.last_lines(log)}")
