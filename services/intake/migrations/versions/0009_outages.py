"""Outages and the riders that ride on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('suspected', 'open')")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("outage_numbers", start=1)))
    _outages()
    _houses()
    _reports()
    op.create_table(
        "feeds",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("house", sa.Text, primary_key=True),
        sa.Column(
            "feed",
            sa.Text,
            nullable=False,
            comment="main, transformer, heat point …: one cause hits all",
        ),
    )


def downgrade() -> None:
    for table in ("feeds", "riders", "outage_houses", "outages"):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("outage_numbers")))


def _time(name: str, required: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=not required)


def _outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("symptoms", ARRAY(sa.Text), nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("lead_request_id", sa.Uuid, sa.ForeignKey("requests.id")),
        sa.Column("hazards", ARRAY(sa.Text), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("course", sa.Text, nullable=False),
        sa.Column("tell", JSONB, nullable=False, comment="what residents are told, by language"),
        _time("started_at"),
        _time("ends_by", required=False),
        _time("ended_at", required=False),
        sa.Column("organisation", sa.Text),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        _time("last_joined_at", required=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        _time("created_at"),
        _time("updated_at"),
    )
    op.create_index("outages_live", "outages", ["state", "number"], postgresql_where=_LIVE)
    op.create_index(
        "outages_one_per_lead", "outages", ["lead_request_id"], unique=True, postgresql_where=_LIVE
    )


def _houses() -> None:
    op.create_table(
        "outage_houses",
        sa.Column("outage_id", sa.Uuid, sa.ForeignKey("outages.id"), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("label_kk", sa.Text, nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("entrances", ARRAY(sa.Text), nullable=False),
        sa.Column("flats", ARRAY(sa.Text), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_index("outage_houses_key", "outage_houses", ["key"])
    op.create_index("outage_houses_place", "outage_houses", ["lat", "lon"])


def _reports() -> None:
    op.create_table(
        "riders",
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("requests.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("contact_ref", sa.Uuid),
        sa.Column("symptom", sa.Text, nullable=False, comment="the first of symptoms, empty for none"),
        sa.Column("symptoms", ARRAY(sa.Text), nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("hazards", ARRAY(sa.Text), nullable=False),
        sa.Column("only_ours", sa.Boolean, nullable=False),
        sa.Column("house", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("label_kk", sa.Text, nullable=False),
        sa.Column("entrance", sa.Text),
        sa.Column("flat", sa.Text),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        _time("at"),
        sa.Column("outage_id", sa.Uuid, sa.ForeignKey("outages.id")),
        sa.Column("part", sa.Text),
        _time("joined_at", required=False),
        _time("left_at", required=False),
        sa.Column("left_because", sa.Text),
        _time("ended_at", required=False),
    )
    op.create_index("riders_house", "riders", ["house", "symptom", "at"])
    op.create_index("riders_place", "riders", ["symptom", "lat", "at"])
    op.create_index(
        "riders_riding", "riders", ["outage_id", "number"], postgresql_where=sa.text("ended_at IS NULL")
    )
