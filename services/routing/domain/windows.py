"""When the resident expects the crew: a window agreed at registration. Practice of the service, not law."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Window:
    """Aware times, the end after the start."""

    starts_at: datetime
    ends_at: datetime

    def is_far(self, now: datetime, lead: timedelta) -> bool:
        """Whether a crew that is sent ``lead`` before the start is not to be sent yet."""
        return self.starts_at - now > lead


def agreed(address: Mapping[str, Any]) -> Window | None:
    """The window that came with an address (``access.window`` of ``request.registered``).

    None where there is none, or none that makes sense: rather a crew at a bad time than no crew.
    """
    told = (address.get("access") or {}).get("window")
    if not told:
        return None
    try:
        window = Window(datetime.fromisoformat(told["from"]), datetime.fromisoformat(told["to"]))
        return (
            window if window.starts_at.utcoffset() is not None and window.ends_at > window.starts_at else None
        )
    except (KeyError, TypeError, ValueError):
        return None
