"""How the roads are now, as a dispatcher has seen it: snow, ice, a closed bridge slow everybody down."""

from dataclasses import dataclass
from datetime import datetime

SLOWEST = 3.0


@dataclass(frozen=True)
class Conditions:
    """Driving takes ``factor`` times as long (1.0–3.0), until a moment or until somebody says otherwise."""

    factor: float
    reason: str
    until: datetime | None
    by: str
    at: datetime

    def factor_at(self, now: datetime) -> float:
        """What holds now: 1.0 once the time is over."""
        return 1.0 if self.until is not None and self.until <= now else self.factor
