from alembic import context

from services.journal.store import metadata
from shared.migrations import run

run(context, metadata)
