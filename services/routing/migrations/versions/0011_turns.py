"""The queues of crews, and who plans them; crews that get no work for a while; advice to be confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010_signals"
branch_labels = None
depends_on = None

_MOMENT = sa.TIMESTAMP(timezone=True)
_ADVICE = {
    "advice_crew_id": sa.Uuid,
    "advice_way": sa.Text,
    "advice_eta_minutes": sa.Integer,
    "advice_at": _MOMENT,
    "advice_decide_by": _MOMENT,
}
_KINDS = {"out": sa.Text, "out_since": _MOMENT, "out_on": sa.Uuid}


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("crew_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("arrives_at", _MOMENT),
        sa.Column("pinned_by", sa.Text),
        sa.Column("pinned_at", _MOMENT),
    )
    op.create_index("turns_of_organisation", "turns", ["organisation_id"])
    op.create_index("turns_of_crew", "turns", ["crew_id", "place"])
    op.create_table(
        "plans",
        sa.Column("organisation_id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("leased_until", _MOMENT),
        sa.Column("planned_at", _MOMENT),
    )
    for column, kind in _ADVICE.items():
        op.add_column("cases", sa.Column(column, kind))
    for column, kind in _KINDS.items():
        op.add_column("crews", sa.Column(column, kind))


def downgrade() -> None:
    for column in _ADVICE:
        op.drop_column("cases", column)
    for column in _KINDS:
        op.drop_column("crews", column)
    op.drop_table("plans")
    op.drop_table("turns")
