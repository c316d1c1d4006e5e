"""The environment in which the services of the local suite run. What the user sets always wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts import memory, ports
from scripts.errors import Exit, Failure

SERVICES = ("intake", "triage", "routing", "crews", "notify", "journal")
STAND_IN = "twilio"
PREFERRED_PORTS: Mapping[str, int] = {**{name: 8101 + at for at, name in enumerate(SERVICES)}, STAND_IN: 8110}
_SEALING_SERVICES = ("intake", "notify", "crews")
SEALING_VARIABLES = ("AVARIYKA_CONTACT_KEYS", "AVARIYKA_CONTACT_INDEX_KEY")
_ANY_ADDRESS = ("", "0.0.0.0", "[::]")  # noqa: S104 - compared with, not bound to
_TEST_NUMBER = "+15005550006"  # Twilio's own "valid sender" of its test credentials


@dataclass(frozen=True)
class Parts:
    """What the suite decided: addresses of the servers, keys, ports."""

    amqp_uri: str
    databases: Mapping[str, str]
    private_key: Path
    public_key: Path
    sealing_keys: Mapping[str, str]
    ports: Mapping[str, int]


def ours(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of an environment that speak to the suite."""
    return {name: value for name, value in environment.items() if name.startswith("AVARIYKA_") and value}


def without_twilio(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if not name.startswith("AVARIYKA_TWILIO_")}


def has_twilio(given: Mapping[str, str]) -> bool:
    """Whether the user brought an account of the real Twilio (or of another stand-in)."""
    return "AVARIYKA_TWILIO_ACCOUNT_SID" in given


def database_variable(service: str) -> str:
    return f"AVARIYKA_{service.upper()}_DATABASE_URL"


def bind_variable(service: str) -> str:
    return f"AVARIYKA_{service.upper()}_BIND"


def assemble(parts: Parts, given: Mapping[str, str], twilio: Mapping[str, str]) -> dict[str, str]:
    """Every variable the services need: decisions of the suite, then what the user set."""
    binds = {bind_variable(name): f"{ports.LOOPBACK}:{parts.ports[name]}" for name in SERVICES}
    return {
        "AVARIYKA_AMQP_URI": parts.amqp_uri,
        **{database_variable(name): url for name, url in parts.databases.items()},
        **binds,
        "AVARIYKA_TOKEN_PRIVATE_KEY_FILE": str(parts.private_key),
        "AVARIYKA_TOKEN_PUBLIC_KEY_FILE": str(parts.public_key),
        **parts.sealing_keys,
        "AVARIYKA_JOURNAL_PEERS": ",".join(f"{name}={url}" for name, url in urls({**binds, **given}).items()),
        **twilio,
        **given,
    }


def urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Where each service answers from this machine; a service bound to every address answers on loopback."""
    return {name: f"http://{_from_here(environment[bind_variable(name)])}" for name in SERVICES}


def _from_here(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    return f"{ports.LOOPBACK if host in _ANY_ADDRESS else host}:{port}"


def stand_in(notes: Path, port: int) -> dict[str, str]:
    """Account, token and address of the local stand-in for Twilio; made up once per instance."""
    account = memory.recall(notes, "twilio account", lambda: "AC" + memory.new_secret()[:32])
    return {
        "AVARIYKA_TWILIO_ACCOUNT_SID": account,
        "AVARIYKA_TWILIO_AUTH_TOKEN": memory.recall(notes, "twilio token", memory.new_secret),
        "AVARIYKA_TWILIO_FROM": _TEST_NUMBER,
        "AVARIYKA_TWILIO_API_URL": f"http://{ports.LOOPBACK}:{port}",
        # Nobody sleeps at the stand-in's numbers: a demo at night shows the same as one by day.
        "AVARIYKA_NOTIFY_QUIET_FROM": "00:00",
        "AVARIYKA_NOTIFY_QUIET_UNTIL": "00:00",
    }


def sealing_keys(notes: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The keys that seal numbers and names: made up once per instance, lost with ``var/``. Databases that
    outlive it need keys that do."""
    missing = [name for name in SEALING_VARIABLES if name not in given]
    own = [name for name in _SEALING_SERVICES if database_variable(name) in given]
    if own and missing:
        wish = (
            f"set {' and '.join(missing)} (a key: openssl rand -base64 32) and keep them as safe as a backup"
        )
        raise Failure(Exit.USAGE, f"{database_variable(own[0])} is your own database: {wish}")
    return {name: memory.recall(notes, name, memory.new_key) for name in missing}


def choose_ports(path: Path, given: Mapping[str, str]) -> dict[str, int]:
    """A port per service and one for the stand-in: the user's, the remembered, the usual, or any free one."""
    asked = {name: _asked_port(name, given) for name in SERVICES if bind_variable(name) in given}
    for name, port in asked.items():
        if not ports.is_free(port):
            raise Failure(Exit.PORT, f"port {port} is taken: free it or change {bind_variable(name)}")
    open_names = {name: port for name, port in PREFERRED_PORTS.items() if name not in asked}
    known = {name: int(port) for name, port in memory.read(path).items()}
    chosen = ports.assign(open_names, known, lambda port: port not in asked.values() and ports.is_free(port))
    memory.write(path, {**chosen})
    return chosen | asked


def _asked_port(service: str, given: Mapping[str, str]) -> int:
    text = given[bind_variable(service)]
    port = text.rpartition(":")[2]
    if not port.isdigit():
        raise Failure(Exit.USAGE, f"{bind_variable(service)} is {text!r}: write it like 127.0.0.1:8101")
    return int(port)
