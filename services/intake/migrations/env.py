from alembic import context

from services.intake.store import metadata
from shared.migrations import run

run(context, metadata)
