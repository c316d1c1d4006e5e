from alembic import context

from services.routing.store import metadata
from shared.migrations import run

run(context, metadata)
