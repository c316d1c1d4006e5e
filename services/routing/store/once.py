"""A command that is done once: its key, and who sent it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Once:
    """``fingerprint`` tells the command itself, so that a key used for another one is found out."""

    key: str
    actor_id: str
    fingerprint: str
