"""Addresses of points and of registered buildings: for whoever sends coordinates instead of words."""

from collections.abc import Sequence

from services.intake.domain import geometry
from services.intake.domain.addresses import Address, Candidate
from services.intake.domain.houses import Precision
from services.intake.domain.registry import Building, Point, Registry

AT_BUILDING_M = 60.0
"""A position this near a building's mapped point is taken for the building: a telephone errs by 5-30 m."""
NEAR_STREET_M = 300.0
"""Up to here a place is told by the street of the nearest building."""
_SAME_PLACE_M = 300.0


def address_of(registry: Registry, building: Building) -> Address:
    """The address of a registered building."""
    street = registry.street_by_id[building.street_id]
    return Address(
        text=f"{street.label}, {building.house}",
        building_id=building.id,
        street=street.label,
        house=building.house,
        entrance=None,
        floor=None,
        flat=None,
        district=building.district,
        lat=round(building.lat, 6),
        lon=round(building.lon, 6),
        precision=Precision.BUILDING,
        text_kk=f"{street.label_in('kk')}, {building.house}",
        manager=building.manager,
    )


def address_at(registry: Registry, point: Point) -> Address | None:
    """The address of a point: its building, else its street; None where we know neither."""
    building = registry.nearest_building(point, NEAR_STREET_M)
    if building is None:
        return None
    if geometry.metres(point, (building.lat, building.lon)) <= AT_BUILDING_M:
        return address_of(registry, building)
    street = registry.street_by_id[building.street_id]
    return Address(
        text=street.label,
        building_id=None,
        street=street.label,
        house=None,
        entrance=None,
        floor=None,
        flat=None,
        district=registry.district_at(point),
        lat=round(point[0], 6),
        lon=round(point[1], 6),
        precision=Precision.STREET,
        text_kk=street.label_in("kk"),
    )


def nearest_choice(choices: Sequence[Candidate], point: Point) -> Candidate | None:
    """The one of several readings of an address that is meant by a person standing at ``point``."""
    here = [choice for choice in choices if geometry.metres(choice.point, point) <= _SAME_PLACE_M]
    return min(here, key=lambda choice: geometry.metres(choice.point, point), default=None)
