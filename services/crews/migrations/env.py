from alembic import context

from services.crews.store import metadata
from shared.migrations import run

run(context, metadata)
