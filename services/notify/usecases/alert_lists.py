"""Alert lists and numbers of the staff: edited by those in charge, each list with its version."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.notify.domain.alert_lists import AlertList
from services.notify.errors import AlertListChanged, UnknownAlertEvent
from services.notify.usecases.alert_ports import Shipped, StaffPhone
from services.notify.usecases.alerting import lists
from services.notify.usecases.ports import Transaction


def list_lists(uow: Transaction, shipped: Shipped) -> Sequence[AlertList]:
    with uow:
        return sorted(lists(uow, shipped).values(), key=lambda one: one.event)


def show_list(uow: Transaction, shipped: Shipped, event: str) -> AlertList:
    """Raises UnknownAlertEvent."""
    with uow:
        found = lists(uow, shipped).get(event)
    if found is None:
        raise UnknownAlertEvent
    return found


def edit_list(uow: Transaction, shipped: Shipped, wanted: AlertList, version: int | None) -> AlertList:
    """Keep a list under the next version; alerts that run keep theirs. ``version`` is the one that was read
    (None: of an event that is new). Raises AlertListChanged."""
    with uow:
        kept = uow.alert_lists.lock(wanted.event) or shipped.get(wanted.event)
        known = kept.version if kept is not None else None
        if version != known:
            raise AlertListChanged(known or 0)
        edited = replace(wanted, version=(known or 0) + 1)
        uow.alert_lists.put(edited)
        uow.commit()
    return edited


def put_phone(uow: Transaction, phone: StaffPhone) -> StaffPhone:
    with uow:
        uow.staff_phones.put(phone)
        uow.commit()
    return phone


def forget_phone(uow: Transaction, person_id: UUID) -> None:
    """Somebody left, or is not to be called any more; again is the same as once."""
    with uow:
        uow.staff_phones.forget(person_id)
        uow.commit()


def list_phones(uow: Transaction) -> Sequence[StaffPhone]:
    with uow:
        return uow.staff_phones.all()
