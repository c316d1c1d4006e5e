"""From the contents of a seed file to what the use-case sows."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from services.crews.domain.access import Login, Role, login_key
from services.crews.domain.fitness import Equipment
from services.crews.domain.people import Crew, Organisation, Person, Staff
from services.crews.errors import BadMasterData
from services.crews.schemas.seed import SeedShape
from services.crews.usecases.duty import ShiftWish
from services.crews.usecases.masterdata import NewLogin, Seed

Item = Mapping[str, Any]


def read_seed(file: Any, now: datetime, new_password: Callable[[], str]) -> Seed:
    """What a seed file holds; raises ValidationError or BadMasterData for what cannot be.

    ``new_password`` is called for each login that says ``generate: true``.
    """
    organisations: list[Item] = SeedShape().load(file)["organisations"]
    people = _owned(organisations, "people")
    crews = _owned(organisations, "crews")
    _refuse_repeated("organisation", (item["key"] for item in organisations))
    _refuse_repeated("person", (item["key"] for _, item in people))
    _refuse_repeated("crew", (item["key"] for _, item in crews))
    equipment = _owned(organisations, "equipment")
    _refuse_repeated("equipment", (item["key"] for _, item in equipment))
    crew_ids = {item["key"]: _id("crew", item) for _, item in crews}
    ids = {item["key"]: _id("person", item) for _, item in people}
    staff = Staff(
        {_id("organisation", item): _organisation(item) for item in organisations},
        {_id("person", item): _person(owner, item) for owner, item in people},
        {_id("crew", item): _crew(owner, item, ids) for owner, item in crews},
        {_id("equipment", item): _equipment(owner, item, crew_ids) for owner, item in equipment},
    )
    logins = [_login(owner, item, "person") for owner, item in people if item["access"]]
    logins += [_login(owner, item, "crew") for owner, item in crews if item["access"]]
    _refuse_repeated("login", (login.name for login, _ in logins))
    return Seed(
        staff,
        [NewLogin(login, password or new_password()) for login, password in logins],
        {_id("crew", item): _shift(item["shift"], now) for _, item in crews if item["shift"]},
    )


def _owned(organisations: Iterable[Item], what: str) -> list[tuple[Item, Item]]:
    return [(owner, item) for owner in organisations for item in owner[what]]


def _id(kind: str, item: Item) -> UUID:
    """Its own id, or one that follows from its key for ever."""
    given: UUID | None = item["id"]
    return given or uuid5(NAMESPACE_URL, f"urn:avariyka:crews:{kind}:{item['key']}")


def _refuse_repeated(kind: str, keys: Iterable[str]) -> None:
    repeated = sorted(key for key, times in Counter(keys).items() if times > 1)
    if repeated:
        raise BadMasterData(f"{kind} given more than once: {', '.join(repeated)}", repeated=repeated)


def _organisation(item: Item) -> Organisation:
    return Organisation(_id("organisation", item), item["name"], item["kind"], item["active"])


def _person(owner: Item, item: Item) -> Person:
    organisation_id = _id("organisation", owner)
    return Person(
        id=_id("person", item),
        organisation_id=organisation_id,
        name=item["name"],
        grade=item["grade"],
        active=item["active"],
        works_since=item["works_since"],
        permits=tuple(item["permits"]),
    )


def _equipment(owner: Item, item: Item, crews: Mapping[str, UUID]) -> Equipment:
    if item["crew"] is not None and item["crew"] not in crews:
        raise BadMasterData(f"equipment {item['key']}: no such crew: {item['crew']}")
    return Equipment(
        id=_id("equipment", item),
        organisation_id=_id("organisation", owner),
        kind=item["kind"],
        name=item["name"],
        number=item["number"],
        crew_id=crews[item["crew"]] if item["crew"] else None,
        check_due=item["check_due"],
        active=item["active"],
    )


def _crew(owner: Item, item: Item, people: Mapping[str, UUID]) -> Crew:
    strangers = {*item["members"], item["leader"] or item["members"][0]} - people.keys()
    if strangers:
        raise BadMasterData(f"crew {item['key']}: no such people: {', '.join(sorted(strangers))}")
    return Crew(
        id=_id("crew", item),
        organisation_id=_id("organisation", owner),
        name=item["name"],
        specialisations=tuple(item["specialisations"]),
        members=tuple(people[key] for key in item["members"]),
        leader=people[item["leader"]] if item["leader"] else None,
        equipment=tuple(item["equipment"]),
        languages=tuple(item["languages"]),
        base_lat=item["base"]["lat"],
        base_lon=item["base"]["lon"],
        active=item["active"],
    )


def _login(owner: Item, item: Item, kind: str) -> tuple[Login, str | None]:
    access = item["access"]
    login = Login(
        name=login_key(access["login"]),
        organisation_id=_id("organisation", owner),
        roles=frozenset(access.get("roles", [Role.CREW])),
        active=access["active"] and item["active"],
        **{f"{kind}_id": _id(kind, item)},
    )
    return login, access["password"]


def _shift(shape: Item, now: datetime) -> ShiftWish:
    ends_at = now + timedelta(hours=shape["hours"]) if shape["hours"] is not None else shape["until"]
    return ShiftWish(on=True, ends_at=ends_at)
