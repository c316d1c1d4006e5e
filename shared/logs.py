"""Structured logs for the person at 3 a.m.: one JSON object a line, a correlation id, no personal data."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

import structlog

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)

_PHONE = re.compile(
    r"(?P<kept>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,}|\d\.\d{12,})|\+?\d[\d\s()-]{8,}\d",
    re.IGNORECASE,
)


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)


def configure(service: str, level: str = "INFO") -> None:
    """Send our logs and the libraries' warnings to stdout as JSON lines."""
    shared_steps: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_context(service),
        structlog.processors.format_exc_info,
        hide_phones,
    ]
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=shared_steps,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("amqp", "kombu", "nameko", "twilio", "urllib3", "eventlet"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _add_context(service: str) -> Any:
    def add(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        entry["service"] = service
        entry.setdefault("correlation_id", correlation.get())
        return entry

    return add


def hide_phones(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A net under everything else: what looks like a phone number never reaches a log line. Ids do."""
    for key in entry.keys() - _SAFE_FIELDS:
        entry[key] = _without_phones(entry[key])
    return entry


def _without_phones(value: Any) -> Any:
    if isinstance(value, str):
        return _PHONE.sub(lambda found: found["kept"] or "[phone]", value)
    if isinstance(value, Mapping):
        return {key: _without_phones(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_phones(item) for item in value]
    return value


_SAFE_FIELDS = frozenset({"timestamp", "correlation_id", "service", "level", "logger"})
