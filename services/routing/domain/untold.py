"""Who on an alert list could not be reached, so that a dispatcher must call (M-1.1-U1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

Names = Mapping[str, str]


@dataclass(frozen=True)
class Untold:
    """One alert of a request, as notify told of it last (``sequence``): its ``title`` and the ``people`` who
    are still to be told, by language. Nobody: there is nothing to do."""

    alert_id: UUID
    request_id: UUID
    title: Names
    people: Sequence[Names]
    at: datetime
    sequence: int

    @property
    def words(self) -> dict[str, str]:
        """For the text of the alarm, whatever language it is read in."""
        names = {
            f"people_{language}": ", ".join(one[language] for one in self.people) for language in self.title
        }
        return names | {f"title_{language}": text for language, text in self.title.items()}
