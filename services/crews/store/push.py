"""Where phones are reached by Web Push, and what is to be sent to them."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.crews.domain.push import Push, PushKind, Subscription
from services.crews.store.tables import push_subscriptions, pushes

_CLAIM = sa.text(
    """
    UPDATE pushes SET attempts = attempts + 1, next_at = :until
    FROM push_subscriptions AS phone
    WHERE phone.id = pushes.subscription_id AND pushes.id IN (
        SELECT id FROM pushes WHERE next_at <= :now ORDER BY next_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    RETURNING pushes.id, kind, subject, expires_at, attempts,
        phone.id AS phone_id, phone.crew_id, phone.endpoint, phone.p256dh, phone.auth
    """
)


class Pushes:
    """Phones and what they are to be told."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def subscribe(self, phone: Subscription, since: datetime) -> UUID:
        """Reach a phone from now on; an address that is known goes to this crew. Returns its id."""
        row = {**vars(phone), "since": since}
        moving = {name: row[name] for name in ("crew_id", "p256dh", "auth", "since")}
        statement = insert(push_subscriptions).values(row)
        known = statement.on_conflict_do_update(index_elements=["endpoint"], set_=moving)
        id_: UUID = self._connection.execute(known.returning(push_subscriptions.c.id)).scalar_one()
        return id_

    def unsubscribe(self, subscription_id: UUID, crew_id: UUID | None = None) -> None:
        """Reach a phone (of this crew, if named) no more; what was to be sent to it is dropped."""
        conditions = [push_subscriptions.c.id == subscription_id]
        if crew_id is not None:
            conditions.append(push_subscriptions.c.crew_id == crew_id)
        self._connection.execute(push_subscriptions.delete().where(*conditions))

    def add(self, crew_id: UUID, kind: PushKind, subject: UUID, now: datetime, expires_at: datetime) -> None:
        """Have every phone of the crew told; nothing is kept if it has none."""
        values = [sa.literal(kind.value), sa.literal(subject, sa.Uuid), sa.literal(expires_at)]
        phones = sa.select(push_subscriptions.c.id, *values, sa.literal(0), sa.literal(now))
        columns = ["subscription_id", "kind", "subject", "expires_at", "attempts", "next_at"]
        told = phones.where(push_subscriptions.c.crew_id == crew_id)
        self._connection.execute(pushes.insert().from_select(columns, told))

    def claim(self, now: datetime, lease: timedelta, most: int) -> list[Push]:
        """What is due, for this caller alone until the lease ends."""
        rows = self._connection.execute(_CLAIM, {"now": now, "until": now + lease, "most": most})
        return [_push(row) for row in rows.mappings()]

    def done(self, push_id: int) -> None:
        self._connection.execute(pushes.delete().where(pushes.c.id == push_id))

    def postpone(self, push_id: int, until: datetime) -> None:
        self._connection.execute(pushes.update().where(pushes.c.id == push_id).values(next_at=until))


def _push(row: sa.RowMapping) -> Push:
    phone = Subscription(row["phone_id"], row["crew_id"], row["endpoint"], row["p256dh"], row["auth"])
    kind = PushKind(row["kind"])
    return Push(row["id"], phone, kind, row["subject"], row["expires_at"], row["attempts"])
