"""The feed of changes of each crew, and the notes it made."""

import sqlalchemy as sa

from services.crews.store.tables.base import TIME, metadata, sealed

# The last change number of each crew. Its row lock makes the numbers of one crew visible in their order,
# so a device that has seen number 7 never misses a 6 committed later.
order_changes = sa.Table(
    "order_changes",
    metadata,
    sa.Column("crew_id", sa.Uuid, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

# One row for each thing a crew's device must know, with the number of its latest change.
feed = sa.Table(
    "feed",
    metadata,
    sa.Column("crew_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Index("feed_of_crew", "crew_id", "change", unique=True),
)

# No foreign key to work_orders: what a fitter entered is kept even if the order is unknown here.
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("crew_id", sa.Uuid, nullable=False, index=True),
    sa.Column("assignment_id", sa.Uuid, index=True),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("recorded_at", TIME, nullable=False),
    sa.Column("device_at", TIME),
    sealed("entered"),
    sa.Column("refused", sa.Text),
)
