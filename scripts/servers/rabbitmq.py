"""A private RabbitMQ node with its own Erlang port mapper, run from Debian's ``rabbitmq-server`` package."""

import json
import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts import memory, ports, processes
from scripts.errors import Exit, Failure
from scripts.servers.base import STOP_S, Server

USER = VHOST = "avariyka"
_SCRIPTS = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"))
_NODE_SCRIPTS = "lib/rabbitmq_server-*/sbin"
_NODE = "avariyka@localhost"
_HEADER = b"AMQP\x00\x00\x09\x01"


@dataclass(frozen=True)
class QueueDepth:
    """Messages of one queue: waiting, and given to a consumer but not confirmed (None: not known)."""

    name: str
    ready: int
    unacked: int | None
    consumers: int


def scripts_directory() -> Path | None:
    """Where RabbitMQ's own programs are; the ones in ``/usr/sbin`` would switch to another user first."""
    found = [*_SCRIPTS, *sorted(Path("/usr/lib/rabbitmq").glob(_NODE_SCRIPTS), reverse=True)]
    return next((path for path in found if (path / "rabbitmqctl").exists()), None)


class RabbitMQ(Server):
    """One broker node on loopback with one random user; its default virtual host is ``avariyka``."""

    name = "RabbitMQ"
    programs = ("beam", "epmd", "erl", "inet_gethost", "rabbitmq")
    port_names = ("port", "dist_port", "epmd_port")

    @property
    def uri(self) -> str:
        """Address of the default virtual host, with the user's name and password."""
        return f"amqp://{USER}:{self.password()}@{ports.LOOPBACK}:{self.port()}/{VHOST}"

    def queues(self) -> list[QueueDepth]:
        """Every queue with its depth now."""
        columns = ("name", "messages_ready", "messages_unacknowledged", "consumers")
        rows = json.loads(self.ctl("list_queues", "-p", VHOST, "--formatter", "json", *columns))
        return [QueueDepth(*(row[column] for column in columns)) for row in rows]

    def ctl(self, *words: str) -> str:
        """Run ``rabbitmqctl`` against this node and return what it prints."""
        command = [str(self._scripts() / "rabbitmqctl"), "--quiet", "-n", _NODE, *words]
        done = processes.run(command, self.home, self._environment())
        if done.returncode != 0:
            raise Failure(Exit.SERVER, f"rabbitmqctl {words[0]} failed: {done.complaint}")
        return done.output

    def stop(self) -> None:
        """Stop the node in order, then its port mapper, which Erlang would leave behind."""
        processes.end(self._node, signal.SIGTERM, STOP_S)
        processes.end(self.pids, signal.SIGTERM, 2.0)
        self._bury()

    def lives(self) -> bool:
        return bool(self._node())

    def _node(self) -> list[int]:
        """The broker's processes without the port mapper, which outlives it."""
        return [pid for pid in self.pids() if processes.program(pid) != "epmd"]

    def _launch(self) -> subprocess.Popen[bytes]:
        self._write_configuration()
        environment, log = self._environment(), self._fresh_log()
        mapper = ["epmd", "-port", str(self.port("epmd_port")), "-address", ports.LOOPBACK]
        self._helpers.append(processes.spawn(mapper, self.home, environment, log))
        processes.wait_for(lambda: ports.answers(self.port("epmd_port")), 20.0)
        return processes.spawn([self._scripts() / "rabbitmq-server"], self.home, environment, log)

    def _ready(self) -> bool:
        """Whether the broker greets a client: it opens its port as the last step of its start."""
        with socket.socket() as probe:
            probe.settimeout(2.0)
            try:
                probe.connect((ports.LOOPBACK, self.port()))
                probe.sendall(_HEADER)
                return probe.recv(1) == b"\x01"
            except OSError:
                return False

    def _scripts(self) -> Path:
        found = scripts_directory()
        if found is None:
            raise Failure(
                Exit.PRIVILEGE, "RabbitMQ is not installed: run `apt-get install rabbitmq-server` as root"
            )
        return found

    def _write_configuration(self) -> None:
        lines = (
            f"listeners.tcp.1 = {ports.LOOPBACK}:{self.port()}",
            f"default_user = {USER}",
            f"default_pass = {self.password()}",
            f"default_vhost = {VHOST}",
            "disk_free_limit.absolute = 50MB",
            "log.file.rotation.size = 5242880",
            "log.file.rotation.count = 2",
        )
        memory.write_private(self.home / "rabbitmq.conf", "\n".join(lines) + "\n")
        memory.write_private(self.home / "enabled_plugins", "[].\n")
        memory.write_private(self.home / "rabbitmq-env.conf", "")
        self._write_cookie()

    def _write_cookie(self) -> None:
        cookie = self.home / ".erlang.cookie"
        if not cookie.exists():
            memory.write_private(cookie, memory.new_secret())
            cookie.chmod(0o400)

    def _environment(self) -> dict[str, str]:
        """The environment of this node: nothing of the machine's own RabbitMQ may leak in."""
        foreign = ("RABBITMQ_", "ERL_", "ERLANG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.port("epmd_port")),
            "ERL_EPMD_ADDRESS": ports.LOOPBACK,
            "RABBITMQ_NODENAME": _NODE,
            "RABBITMQ_DIST_PORT": str(self.port("dist_port")),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.home / "data"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.home / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.home / "generated"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "rabbitmq-env.conf"),
            "RABBITMQ_PID_FILE": str(self.home / "pid"),
            # Makes the start script turn into the node, where it would otherwise stay as the node's parent.
            "detached": "true",
        }
