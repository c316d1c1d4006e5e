"""Putting a city's address registry in place."""

from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from services.intake.domain.city import CityImport


class Registries(Protocol):
    def replace(self, imported: CityImport, now: datetime) -> Any: ...


class UnitOfWork(Protocol):
    @property
    def registries(self) -> Registries: ...
    @property
    def now(self) -> datetime: ...
    def commit(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def import_city(uow: UnitOfWork, imported: CityImport) -> None:
    """Replace what is known of a city; running processes notice within seconds."""
    with uow:
        uow.registries.replace(imported, uow.now)
        uow.commit()
