"""Announcements to whole areas, where the people live who may hear them, and bulletins for the public."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column(
        "contacts",
        sa.Column("phone_index", sa.Text, comment="keyed digest: several contacts may share a number"),
    )
    op.create_table(
        "homes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("contact_id", sa.Uuid, nullable=False),
        sa.Column("building_id", sa.Text, nullable=False),
        sa.Column("entrance", sa.Text),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.UniqueConstraint("contact_id", "building_id", name="homes_one_of_a_house"),
    )
    op.create_index("homes_of_building", "homes", ["building_id"])
    op.create_index("homes_on_the_ground", "homes", ["lat", "lon"])
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("texts", JSONB, nullable=False),
        sa.Column("buildings", JSONB, nullable=False),
        sa.Column("polygon", JSONB),
        sa.Column("rate", sa.Float, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("starts_itself", sa.Boolean, nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("stirred_at", _TIME),
        sa.Column("changed_at", _TIME),
    )
    op.create_index("announcements_of_stage", "announcements", ["stage", "stirred_at"])
    op.create_table(
        "announcement_recipients",
        sa.Column("announcement_id", sa.Uuid, sa.ForeignKey("announcements.id"), primary_key=True),
        sa.Column("number", sa.Text, primary_key=True, comment="digest: each number is told once"),
        sa.Column("contact_id", sa.Uuid, nullable=False),
    )
    op.create_table(
        "bulletins",
        sa.Column("outage_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("symptoms", JSONB, nullable=False),
        sa.Column("houses", JSONB, nullable=False),
        sa.Column("dangerous", sa.Boolean, nullable=False),
        sa.Column("tell", JSONB, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ends_by", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("before_version", sa.BigInteger),
        sa.Column("before_at", _TIME),
    )
    op.create_index("bulletins_of_state", "bulletins", ["state", "changed_at"])
    op.alter_column("messages", "request_id", nullable=True)
    op.add_column("messages", sa.Column("announcement_id", sa.Uuid))
    op.add_column("messages", sa.Column("contact_id", sa.Uuid))
    op.create_check_constraint(
        "messages_about_one_thing",
        "messages",
        "(request_id IS NULL) = (announcement_id IS NOT NULL AND contact_id IS NOT NULL)",
    )
    op.create_index("messages_announced_once", "messages", ["announcement_id", "contact_id"], unique=True)


def downgrade() -> None:
    op.execute("DELETE FROM messages WHERE request_id IS NULL")
    op.drop_index("messages_announced_once", "messages")
    op.drop_constraint("messages_about_one_thing", "messages")
    op.drop_column("messages", "contact_id")
    op.drop_column("messages", "announcement_id")
    op.alter_column("messages", "request_id", nullable=False)
    op.drop_table("bulletins")
    op.drop_table("announcement_recipients")
    op.drop_table("announcements")
    op.drop_table("homes")
    op.drop_column("contacts", "phone_index")
