from alembic import context

from services.notify.store import metadata
from shared.migrations import run

run(context, metadata)
