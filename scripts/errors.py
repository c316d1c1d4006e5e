"""What can stop the command line: one line for a person, one stable exit code for a script."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of ``./avariyka``; a contract, also kept by the bootstrap script and shown in the help."""

    FAILED = 1  # a check, a test or a command failed; its own output says why
    USAGE = 2  # unknown command or option
    PYTHON = 10  # no suitable Python, or no venv module
    NETWORK = 11  # a package index or mirror cannot be reached
    PRIVILEGE = 12  # something must be installed or written and we may not
    SYSTEM = 13  # this operating system is not supported
    DISK = 14  # disk full
    SERVER = 15  # RabbitMQ or PostgreSQL did not start or refused
    SERVICE = 16  # one of our services did not start
    PORT = 17  # a port that was asked for is taken
    NOT_UP = 18  # the suite must be up (or must not be up) for this


class Failure(Exception):
    """A reason to stop which a person can act on; ``message`` says what to do."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
