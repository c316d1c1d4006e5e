"""Logins and attempts at them."""

import sqlalchemy as sa

from services.crews.store.tables.base import TEXTS, TIME, metadata

logins = sa.Table(
    "logins",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("organisation_id", sa.ForeignKey("organisations.id"), nullable=False),
    sa.Column("roles", TEXTS, nullable=False),
    sa.Column("person_id", sa.ForeignKey("people.id")),
    sa.Column("crew_id", sa.ForeignKey("crews.id")),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
)

# No foreign key: attempts at logins that do not exist are counted all the same.
login_attempts = sa.Table(
    "login_attempts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("since", TIME, nullable=False, index=True),
    sa.Column("rests_until", TIME),
)
