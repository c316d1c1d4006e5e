"""Zones and competences: taken over where they differ, read as one consistent table.

Running services notice by themselves: every change makes the version of the whole one higher.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum

from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.zones import Kind, Zone, Zones
from services.routing.errors import InvalidReference
from services.routing.usecases.ports import Work


class Fate(StrEnum):
    """What an import made of a zone."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True)
class Change:
    """One zone after an import."""

    zone: Zone
    fate: Fate


def replace_reference(work: Work, zones: Sequence[Zone] | None, rules: Sequence[Competence]) -> list[Change]:
    """Take these competences instead of all there were, and these service zones; None keeps the zones.

    Raises InvalidReference for a zone that nobody knows. What is there already changes nothing.
    """
    with work:
        before = {zone.name: zone for zone in work.reference.zones()}
        changes = [] if zones is None else _changes(before, zones)
        if zones is not None:
            told = {zone.name for zone in zones}
            changes += _removed(z for z in before.values() if z.kind is Kind.SERVICE and z.name not in told)
        _check_known(rules, _names(before, changes))
        is_same = set(rules) == set(work.reference.competences())
        _apply(work, changes, None if is_same else rules)
    return changes


def import_zones(work: Work, zones: Sequence[Zone], source: str, prune: bool = False) -> list[Change]:
    """Take these zones beside those there are, one of the same name in its place; with ``prune`` those that
    came from ``source`` before and are not among these go.

    Raises InvalidReference if a competence needs one that would go. The same file again changes nothing.
    """
    with work:
        before = {zone.name: zone for zone in work.reference.zones()}
        changes = _changes(before, [replace(zone, source=source) for zone in zones])
        if prune:
            told = {zone.name for zone in zones}
            changes += _removed(z for z in before.values() if z.source == source and z.name not in told)
        _check_known(work.reference.competences(), _names(before, changes))
        _apply(work, changes, None)
    return changes


def read_matrix(work: Work, known_version: int, local_time: tzinfo) -> tuple[int, Matrix] | None:
    """The competence table and its version; None if ``known_version`` is still the newest."""
    with work:
        version = work.reference.version()
        if version == known_version:
            return None
        return version, Matrix(Zones(work.reference.zones()), work.reference.competences(), local_time)


def _changes(before: Mapping[str, Zone], zones: Iterable[Zone]) -> list[Change]:
    return [_change(before.get(zone.name), zone) for zone in zones]


def _change(known: Zone | None, zone: Zone) -> Change:
    if known is None:
        return Change(zone, Fate.NEW)
    if known.is_drawn_as(zone):
        return Change(known, Fate.UNCHANGED)
    return Change(replace(zone, version=known.version + 1), Fate.CHANGED)


def _removed(zones: Iterable[Zone]) -> list[Change]:
    return [Change(zone, Fate.REMOVED) for zone in zones]


def _names(before: Mapping[str, Zone], changes: Iterable[Change]) -> set[str]:
    gone = {change.zone.name for change in changes if change.fate is Fate.REMOVED}
    return ({change.zone.name for change in changes} | before.keys()) - gone


def _check_known(rules: Iterable[Competence], names: set[str]) -> None:
    unknown = sorted({rule.zone for rule in rules if rule.zone is not None} - names)
    if unknown:
        raise InvalidReference(f"somebody answers in a zone that is not known: {', '.join(unknown)}")


def _apply(work: Work, changes: Iterable[Change], rules: Sequence[Competence] | None) -> None:
    put = [change.zone for change in changes if change.fate in (Fate.NEW, Fate.CHANGED)]
    drop = [change.zone.name for change in changes if change.fate is Fate.REMOVED]
    if put or drop or rules is not None:
        work.reference.change(put, drop, rules)
        work.commit()
