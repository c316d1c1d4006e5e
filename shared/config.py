"""Settings of a service: ``services/<name>/config.yml`` holds safe defaults, the environment overrides.

``AVARIYKA_<SERVICE>_<KEY>`` wins over the file. Secrets and servers' addresses come only
from the environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shared.errors import AvariykaError

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("intake", "triage", "routing", "crews", "notify", "journal")
_DEFAULT_PORTS = {name: 8101 + index for index, name in enumerate(SERVICES)}


class Misconfigured(AvariykaError):
    """A setting is missing or unreadable; the message names it and says what to set."""

    code = "misconfigured"


@dataclass(frozen=True)
class Settings:
    """What one service process knows about its surroundings."""

    service: str
    values: Mapping[str, Any]
    environment: Mapping[str, str]

    @classmethod
    def load(cls, service: str, environment: Mapping[str, str] | None = None) -> "Settings":
        path = ROOT / "services" / service / "config.yml"
        values = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(service, values or {}, os.environ if environment is None else environment)

    def get(self, key: str, default: Any = None) -> Any:
        """A setting by name; text from the environment is read as YAML, so "5" is a number."""
        text = self.environment.get(self._variable(key))
        if text is None:
            return self.values.get(key, default)
        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as broken:
            raise Misconfigured(f"the environment variable {self._variable(key)} is no YAML") from broken

    def secret(self, variable: str, default: str | None = None) -> str:
        """A value of the environment, word for word; raises :class:`Misconfigured` if absent."""
        value = self.environment.get(variable, default)
        if value is None:
            raise Misconfigured(f"set the environment variable {variable}")
        return value

    @property
    def amqp_uri(self) -> str:
        return self.secret("AVARIYKA_AMQP_URI")

    @property
    def database_url(self) -> str:
        return self.secret(self._variable("database_url"))

    @property
    def bind(self) -> str:
        return self.secret(self._variable("bind"), f"127.0.0.1:{_DEFAULT_PORTS.get(self.service, 8100)}")

    @property
    def public_url(self) -> str:
        """Where the outside world reaches this service: what Twilio signs, what callbacks name."""
        return self.secret(self._variable("public_url"), f"http://{self.bind}").rstrip("/")

    @property
    def workers(self) -> int:
        return int(self.get("workers", 10))

    @property
    def stop_within_s(self) -> float:
        """How long work in hand may take after the order to stop."""
        return float(self.get("stop_within_s", 10))

    def _variable(self, key: str) -> str:
        return f"AVARIYKA_{self.service.upper()}_{key.upper()}"
