"""The tables of ``crews``. Times are timestamptz, ids are uuid, lists that are never searched are arrays."""

import sqlalchemy as sa

from services.crews.store.tables.access import (
    access_acts,
    login_attempts,
    logins,
    pairing_codes,
    refresh_tokens,
    sessions,
)
from services.crews.store.tables.base import metadata, sealed_columns
from services.crews.store.tables.feed import feed, notes, order_changes
from services.crews.store.tables.orders import steps, work_orders
from services.crews.store.tables.people import (
    absences,
    crews,
    equipment,
    on_call_lists,
    organisations,
    people,
    positions,
    shifts,
    told_crews,
)
from services.crews.store.tables.push import push_subscriptions, pushes
from services.crews.store.tables.rosters import duty_shifts, roster_acts, rosters
from services.crews.store.tables.site import (
    document_numbers,
    document_versions,
    documents,
    media,
    media_parts,
    records,
    signatures,
)
from services.crews.store.tables.talk import messages, signals
from shared.changes import change_tables
from shared.db import bus_tables
from shared.resealing import SealedColumns

bus_tables(metadata)
change_tables(metadata)


def _sealed(table: sa.Table) -> SealedColumns:
    key = "id" if "id" in table.c else table.primary_key.columns[0].name
    return SealedColumns(table.name, key, sealed_columns(table))


SEALED = tuple(_sealed(table) for table in metadata.sorted_tables if sealed_columns(table))
"""Every sealed text of this service, for the rotation of keys."""

__all__ = [
    "SEALED",
    "absences",
    "access_acts",
    "crews",
    "document_numbers",
    "document_versions",
    "documents",
    "duty_shifts",
    "equipment",
    "feed",
    "login_attempts",
    "logins",
    "media",
    "media_parts",
    "messages",
    "metadata",
    "notes",
    "on_call_lists",
    "order_changes",
    "organisations",
    "pairing_codes",
    "people",
    "positions",
    "push_subscriptions",
    "pushes",
    "records",
    "refresh_tokens",
    "roster_acts",
    "rosters",
    "sealed_columns",
    "sessions",
    "shifts",
    "signals",
    "signatures",
    "steps",
    "told_crews",
    "work_orders",
]
