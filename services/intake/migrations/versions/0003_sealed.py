"""Numbers, names and what residents wrote are sealed; rows that are there already become so."""

import json
import os

import sqlalchemy as sa
from alembic import op

from shared.resealing import SealedColumns, seal_what_is_plain
from shared.sealing import Sealer

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SEALED = (
    SealedColumns("contacts", "ref", ("phone", "name"), {"phone_index": "phone"}),
    SealedColumns("requests", "id", ("problem", "address_text")),
    SealedColumns("messages", "sid", ("body", "reply")),
)


def upgrade() -> None:
    op.add_column("contacts", sa.Column("name", sa.Text, nullable=False, server_default="", comment="sealed"))
    op.alter_column("contacts", "name", server_default=None)
    op.add_column("contacts", sa.Column("phone_index", sa.Text, comment="a digest: finds the number"))
    seal_what_is_plain(op.get_bind(), _SEALED)
    seal_what_the_bus_keeps(op.get_bind())
    op.drop_constraint("contacts_phone_key", "contacts")
    op.create_unique_constraint("contacts_phone_index_key", "contacts", ["phone_index"])
    for place in _SEALED:
        for column in set(place.columns) - {"name"}:
            op.alter_column(place.table, column, comment="sealed")


def downgrade() -> None:
    raise NotImplementedError("what is sealed stays sealed")


def seal_what_the_bus_keeps(connection: sa.Connection) -> None:
    """Events with a number, sent or not, and answers that are kept for a repeat of their command."""
    numbers = connection.execute(_NUMBERS).mappings().all()
    answers = connection.execute(_ANSWERS).mappings().all()
    if not numbers and not answers:
        return
    sealer = Sealer.from_environment(os.environ)
    for row in numbers:
        connection.execute(_SEAL_NUMBER, {"id": row["id"], "text": sealer.renew(row["text"])})
    for row in answers:
        body = json.dumps(sealer.seal(row["body"])) if row["body"] is not None else None
        changed = {"body": body, "fingerprint": sealer.index(row["fingerprint"])}
        connection.execute(_SEAL_ANSWER, {"key": row["key"], "actor_id": row["actor_id"], **changed})


_NUMBERS = sa.text("SELECT id, body #>> '{data,phone}' AS text FROM outbox WHERE type = 'contact.known'")
_SEAL_NUMBER = sa.text(
    "UPDATE outbox SET body = jsonb_set(body, '{data,phone}', to_jsonb(CAST(:text AS text))) WHERE id = :id"
)
_ANSWERS = sa.text("SELECT key, actor_id, fingerprint, CAST(body AS text) AS body FROM idempotency")
_SEAL_ANSWER = sa.text(
    "UPDATE idempotency SET body = CAST(:body AS jsonb), fingerprint = :fingerprint"
    " WHERE key = :key AND actor_id = :actor_id"
)
