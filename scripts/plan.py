"""What ``up`` decided, kept for the supervisor and for every later command: readable by the owner only."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts import memory
from scripts.servers import PostgreSQL, RabbitMQ
from scripts.servers.base import Server

_KINDS: Mapping[str, Callable[[Path], Server]] = {"rabbitmq": RabbitMQ, "postgresql": PostgreSQL}


@dataclass(frozen=True)
class Plan:
    """Settings of the services, the private servers by name, and whether Twilio is the local stand-in."""

    settings: Mapping[str, str]
    servers: tuple[str, ...]
    stand_in: bool

    @classmethod
    def load(cls, var: Path) -> "Plan | None":
        """The plan of the last ``up``; nothing before the first one."""
        kept = memory.read(_path(var))
        if not kept:
            return None
        return cls(kept["settings"], tuple(kept["servers"]), kept["stand_in"])

    def save(self, var: Path) -> None:
        memory.write(_path(var), asdict(self))

    def private_servers(self, var: Path) -> list[Server]:
        return [_KINDS[name](var) for name in self.servers]


def every_server(var: Path) -> list[Server]:
    """All private servers that may live under ``var``."""
    return [make(var) for make in _KINDS.values()]


def _path(var: Path) -> Path:
    return var / "run" / "plan.json"
