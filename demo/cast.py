"""The demo's invented organisations, crews and people, as seed files for the services that own them.

Nothing here has a fixed password: each ``var/`` directory gets its own.
"""

import itertools
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import yaml
from shapely import Point
from shapely.geometry import shape

HERE = Path(__file__).parent
CAST = HERE / "cast" / "almaty.yml"
DISTRICTS = HERE / "city" / "almaty" / "almaty_districts.geojson"


@dataclass(frozen=True)
class Login:
    """A way into the demo. ``kind`` is crew or the first role."""

    login: str
    password: str
    name: str
    kind: str


@dataclass(frozen=True)
class Cast:
    """Everyone who plays."""

    organisations: list[dict[str, Any]]
    crews: list[dict[str, Any]]
    people: list[dict[str, Any]]
    fitters: list[list[str]]

    @classmethod
    def load(cls) -> "Cast":
        return cls(**yaml.safe_load(CAST.read_text(encoding="utf-8")))

    def logins(self, passwords: Mapping[str, str]) -> list[Login]:
        people = [Login(p["key"], passwords[p["key"]], p["name"], p["roles"][0]) for p in self.people]
        return people + [Login(c["key"], passwords[c["key"]], c["name"], "crew") for c in self.crews]

    def login_names(self) -> list[str]:
        return [entry["key"] for entry in self.people + self.crews]

    def crews_seed(self, passwords: Mapping[str, str], places: Mapping[str, Point]) -> dict[str, Any]:
        """The file for ``services.crews.commands seed``."""
        return {"organisations": [self._organisation(o, passwords, places) for o in self.organisations]}

    def competence_seed(self) -> dict[str, Any]:
        """The file for ``services.routing.commands seed``."""
        return {
            "competences": [
                {
                    "organisation_id": identity(organisation["key"]),
                    "systems": organisation["systems"],
                    "zones": organisation["zones"],
                }
                for organisation in self.organisations
            ]
        }

    def _organisation(
        self, organisation: Mapping[str, Any], passwords: Mapping[str, str], places: Mapping[str, Point]
    ) -> dict[str, Any]:
        crews = [crew for crew in self._manned() if crew["organisation"] == organisation["key"]]
        staff = [person for person in self.people if person["organisation"] == organisation["key"]]
        return {
            "key": organisation["key"],
            "id": identity(organisation["key"]),
            "name": organisation["name"],
            "kind": organisation["kind"],
            "people": [_person(p, passwords) for p in staff] + [m for crew in crews for m in _members(crew)],
            "crews": [_crew(crew, passwords, places[crew["district"]]) for crew in crews],
        }

    def _manned(self) -> Iterator[dict[str, Any]]:
        """The crews with the names of their people."""
        names = itertools.chain.from_iterable(self.fitters)
        return ({**crew, "names": list(itertools.islice(names, len(crew["grades"])))} for crew in self.crews)


def identity(key: str) -> str:
    """The same id for the same member of the cast, in every service and at every start."""
    return str(uuid5(NAMESPACE_URL, f"avariyka/demo/almaty/{key}"))


def new_passwords(keys: list[str]) -> dict[str, str]:
    return {key: secrets.token_urlsafe(9) for key in keys}


def district_places(districts: Mapping[str, Any]) -> dict[str, Point]:
    """A point surely inside each district, by its English name."""
    return {
        feature["properties"]["name"]: shape(feature["geometry"]).representative_point()
        for feature in districts["features"]
    }


def _person(person: Mapping[str, Any], passwords: Mapping[str, str]) -> dict[str, Any]:
    access = {"login": person["key"], "password": passwords[person["key"]], "roles": person["roles"]}
    return {"key": person["key"], "name": person["name"], "access": access}


def _members(crew: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": f"{crew['key']}-{place}", "name": name, "grade": grade}
        for place, (name, grade) in enumerate(zip(crew["names"], crew["grades"], strict=True), start=1)
    ]


def _crew(crew: Mapping[str, Any], passwords: Mapping[str, str], base: Point) -> dict[str, Any]:
    led = max(crew["grades"]) >= 5
    return {
        "key": crew["key"],
        "id": identity(crew["key"]),
        "name": crew["name"],
        "specialisations": crew["specialisations"],
        "members": [member["key"] for member in _members(crew)],
        "leader": f"{crew['key']}-1" if led else None,
        "equipment": crew["equipment"],
        "base": {"lat": round(base.y, 6), "lon": round(base.x, 6)},
        "access": {"login": crew["key"], "password": passwords[crew["key"]]},
        # Whom no grade 5 or 6 leads cannot stand in a roster: it is on shift by hand.
        **({} if led else {"shift": {"hours": 12}}),
    }
