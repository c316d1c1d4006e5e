"""Crews asked to leave a site: whether they may, and offers made while the lesser work is still theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LIVE = "state IN ('accepted', 'arrived', 'departed', 'localised', 'offered', 'suspended', 'working')"
_OF_CREW = "one_live_assignment_per_crew"


def upgrade() -> None:
    op.add_column("assignments", sa.Column("leave", JSONB))
    op.add_column("assignments", sa.Column("instead_of", sa.Uuid))
    op.drop_index(_OF_CREW, "assignments")
    _one_of_crew(_OF_CREW, f"{_LIVE} AND instead_of IS NULL")
    _one_of_crew("one_offer_instead_per_crew", f"{_LIVE} AND instead_of IS NOT NULL")
    left = sa.text("instead_of IS NOT NULL")
    op.create_index("assignments_left_for", "assignments", ["instead_of"], postgresql_where=left)
    op.create_check_constraint(
        "only_asked_instead",
        "assignments",
        "instead_of IS NULL OR state IN ('offered', 'declined', 'withdrawn')",
    )


def downgrade() -> None:
    op.drop_constraint("only_asked_instead", "assignments")
    for index in ("assignments_left_for", "one_offer_instead_per_crew", _OF_CREW):
        op.drop_index(index, "assignments")
    _one_of_crew(_OF_CREW, _LIVE)
    for column in ("instead_of", "leave"):
        op.drop_column("assignments", column)


def _one_of_crew(name: str, where: str) -> None:
    op.create_index(name, "assignments", ["crew_id"], unique=True, postgresql_where=sa.text(where))
