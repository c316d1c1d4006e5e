"""Private RabbitMQ and PostgreSQL for the local suite, the demo and the tests.

Each instance keeps everything (data, log, ports, passwords, Erlang cookie) under one directory and listens on
loopback only, on ports of its own, so several instances and a system-wide server live beside each other.
Durability is never switched off: surviving a crash is what the suite promises.
"""

from scripts.servers.postgresql import PostgreSQL
from scripts.servers.rabbitmq import QueueDepth, RabbitMQ

__all__ = ["PostgreSQL", "QueueDepth", "RabbitMQ"]
