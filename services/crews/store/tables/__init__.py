"""The tables of ``crews``. Times are timestamptz, ids are uuid, lists that are never searched are arrays."""

from services.crews.store.tables.access import (
    access_acts,
    login_attempts,
    logins,
    pairing_codes,
    refresh_tokens,
    sessions,
)
from services.crews.store.tables.base import metadata
from services.crews.store.tables.feed import feed, notes, order_changes
from services.crews.store.tables.orders import steps, work_orders
from services.crews.store.tables.people import crews, organisations, people, positions, shifts
from services.crews.store.tables.push import push_subscriptions, pushes
from services.crews.store.tables.talk import messages, signals
from shared.changes import change_tables
from shared.db import bus_tables

bus_tables(metadata)
change_tables(metadata)

__all__ = [
    "access_acts",
    "crews",
    "feed",
    "login_attempts",
    "logins",
    "messages",
    "metadata",
    "notes",
    "order_changes",
    "organisations",
    "pairing_codes",
    "people",
    "positions",
    "push_subscriptions",
    "pushes",
    "refresh_tokens",
    "sessions",
    "shifts",
    "signals",
    "steps",
    "work_orders",
]
