"""What can stop the command line: one line for a person, one stable exit code for a script."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of ``./avariyka``; a contract, also kept by the bootstrap script."""

    FAILED = 1
    USAGE = 2
    PYTHON = 10
    NETWORK = 11
    PRIVILEGE = 12
    SYSTEM = 13
    DISK = 14
    SERVER = 15
    SERVICE = 16
    PORT = 17
    BUSY = 18


class Failure(Exception):
    """A reason to stop which a person can act on; ``message`` says what to do."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
