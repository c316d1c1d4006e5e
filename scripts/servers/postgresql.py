"""A private PostgreSQL cluster, run from Debian's ``postgresql`` package.

PostgreSQL refuses to run as root, so under root its processes run as the package's user ``postgres``.
"""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from scripts import memory, ports, processes
from scripts.errors import Exit, Failure
from scripts.servers.base import STOP_S, Server

ADMIN = "avariyka"
SYSTEM_USER = "postgres"
_INSTALLED = Path("/usr/lib/postgresql")
_ELSEWHERE = Path("/var/lib/avariyka")
_SETTINGS = (
    f"listen_addresses = '{ports.LOOPBACK}'",
    "unix_socket_directories = ''",
    "max_connections = 300",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "log_line_prefix = '%m [%p] %d '",
    "jit = off",
)
_ENSURE_DATABASE = r"""
SELECT format('CREATE ROLE %I', :'name')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
"""


def program_directories() -> list[Path]:
    """Directories with the programs of a PostgreSQL server, the newest version first."""
    versions = [path for path in _INSTALLED.glob("*/bin") if (path / "initdb").exists()]
    return sorted(versions, key=lambda path: float(path.parent.name), reverse=True)


class PostgreSQL(Server):
    """One database cluster on loopback; databases belong to users of the same name with random passwords."""

    name = "PostgreSQL"
    programs = ("postgres",)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy URL of the database ``postgres`` as the cluster's superuser."""
        return self._url(ADMIN, self.password(), "postgres")

    @property
    def workplace(self) -> Path:
        return self.home / "data"

    def ensure_database(self, name: str) -> str:
        """Make a database and its user, both of this plain name, unless they exist; returns the URL."""
        password = self.password(f"password of {name}")
        self.sql(_ENSURE_DATABASE, name=name, password=password)
        return self._url(name, password, name)

    def sql(self, script: str, database: str = "postgres", **variables: str) -> str:
        """Run statements as the superuser, return the rows. Variables are used as ``:'name'``."""
        command = [str(self._programs() / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        settings = "".join(f"\\set {name} {value}\n" for name, value in variables.items())
        where = {"PGHOST": ports.LOOPBACK, "PGPORT": str(self.port()), "PGDATABASE": database}
        login = {"PGUSER": ADMIN, "PGPASSWORD": self.password()}
        done = processes.run(command, self.home, self._environment() | where | login, settings + script)
        if done.returncode != 0:
            raise Failure(Exit.SERVER, f"PostgreSQL refused a statement: {done.complaint}")
        return done.output

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, a checkpoint is written."""
        processes.end(self._postmaster, signal.SIGINT, STOP_S)
        self.kill()

    def _postmaster(self) -> list[int]:
        """The server's first process while anything of it lives: the others end by its order."""
        living = self.pids()
        first = memory.first_number(self.workplace / "postmaster.pid")
        return [first] if first in living else living

    def _settle(self) -> None:
        """Make the home; under root somewhere else if the user ``postgres`` cannot enter this one."""
        if self.home.is_symlink() and not self.home.exists():
            self.home.unlink()
        super()._settle()
        if os.geteuid() == 0 and not self._may_enter(self.home):
            self._move_away()
        self.home = self.home.resolve()

    def _move_away(self) -> None:
        mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        refuge = _ELSEWHERE / mark
        shutil.rmtree(refuge, ignore_errors=True)
        refuge.mkdir(parents=True)
        self.home.rmdir()
        self.home.symlink_to(refuge)
        self.say(f"PostgreSQL keeps its data in {refuge}: its system user cannot enter {self.home.parent}")

    def _launch(self) -> subprocess.Popen[bytes]:
        if not self.workplace.exists():
            self._create_cluster()
        (self.workplace / "postmaster.pid").unlink(missing_ok=True)
        program = str(self._programs() / "postgres")
        command = self._as_owner([program, "-D", str(self.workplace), "-p", str(self.port())])
        return processes.spawn(command, self.workplace, self._environment(), self._fresh_log())

    def _create_cluster(self) -> None:
        """``initdb`` beside the final place, so that an interrupted one is never taken for a cluster."""
        draft, secret = self.home / "data.draft", self.home / "password.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        memory.write_private(secret, self.password())
        self._give(draft, secret)
        self._initdb(draft, secret)
        secret.unlink()
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(_SETTINGS) + "\n")
        draft.rename(self.workplace)

    def _initdb(self, draft: Path, secret: Path) -> None:
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}"]
        command = [str(self._programs() / "initdb"), f"--pgdata={draft}", f"--username={ADMIN}", *options]
        done = processes.run(self._as_owner(command), self.home, self._environment())
        if done.returncode != 0:
            raise Failure(Exit.SERVER, f"PostgreSQL's initdb failed: {done.complaint}")

    def _ready(self) -> bool:
        address = ["-q", "-h", ports.LOOPBACK, "-p", str(self.port()), "-d", "postgres"]
        command = [str(self._programs() / "pg_isready"), *address]
        return processes.run(command, self.home, self._environment()).returncode == 0

    def _may_enter(self, place: Path) -> bool:
        return subprocess.run(self._as_owner(["test", "-x", str(place)]), check=False).returncode == 0

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            owner = self._system_user()
            for path in paths:
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _as_owner(self, command: list[str]) -> list[str]:
        if os.geteuid() != 0:
            return command
        owner = self._system_user()
        identity = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        return ["setpriv", *identity, "--", *command]

    def _system_user(self) -> pwd.struct_passwd:
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            reason = f"PostgreSQL cannot run as root and there is no user {SYSTEM_USER}"
            raise Failure(Exit.SYSTEM, f"{reason}: run ./avariyka as an ordinary user") from None

    def _programs(self) -> Path:
        """The programs of the version that made the cluster, of the newest one if there is no cluster yet."""
        found = program_directories()
        if not found:
            raise Failure(Exit.PRIVILEGE, "PostgreSQL is missing: run `apt-get install postgresql` as root")
        version = self._made_by()
        fitting = [path for path in found if version in {path.parent.name, ""}]
        if not fitting:
            advice = f"install postgresql-{version}, or delete {self.home} to start empty"
            raise Failure(Exit.SERVER, f"the data in {self.home} is of PostgreSQL {version}: {advice}")
        return fitting[0]

    def _made_by(self) -> str:
        """Major version that made the cluster; empty if there is none yet."""
        mark = self.workplace / "PG_VERSION"
        return mark.read_text(encoding="ascii").strip() if mark.exists() else ""

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql+psycopg2://{user}:{password}@{ports.LOOPBACK}:{self.port()}/{database}"

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C.UTF-8"}
