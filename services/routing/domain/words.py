"""Words of the trade that this service decides by. Others (faults, places) pass through as text."""

from enum import StrEnum

OTHER = "other"
SYSTEMS = ("water", "sewer", "heat", "power", "gas", "lift", "structure", "yard", "dispatch", OTHER)


class Category(StrEnum):
    """Urgency of an appeal (07117-TRUD-003, D-1.2-U2)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    PLANNED = "planned"
    CONSULTATION = "consultation"

    @property
    def rank(self) -> int:
        """0 is served first."""
        return list(Category).index(self)

    @property
    def priority(self) -> str | None:
        """The usual priority of the work that follows; a second field, not a synonym (design rule 6.2)."""
        return _PRIORITY[self]


_PRIORITY = {
    Category.EMERGENCY: "P1",
    Category.URGENT: "P2",
    Category.PLANNED: "P3",
    Category.CONSULTATION: None,
}


class Channel(StrEnum):
    """How a request was handed over (D-1.3-U3)."""

    SYSTEM = "system"
    PHONE = "phone"
    RADIO = "radio"


class Refusal(StrEnum):
    """Why a crew is not sent; a dispatcher reads it under ``refusal.<code>``."""

    SPECIALISATION = "specialisation"
    GRADE = "grade"
    NO_GRADE_RULE = "no_grade_rule"
    LEADER = "leader"
    ALONE = "alone"
    EQUIPMENT = "equipment"
    VEHICLE = "vehicle"
    OFF_SHIFT = "off_shift"
    SHIFT_ENDS_SOON = "shift_ends_soon"
    BUSY = "busy"
    NO_POSITION = "no_position"
    DECLINED_BEFORE = "declined_before"
    SILENT = "silent"
    OUT_OF_SERVICE = "out_of_service"


class Merit(StrEnum):
    """Why a crew stands where it does in the ranking, under ``merit.<code>``."""

    NEAREST = "nearest"
    SPEAKS_LANGUAGE = "speaks_language"
    OTHER_LANGUAGE = "other_language"
    POSITION_FROM_BASE = "position_from_base"
    ASKED_AGAIN = "asked_again"
    NO_ROAD_KNOWN = "no_road_known"


class Out(StrEnum):
    """Why a crew gets no work for now: it is silent until it is heard of, out of service until it says so."""

    SILENT = "silent"
    OUT_OF_SERVICE = "out_of_service"


class Way(StrEnum):
    """How a crew would come: it is free, it would be called off lesser work, or it finishes that first."""

    NOW = "now"
    INSTEAD = "instead"
    AFTER = "after"


class Kept(StrEnum):
    """Why a crew is not called off what it has, under ``kept.<code>``."""

    PINNED = "pinned"
    NO_LESSER = "no_lesser"
    DANGER = "danger"
    CONFINED = "confined"
    ON_SITE = "on_site"
    UNSURE = "unsure"
    STEP_RUNS = "step_runs"
    CANNOT_LEAVE = "cannot_leave"
    SUSPENDED = "suspended"
    OFTEN_ENOUGH = "often_enough"


class Unroutable(StrEnum):
    """Why a person must look at a request that could not be sent on."""

    NO_COMPETENT_ORGANISATION = "no_competent_organisation"
    NO_SUITABLE_CREW = "no_suitable_crew"
    ALL_CREWS_BUSY = "all_crews_busy"
    LOW_CONFIDENCE = "low_confidence"
    RETURNED = "returned"
    REFUSED = "refused"
    NO_COORDINATES = "no_coordinates"


class Mode(StrEnum):
    """Who sends the crew: the machine, or a dispatcher on its advice."""

    AUTOMATIC = "automatic"
    ADVISE = "advise"


class Wish(StrEnum):
    """What a dispatcher makes of the applicant's wish to call a request off."""

    CANCEL = "cancel"
    KEEP = "keep"


class WithdrawReason(StrEnum):
    """Why an assignment was taken back."""

    NO_RESPONSE = "no_response"
    DISPATCHER = "dispatcher"
    REQUEST_CANCELLED = "request_cancelled"
    CREW_UNAVAILABLE = "crew_unavailable"
    CREW_SILENT = "crew_silent"
    CREW_STAYS = "crew_stays"
    PREEMPTED = "preempted"
    REPLANNED = "replanned"
    JOINED_OUTAGE = "joined_outage"


FOR_OTHERS = frozenset({WithdrawReason.JOINED_OUTAGE, WithdrawReason.PREEMPTED, WithdrawReason.REPLANNED})
"""Nothing that the crew has done: it may be asked for the same request again."""
