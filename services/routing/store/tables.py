"""The tables of routing. All times are ``timestamptz``; ids are UUIDs given by whoever owns the thing."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.routing.domain.assignment import LIVE
from shared.changes import change_tables
from shared.db import bus_tables

metadata = sa.MetaData()
bus_tables(metadata)
change_tables(metadata)

_LIVE = "state IN ({})".format(", ".join(f"'{state.value}'" for state in sorted(LIVE)))
IS_LIVE = sa.text(_LIVE)
_IS_HELD = sa.text(f"{_LIVE} AND instead_of IS NULL")
_IS_INSTEAD = sa.text(f"{_LIVE} AND instead_of IS NOT NULL")
_UNANSWERED = sa.text("acknowledged_at IS NULL AND refused_at IS NULL")
_WAITING = sa.text("status = 'waiting'")


def _moment(name: str, required: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=not required)


def _text(name: str, required: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=not required)


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    _whole("version"),
    _text("status", required=True),
    _text("state"),
    _whole("state_sequence"),
    _text("number"),
    _text("language"),
    _text("text"),
    sa.Column("address", JSONB),
    _moment("registered_at"),
    _text("category"),
    sa.Column("rank", sa.SmallInteger),
    _text("proposed_category"),
    _text("priority"),
    _text("system"),
    _text("fault"),
    _text("place"),
    _texts("hazards"),
    sa.Column("confidence", sa.Float),
    _flag("needs_person"),
    _moment("decided_at"),
    _flag("overridden"),
    sa.Column("organisation_id", sa.Uuid),
    _text("routed_as"),
    _text("network"),
    _whole("attempts"),
    _text("unroutable"),
    _text("unroutable_detail"),
    _moment("unroutable_at"),
    _text("deadline_clock"),
    _text("deadline_level"),
    _moment("deadline_due_at"),
    _moment("deadline_at"),
    sa.Column("clocks", JSONB, nullable=False, server_default="{}"),
    _whole("preempted"),
    sa.Column("advice_crew_id", sa.Uuid),
    _text("advice_way"),
    sa.Column("advice_eta_minutes", sa.Integer),
    _moment("advice_at"),
    _moment("advice_decide_by"),
    sa.Column("outage_id", sa.Uuid),
    _text("outage_number"),
    sa.Column("lead_request_id", sa.Uuid),
    _whole("ride_sequence"),
    _texts("own_hazards"),
    _moment("cancellation_asked_at"),
    _moment("deferred_until"),
    _text("deferral_reason"),
    _moment("resumed_at"),
    sa.Index("cases_waiting", "organisation_id", "rank", "registered_at", postgresql_where=_WAITING),
    sa.Index("cases_newest", "registered_at", "request_id"),
    sa.Index("cases_urgent", "rank", "registered_at", "request_id"),
    sa.Index("cases_number", "number"),
    sa.Index("cases_deferred", "deferred_until", postgresql_where=sa.text("deferred_until IS NOT NULL")),
)

urgency_overrides = sa.Table(
    "urgency_overrides",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False, index=True),
    _text("proposed_category"),
    _text("category_before", required=True),
    _text("category", required=True),
    _text("priority"),
    _text("reason", required=True),
    _text("by", required=True),
    _moment("at", required=True),
)

transfers = sa.Table(
    "transfers",
    metadata,
    sa.Column("transfer_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    _text("unit", required=True),
    _text("channel", required=True),
    _moment("transferred_at", required=True),
    _moment("acknowledge_by", required=True),
    _moment("acknowledged_at"),
    _text("acknowledged_channel"),
    _text("acknowledged_by"),
    _text("acknowledged_unit"),
    sa.Column("turn", sa.Integer, nullable=False),
    _text("by", required=True),
    _text("reason"),
    sa.Column("basis", JSONB(none_as_null=True)),
    _moment("escalate_by"),
    sa.Column("escalated", sa.SmallInteger, nullable=False, server_default="0"),
    _moment("refused_at"),
    _text("refused_because"),
    _text("refused_channel"),
    _text("refused_by"),
    _text("refused_note"),
    # Rule 6.3 once more, where no code can get round it.
    sa.CheckConstraint("length(btrim(unit)) > 0", name="transfers_have_a_unit"),
    sa.CheckConstraint("channel IN ('system', 'phone', 'radio')", name="transfers_have_a_channel"),
    sa.Index("transfers_of_request", "request_id", "turn", unique=True),
    sa.Index("transfers_unanswered", "acknowledge_by", postgresql_where=_UNANSWERED),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("assignment_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False, index=True),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    _text("state", required=True),
    _moment("offered_at", required=True),
    _moment("respond_by", required=True),
    sa.Column("eta_minutes", sa.Integer, nullable=False),
    sa.Column("distance_m", sa.Integer, nullable=False),
    _text("method", required=True),
    _text("by", required=True),
    _text("reason"),
    _moment("changed_at"),
    _whole("report_sequence"),
    _moment("heard_at"),
    _moment("silent_at"),
    sa.Column("leave", JSONB(none_as_null=True)),
    sa.Column("instead_of", sa.Uuid),
    # Never two crews for one request, never two requests for one crew: the database decides every race. Only
    # a crew on site may be asked for one other, which becomes its own when what it left has ended.
    sa.Index("one_live_assignment_per_request", "request_id", unique=True, postgresql_where=IS_LIVE),
    sa.Index("one_live_assignment_per_crew", "crew_id", unique=True, postgresql_where=_IS_HELD),
    sa.Index("one_offer_instead_per_crew", "crew_id", unique=True, postgresql_where=_IS_INSTEAD),
    sa.Index("assignments_left_for", "instead_of", postgresql_where=sa.text("instead_of IS NOT NULL")),
    sa.CheckConstraint(
        "instead_of IS NULL OR state IN ('offered', 'declined', 'withdrawn')", name="only_asked_instead"
    ),
    sa.Index("assignments_unanswered", "respond_by", postgresql_where=sa.text("state = 'offered'")),
)

assignment_moves = sa.Table(
    "assignment_moves",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("assignment_id", sa.Uuid, sa.ForeignKey("assignments.assignment_id"), nullable=False),
    _text("from_state", required=True),
    _text("to_state", required=True),
    _moment("at", required=True),
    _text("by", required=True),
    _text("channel", required=True),
    _text("reason"),
    sa.Column("applied", sa.Boolean, nullable=False),
    sa.Index("moves_of_assignment", "assignment_id", "id"),
)

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("call_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("cases.request_id"), nullable=False),
    _text("party", required=True),
    _text("direction", required=True),
    _text("channel", required=True),
    _text("result", required=True),
    _text("name"),
    _text("note"),
    _text("by", required=True),
    _moment("at", required=True),
    sa.Index("calls_of_request", "request_id", "at"),
    sa.Index("calls_newest", "at", "call_id"),
)

supplements = sa.Table(
    "supplements",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    _whole("count"),
    _whole("photos"),
    _moment("last_at", required=True),
)

# What crews have in line after their present work. Who really goes is decided by the indexes above.
# No foreign key to cases: its lock on the case would make a plan and an offer wait for each other.
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    _moment("since", required=True),
    _moment("planned_at", required=True),
    _moment("arrives_at"),
    _text("pinned_by"),
    _moment("pinned_at"),
    sa.Index("turns_of_organisation", "organisation_id"),
    sa.Index("turns_of_crew", "crew_id", "place"),
)

# One row an organisation: goes up with every change of its queues; one replica plans at a time.
plans = sa.Table(
    "plans",
    metadata,
    sa.Column("organisation_id", sa.Uuid, primary_key=True),
    _whole("version"),
    _moment("leased_until"),
    _moment("planned_at"),
)

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("organisation_id", sa.Uuid, primary_key=True),
    _text("name", required=True),
    _text("kind", required=True),
    sa.Column("active", sa.Boolean, nullable=False),
    _whole("sequence"),
)

# Master data, shift and position come as separate events in any order: each part has its own guard.
crews = sa.Table(
    "crews",
    metadata,
    sa.Column("crew_id", sa.Uuid, primary_key=True),
    sa.Column("organisation_id", sa.Uuid, index=True),
    _text("name"),
    _texts("specialisations"),
    sa.Column("grades", ARRAY(sa.SmallInteger), nullable=False, server_default="{}"),
    sa.Column("leader_grade", sa.SmallInteger),
    _texts("equipment"),
    _texts("languages"),
    sa.Column("base_lat", sa.Float),
    sa.Column("base_lon", sa.Float),
    _flag("active"),
    _whole("profile_sequence"),
    _flag("on_shift"),
    _moment("shift_starts_at"),
    _moment("shift_ends_at"),
    _whole("shift_sequence"),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    _moment("position_at"),
    _text("out"),
    _moment("out_since"),
    sa.Column("out_on", sa.Uuid),
)

zones = sa.Table(
    "zones",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("geometry", JSONB, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, server_default="service"),
    sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
    _text("source"),
)

competences = sa.Table(
    "competences",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("organisation_id", sa.Uuid, nullable=False),
    _text("system", required=True),
    sa.Column("zone", sa.Text, sa.ForeignKey("zones.name")),
    _text("hours", required=True),
    _text("network"),
    _text("houses_of"),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
)

# One row: bumped by every change of zones or competences, so that running services know to read again.
reference = sa.Table(
    "reference",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    _whole("version"),
)

# One row: what the journal found when it last looked.
audits = sa.Table(
    "audits",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    _moment("ran_at", required=True),
    sa.Column("findings", JSONB, nullable=False),
    _moment("silent_at"),
)

# One row: the road map in use, as an import made it.
road_map = sa.Table(
    "road_map",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    _whole("version"),
    _text("source", required=True),
    sa.Column("crossings", sa.Integer, nullable=False),
    sa.Column("length_km", sa.Float, nullable=False),
    sa.Column("network", sa.LargeBinary, nullable=False, comment="numpy .npz"),
    _moment("imported_at", required=True),
)

# One row: what a dispatcher last said of the roads.
road_conditions = sa.Table(
    "road_conditions",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    sa.Column("factor", sa.Float, nullable=False),
    _text("reason", required=True),
    _moment("until"),
    _text("by", required=True),
    _moment("at", required=True),
)

# What crews call a dispatcher for; a row stays open until somebody acknowledges it.
crew_signals = sa.Table(
    "crew_signals",
    metadata,
    sa.Column("signal_id", sa.Uuid, primary_key=True),
    _text("kind", required=True),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("request_id", sa.Uuid),
    sa.Column("assignment_id", sa.Uuid),
    _text("service"),
    _text("note"),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    _moment("position_at"),
    sa.Column("level", sa.BigInteger, nullable=False),
    sa.Column("repeats", sa.BigInteger, nullable=False),
    _moment("at", required=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    _moment("acknowledged_at"),
    _text("acknowledged_by"),
    _text("answer"),
    sa.Index("crew_signals_open", "at", postgresql_where=sa.text("acknowledged_at IS NULL")),
)

# What crews and dispatchers wrote to each other.
crew_messages = sa.Table(
    "crew_messages",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("crew_id", sa.Uuid, nullable=False),
    sa.Column("request_id", sa.Uuid),
    sa.Column("assignment_id", sa.Uuid),
    sa.Column("from_crew", sa.Boolean, nullable=False),
    _text("by", required=True),
    _text("text", required=True),
    _moment("at", required=True),
    sa.Index("crew_messages_of_crew", "crew_id", "at"),
)
