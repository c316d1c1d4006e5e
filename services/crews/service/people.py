"""People, organisations, crews, equipment: read, added and changed with their version (ETag, If-Match)."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from services.crews.schemas import people as shapes
from services.crews.service.base import EDITORS, EXCUSERS, READERS, CrewPoints, based_on, official_of
from services.crews.usecases import staff
from services.crews.usecases.staff import Register, Thing
from shared.http import Call, Reply, api

_page = partial(api, "GET", roles=READERS, query=shapes.WantedQuery)
_read = partial(api, "GET", roles=READERS)
_put = partial(api, "PUT", roles=EDITORS)
_SINCE = "away now or later; those who are back are left out"


class PeoplePoints(CrewPoints):
    """Master data: small, read by desks, kept by masters and administrators."""

    @_page("/v1/organisations", returns={200: shapes.Organisations}, summary="Organisations by name")
    def list_organisations(self, call: Call) -> Reply:
        return self._list(call, Register.ORGANISATIONS)

    @_read(
        "/v1/organisations/<uuid:id_>", returns={200: shapes.OrganisationEntry}, summary="One organisation"
    )
    def show_organisation(self, call: Call) -> Reply:
        return self._show(call, Register.ORGANISATIONS)

    @_put(
        "/v1/organisations/<uuid:id_>",
        body=shapes.OrganisationBody,
        returns=dict.fromkeys((200, 201), shapes.OrganisationEntry),
        summary="Add an organisation, or change it from the version in If-Match",
    )
    def put_organisation(self, call: Call) -> Reply:
        return self._put(call, Register.ORGANISATIONS, shapes.organisation)

    @_page("/v1/people", returns={200: shapes.People}, summary="People by name")
    def list_people(self, call: Call) -> Reply:
        return self._list(call, Register.PEOPLE)

    @_read("/v1/people/<uuid:id_>", returns={200: shapes.PersonEntry}, summary="One person")
    def show_person(self, call: Call) -> Reply:
        return self._show(call, Register.PEOPLE)

    @_put(
        "/v1/people/<uuid:id_>",
        body=shapes.PersonBody,
        returns=dict.fromkeys((200, 201), shapes.PersonEntry),
        summary="Add a person, or change one from the version in If-Match",
    )
    def put_person(self, call: Call) -> Reply:
        return self._put(call, Register.PEOPLE, shapes.person)

    @_page("/v1/crews", returns={200: shapes.Crews}, summary="Crews by name")
    def list_crews(self, call: Call) -> Reply:
        return self._list(call, Register.CREWS)

    @_read("/v1/crews/<uuid:id_>", returns={200: shapes.CrewEntry}, summary="One crew")
    def show_crew(self, call: Call) -> Reply:
        return self._show(call, Register.CREWS)

    @_put(
        "/v1/crews/<uuid:id_>",
        body=shapes.CrewBody,
        returns=dict.fromkeys((200, 201), shapes.CrewEntry),
        summary="Add a crew, or change one from the version in If-Match",
    )
    def put_crew(self, call: Call) -> Reply:
        return self._put(call, Register.CREWS, shapes.crew)

    @_page("/v1/equipment", returns={200: shapes.EquipmentPage}, summary="Equipment and vehicles by name")
    def list_equipment(self, call: Call) -> Reply:
        return self._list(call, Register.EQUIPMENT)

    @_read("/v1/equipment/<uuid:id_>", returns={200: shapes.EquipmentEntry}, summary="One piece of equipment")
    def show_equipment(self, call: Call) -> Reply:
        return self._show(call, Register.EQUIPMENT)

    @_put(
        "/v1/equipment/<uuid:id_>",
        body=shapes.EquipmentBody,
        returns=dict.fromkeys((200, 201), shapes.EquipmentEntry),
        summary="Add a piece of equipment, or change one from the version in If-Match",
    )
    def put_equipment(self, call: Call) -> Reply:
        return self._put(call, Register.EQUIPMENT, shapes.equipment)

    @api("GET", "/v1/absences", roles=READERS, returns={200: shapes.Absences}, summary=f"Who is {_SINCE}")
    def list_absences(self, call: Call) -> Reply:
        found = staff.list_absences(self.wiring.uow(), official_of(call), self.wiring.clock.now())
        return Reply(200, {"absences": [shapes.absence_entry(pair) for pair in found]})

    @api(
        "PUT",
        "/v1/absences/<uuid:id_>",
        roles=EXCUSERS,
        body=shapes.AbsenceBody,
        returns={204: None},
        summary="Somebody is away",
    )
    def put_absence(self, call: Call) -> Reply:
        official = official_of(call)
        given = shapes.absence(call.path["id_"], call.body, official.id)
        staff.put_absence(self.wiring.uow(), official, given, self.wiring.policies.zone)
        return Reply(204)

    @api("DELETE", "/v1/absences/<uuid:id_>", roles=EXCUSERS, returns={204: None}, summary="One is back")
    def end_absence(self, call: Call) -> Reply:
        zone = self.wiring.policies.zone
        staff.end_absence(self.wiring.uow(), official_of(call), call.path["id_"], zone)
        return Reply(204)

    @api(
        "GET",
        "/v1/concerns",
        roles=READERS,
        returns={200: shapes.Concerns},
        summary="What runs out or is missing: permits, checks, experience, leaders",
    )
    def list_concerns(self, call: Call) -> Reply:
        policies = self.wiring.policies
        found = staff.list_concerns(
            self.wiring.uow(), official_of(call), policies.concern_ahead, policies.zone
        )
        return Reply(200, {"concerns": [self._finding_in_words(call, finding) for finding in found]})

    def _finding_in_words(self, call: Call, finding: Any) -> dict[str, Any]:
        key = f"concern.{finding.concern.value}"
        shown = {"day": finding.day, "what": finding.what, "name": finding.name}
        return {**vars(finding), "text": self.wiring.catalog.text(call.language, key, **shown)}

    def _list(self, call: Call, register: Register) -> Reply:
        wanted = staff.Wanted(**call.query)
        found = staff.list_things(self.wiring.uow(), official_of(call), register, wanted)
        return Reply(200, shapes.page(register.value, found))

    def _show(self, call: Call, register: Register) -> Reply:
        thing = staff.show_thing(self.wiring.uow(), official_of(call), register, call.path["id_"])
        return Reply(200, shapes.entry(thing), _etag(thing))

    def _put(self, call: Call, register: Register, make: Callable[[UUID, Any], Thing]) -> Reply:
        thing = make(call.path["id_"], call.body)
        is_new = staff.put_thing(
            self.wiring.uow(), official_of(call), register, thing, based_on(call), self.wiring.policies.zone
        )
        return Reply(201 if is_new else 200, shapes.entry(thing), _etag(thing))


def _etag(thing: Thing) -> dict[str, str]:
    return {"ETag": f'"{staff.version_of(thing)}"'}
