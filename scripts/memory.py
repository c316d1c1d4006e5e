"""Small private notes of an instance (ports, passwords): JSON files that only their owner can read."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """The notes in a file; none if it is absent or was cut off by a full disk."""
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return notes if isinstance(notes, dict) else {}


def write(path: Path, notes: dict[str, Any]) -> None:
    write_private(path, json.dumps(notes, indent=2, sort_keys=True) + "\n")


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(
        os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def first_number(path: Path) -> int | None:
    """The number on the first line of a file, as in a server's own pid file; nothing if there is none."""
    try:
        return int(path.read_text(encoding="ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def recall(path: Path, name: str, make: Callable[[], str]) -> str:
    """A note by name, made and kept on the first call."""
    notes = read(path)
    if name not in notes:
        notes[name] = make()
        write(path, notes)
    return str(notes[name])


def new_secret() -> str:
    """A random word of letters and digits only, so that it fits any URL or configuration file."""
    return secrets.token_hex(20)


def new_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")
