from alembic import context

from services.triage.store import metadata
from shared.migrations import run

run(context, metadata)
