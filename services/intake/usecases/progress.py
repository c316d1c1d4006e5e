"""Keeping up with what became of requests."""

from services.intake.domain.standing import CrewReport, Standing
from services.intake.domain.troubles import TroubleBook
from services.intake.usecases import incidents
from services.intake.usecases.deliveries import EncodeState, echo_state
from services.intake.usecases.ports import UnitOfWork


def note_state(uow: UnitOfWork, book: TroubleBook, standing: Standing, encode: EncodeState) -> None:
    """Keep the newest state of a request, in whatever order the news comes; its outage follows, and partners
    hear what became of their cards."""
    with uow:
        uow.standings.put(standing)
        known = uow.standings.get(standing.request_id)
        if known is not None and known.sequence == standing.sequence:
            incidents.follow(uow, book, standing)
        echo_state(uow, standing, encode)
        uow.commit()


def note_crew(uow: UnitOfWork, report: CrewReport) -> None:
    """Keep what the crew reported last, in whatever order the reports come."""
    with uow:
        uow.standings.put_crew(report)
        uow.commit()
