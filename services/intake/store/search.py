"""The SQL of looking requests up."""

import operator
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.intake.domain.lookup import Place, Wanted
from services.intake.store import tables

_r, _s = tables.requests.c, tables.standings.c
_MOST_DIGITS = 18


def newest(wanted: Wanted) -> sa.Select[Any]:
    """The requests that fit, the newest first."""
    query = sa.select(tables.requests).order_by(_r.received_at.desc(), _r.id).limit(wanted.limit)
    return query.where(
        *_simple(wanted), *_number(wanted.number), *_state(wanted.state), *_after(wanted.after)
    )


def _simple(wanted: Wanted) -> Sequence[sa.ColumnElement[bool]]:
    address = _r.address
    conditions = (
        (address["building_id"].astext, operator.eq, wanted.building_id),
        (address["street"].astext, operator.eq, wanted.street),
        (address["house"].astext, operator.eq, wanted.house),
        (_r.received_at, operator.ge, wanted.since),
        (_r.received_at, operator.lt, wanted.until),
    )
    asked = [compare(column, value) for column, compare, value in conditions if value is not None]
    if wanted.contact_ref is not None:
        asked.append((_r.contact_ref == wanted.contact_ref) | (_r.sender_ref == wanted.contact_ref))
    return asked


def _number(number: str | None) -> Sequence[sa.ColumnElement[bool]]:
    if number is None:
        return ()
    on_paper = _r.paper_number == number
    ours = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    return ((on_paper | (_r.number == int(number))) if ours else on_paper,)


def _state(state: str | None) -> Sequence[sa.ColumnElement[bool]]:
    if state is None:
        return ()
    official = sa.select(_s.state).where(_s.request_id == _r.id).scalar_subquery()
    return (sa.func.coalesce(official, _r.state) == state,)


def _after(place: Place | None) -> Sequence[sa.ColumnElement[bool]]:
    if place is None:
        return ()
    same_moment = (_r.received_at == place.received_at) & (_r.id > place.request_id)
    return ((_r.received_at < place.received_at) | same_moment,)
