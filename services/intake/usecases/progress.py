"""Keeping up with what became of requests."""

from services.intake.domain.standing import Standing
from services.intake.usecases.ports import UnitOfWork


def note_state(uow: UnitOfWork, standing: Standing) -> None:
    """Keep the newest state of a request, in whatever order the news comes."""
    with uow:
        uow.standings.put(standing)
        uow.commit()
