"""Debian packages of the servers and of the tests' browser: found, or installed by ``apt-get``.

No system service is started by that.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts import browser, processes
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
apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update
apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 --no-install-recommends install "$@"
"""
_CAUSES = (
    ("no space left", Exit.DISK, "disk full while installing {packages}: free 500 MB and run this again"),
    ("could not get lock", Exit.FAILED, "another package manager is running: run this again when it is done"),
    ("resolving", Exit.NETWORK, "the package mirror cannot be reached: check the network and run this again"),
    ("failed to fetch", Exit.NETWORK, "packages cannot be fetched: check the network and run this again"),
    (
        "unable to locate",
        Exit.NETWORK,
        "apt does not know {packages}: check its sources, or {otherwise}",
    ),
)


BROWSER = "chromium"


def missing(given: Mapping[str, str], services: tuple[str, ...]) -> list[str]:
    """Debian packages to install: none for a kind of server that the environment names or that is here."""
    wanted = []
    if "AVARIYKA_AMQP_URI" not in given and rabbitmq.scripts_directory() is None:
        wanted.append("rabbitmq-server")
    all_given = all(f"AVARIYKA_{service.upper()}_DATABASE_URL" in given for service in services)
    if not all_given and not postgresql.program_directories():
        wanted.append("postgresql")
    return wanted


def missing_browser(environment: Mapping[str, str]) -> list[str]:
    """The package of the browser that tests drive: none if one is here, or if none is wanted."""
    is_settled = browser.is_unwanted(environment) or browser.find(environment) is not None
    return [] if is_settled else [BROWSER]


def ensure(find: Callable[[], list[str]], log: Path) -> None:
    """Install what ``find`` misses, or raise with the one line that says what to do."""
    packages = find()
    if not packages:
        return
    command = [*_root_prefix(packages), "sh", "-c", _INSTALL, "sh", *packages]
    with step(f"Installing {' and '.join(packages)} from Debian's packages (details: {log})"):
        _install(command, packages, find, log)
    if servers := [name for name in packages if name != BROWSER]:
        say("  Debian enables their system services at the next boot; the suite does not need those:")
        say(f"  systemctl disable {' '.join(servers)}")


def _root_prefix(packages: list[str]) -> list[str]:
    """How to become root, or why that cannot be."""
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        advice = f"install them by hand, or {_otherwise(packages)}"
        raise Failure(Exit.SYSTEM, f"{names} missing, and this system has no apt-get: {advice}")
    if os.geteuid() == 0:
        return []
    if _may_sudo():
        return ["sudo", "-n"]
    advice = f"run `sudo apt-get install {names}` (or ask an administrator), then this again"
    raise Failure(Exit.PRIVILEGE, f"no right to install packages: {advice}")


def _otherwise(packages: list[str]) -> str:
    """What to set instead of installing."""
    servers = "set AVARIYKA_AMQP_URI and AVARIYKA_<SERVICE>_DATABASE_URL"
    tests = f"set {browser.VARIABLE} to a Chrome or Chromium, or to `{browser.NONE}` to leave its tests out"
    wishes = [servers] if packages != [BROWSER] else []
    return " and ".join([*wishes, tests] if BROWSER in packages else wishes)


def _may_sudo() -> bool:
    """Whether sudo works here without asking for a password."""
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0


def _install(command: list[str], packages: list[str], find: Callable[[], list[str]], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 or find():
        raise explain(log.read_text(encoding="utf-8", errors="replace"), packages, log)


def explain(output: str, packages: list[str], log: Path) -> Failure:
    """The failure that a person can act on, from what apt-get printed."""
    text = output.lower()
    for sign, code, advice in _CAUSES:
        if sign in text:
            return Failure(code, advice.format(packages=" ".join(packages), otherwise=_otherwise(packages)))
    return Failure(Exit.FAILED, f"apt-get failed; the end of {log}:\n{processes.last_lines(log)}")
