"""``zones import``, ``zones export``, ``zones check``."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from services.routing.commands.areas import Area, read_areas
from services.routing.domain import coverage
from services.routing.domain.competence import Competence, Matrix
from services.routing.domain.drawing import TOLERANCE, Drawn, Flaw, draw, refused
from services.routing.domain.hours import tell_span
from services.routing.domain.networks import Network
from services.routing.domain.organisations import Organisation
from services.routing.domain.words import SYSTEMS
from services.routing.domain.zones import Kind, Zone, square_metres
from services.routing.errors import InvalidReference, InvalidZone
from services.routing.usecases.reference import Change, Fate

_MOST_GAPS = 5


def draw_all(
    areas: Sequence[Area], kind: Kind, city: BaseGeometry | None, tolerance: float = TOLERANCE
) -> tuple[list[Drawn], list[InvalidZone]]:
    """Every area as a zone, and the errors of those that are refused."""
    drawn: dict[str, Drawn] = {}
    errors: list[InvalidZone] = []
    for number, area in enumerate(areas, start=1):
        try:
            found = _drawn(area, kind, city, tolerance)
            known = drawn.get(area.name)
            if known is not None and not known.zone.is_drawn_as(found.zone):
                raise refused(area.name, Flaw.DUPLICATE, f"area {number} has the name of another one")
            drawn[area.name] = known or found
        except InvalidZone as flawed:
            errors.append(flawed if area.name.strip() else _nameless(number))
    return list(drawn.values()), errors


def read_zones(options: argparse.Namespace, city: BaseGeometry | None) -> list[Drawn]:
    """What ``zones import`` shall take; raises InvalidReference if any area is refused, naming every one."""
    areas = read_areas(options.file, options.name_property, options.level)
    if options.only:
        areas = [area for area in areas if area.name in options.only]
    drawn, errors = draw_all(areas, Kind(options.kind), city, options.tolerance / 100)
    if errors and not options.skip_broken:
        what_to_do = "Nothing was imported. Mend the file, or leave these out with --skip-broken."
        raise InvalidReference("\n".join([*(f"{error}" for error in errors), what_to_do]))
    for error in errors:
        print(f"left out: {error}", file=sys.stderr)  # noqa: T201 - a command line
    if not drawn:
        raise InvalidReference(f"{options.file} holds no area to import")
    return drawn


def tell_changes(changes: Sequence[Change], drawn: Sequence[Drawn]) -> Iterator[str]:
    """What an import did, a line for each zone that changed or was repaired, and the sum."""
    repairs = {one.zone.name: one.repairs for one in drawn}
    for change in changes:
        zone, notes = change.zone, "".join(f"; {note}" for note in repairs.get(change.zone.name, ()))
        if notes or change.fate is not Fate.UNCHANGED:
            size = square_metres(zone.shape)
            yield f"- {zone.name}: {change.fate}, version {zone.version}, {size:,.0f} m²{notes}"
    fates = [change.fate for change in changes]
    yield ", ".join(f"{fates.count(fate)} {fate}" for fate in Fate)


def as_geojson(zones: Sequence[Zone], rules: Sequence[Competence]) -> dict[str, Any]:
    """A FeatureCollection that ``zones import`` reads again; who answers there is told beside."""
    return {"type": "FeatureCollection", "features": [_feature(zone, rules) for zone in zones]}


def doubts(
    zones: Sequence[Zone],
    rules: Sequence[Competence],
    matrix: Matrix,
    day: date,
    options: argparse.Namespace,
    organisations: Mapping[UUID, Organisation] | None = None,
) -> Iterator[str]:
    """What a person should look at; none of it is forbidden. ``organisations`` None: not known here."""
    for found in coverage.overlaps(zones, options.smallest):
        yield _tell_overlap(found)
    if coverage.boundary(zones) is None:
        yield "no boundary of the city: ground outside all zones is not looked for (zones import --kind city)"
        yield from (
            f"{system}: only inside its zones" for system, every in matrix.systems().items() if not every
        )
    now = coverage.gaps(zones, rules, SYSTEMS, day, options.smallest)
    yield from _tell_gaps(now)
    yield from (f"{s} in {z or 'everywhere'}: two organisations answer" for s, z in matrix.disputed())
    within = timedelta(days=options.days)
    ends = coverage.endings(rules, day, within)
    for ending in ends:
        word = "ran out" if ending.is_over else "runs out"
        yield f"{_tell_rule(ending.rule, organisations)}: the contract {word} on {ending.ends}"
    for after in sorted({ending.ends + timedelta(days=1) for ending in ends if not ending.is_over}):
        later = coverage.gaps(zones, rules, SYSTEMS, after, options.smallest)
        yield from (f"from {after}: {line}" for line in _tell_gaps([gap for gap in later if gap not in now]))
    if organisations is not None:
        yield from _strangers(rules, organisations)


def _drawn(area: Area, kind: Kind, city: BaseGeometry | None, tolerance: float) -> Drawn:
    if area.geometry is None:
        raise refused(area.name, Flaw.UNREADABLE, "its border is not closed in this file")
    return draw(area.name, area.geometry, kind, city, tolerance)


def _nameless(number: int) -> InvalidZone:
    return refused(f"number {number}", Flaw.NO_NAME, "it has no name (see --name-property)")


def _feature(zone: Zone, rules: Sequence[Competence]) -> dict[str, Any]:
    answering = {(rule.system, str(rule.organisation_id)) for rule in rules if rule.zone == zone.name}
    told = {
        "name": zone.name,
        "kind": zone.kind.value,
        "version": zone.version,
        "source": zone.source,
        "area_m2": round(square_metres(zone.shape)),
        "answering": [{"system": system, "organisation_id": id_} for system, id_ in sorted(answering)],
    }
    return {"type": "Feature", "properties": told, "geometry": mapping(zone.shape)}


def _tell_overlap(found: coverage.Overlap) -> str:
    where = f"near {found.lat:.5f}, {found.lon:.5f}"
    if found.is_same:
        return f"zones {found.smaller} and {found.larger} are one area ({found.area_m2:,.0f} m², {where})"
    return (
        f"zones {found.smaller} and {found.larger} overlap: {found.area_m2:,.0f} m² ({found.share:.1%} of"
        f" {found.smaller}, which decides there), {where}"
    )


def _tell_gaps(gaps: Sequence[coverage.Gap]) -> Iterator[str]:
    """A line for each place; both sides of the wall together where they are alike, small change left out."""
    lines: dict[tuple[Any, ...], list[Network | None]] = {}
    for gap in gaps:
        lines.setdefault((gap.system, gap.spans, gap.area_m2, gap.lat, gap.lon), []).append(gap.network)
    told: dict[Any, int] = {}
    for (system, spans, area, lat, lon), networks in lines.items():
        told[system, spans] = told.get((system, spans), 0) + 1
        if told[system, spans] > _MOST_GAPS:
            continue
        side = f" ({networks[0]})" if len(networks) == 1 and networks[0] is not None else ""
        where = "" if area is None else f" on {area:,.0f} m² near {lat:.5f}, {lon:.5f}"
        when = "" if spans == coverage.ALWAYS else f" at {', '.join(tell_span(*span) for span in spans)}"
        yield f"{system}{side}: nobody answers for it{where}{when}"
    for (system, _), number in told.items():
        if number > _MOST_GAPS:
            yield f"{system}: and {number - _MOST_GAPS} smaller places"


def _tell_rule(rule: Competence, organisations: Mapping[UUID, Organisation] | None) -> str:
    known = (organisations or {}).get(rule.organisation_id)
    place = f"houses of {rule.houses_of}" if rule.houses_of else rule.zone or "everywhere"
    return f"{known.name if known else rule.organisation_id}, {rule.system} in {place}"


def _strangers(rules: Sequence[Competence], organisations: Mapping[UUID, Organisation]) -> Iterator[str]:
    for id_ in sorted({rule.organisation_id for rule in rules}):
        known = organisations.get(id_)
        if known is None or not known.active:
            state = "is not known" if known is None else f"({known.name}) is not active"
            yield f"organisation {id_} {state}: its competences count for nothing"
