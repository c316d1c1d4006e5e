"""Who may see and change what about people, crews and access: by role, and by the organisation they serve."""

from dataclasses import dataclass
from uuid import UUID

from services.crews.domain.access import Role

ISSUERS = frozenset({Role.DISPATCHER, Role.SENIOR_DISPATCHER, Role.MASTER, Role.ADMINISTRATOR})
"""Who lets a crew's phone in and puts it out again."""
READERS = ISSUERS | {Role.CONTRACTOR}
"""Who sees people, crews, equipment and rosters."""
EDITORS = frozenset({Role.SENIOR_DISPATCHER, Role.MASTER, Role.CONTRACTOR, Role.ADMINISTRATOR})
"""Who changes them; a dispatcher only says who fell ill."""
_DESK = frozenset({Role.DISPATCHER, Role.SENIOR_DISPATCHER, Role.ADMINISTRATOR})
_CHIEFS = frozenset({Role.SENIOR_DISPATCHER, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Official:
    """Who asks, as the token says. Masters and contractors act within their own organisation."""

    id: str
    roles: frozenset[Role]
    organisation_id: UUID | None = None

    def lets_in(self, organisation_id: UUID) -> bool:
        """Whether this one pairs and revokes phones of an organisation's crews."""
        return self._may(_DESK, ISSUERS, organisation_id)

    def sees(self, organisation_id: UUID) -> bool:
        return self._may(_DESK, READERS, organisation_id)

    def changes(self, organisation_id: UUID) -> bool:
        return self._may(_CHIEFS, EDITORS, organisation_id)

    def excuses(self, organisation_id: UUID) -> bool:
        """Whether this one says who is away and who is back: at night the dispatcher hears it first."""
        return self._may(_DESK, EDITORS, organisation_id)

    def _may(self, everywhere: frozenset[Role], at_home: frozenset[Role], organisation_id: UUID) -> bool:
        return bool(self.roles & everywhere) or (
            bool(self.roles & at_home) and self.organisation_id == organisation_id
        )
