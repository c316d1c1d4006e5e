"""What crews record on site, and the safety gate as it stands."""

from services.crews.schemas import records as shapes
from services.crews.schemas.materials import MaterialList, materials
from services.crews.service.base import CREWS, SITE_READERS, CrewPoints, reader_of
from services.crews.usecases import records
from shared.http import Call, Reply, api


class RecordPoints(CrewPoints):
    """Records of crews, read by their masters and dispatchers too."""

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>/safety",
        returns={200: shapes.ChecklistShape},
        roles=SITE_READERS,
        summary="The safety gate of an order: what it asks, why, and what is answered",
    )
    def show_safety(self, call: Call) -> Reply:
        gate = self.wiring.policies.gate
        shown = records.show_checklist(self.wiring.uow(), reader_of(call), call.path["assignment_id"], gate)
        return Reply(200, shapes.checklist(shown, self.wiring.catalog, call.language))

    @api(
        "POST",
        "/v1/assignments/<uuid:assignment_id>/records",
        body=shapes.NewRecord,
        returns={200: shapes.RecordReceipt},
        roles=CREWS,
        idempotent=True,
        summary="Record something on site: an answer, a reading, a material, a defect, what was done",
    )
    def add_record(self, call: Call) -> Reply:
        """The record's own id counts too: sent again under another key it is still one record. Kept whatever
        the order's stage is."""
        return self.perform(call, "record")

    @api(
        "GET",
        "/v1/assignments/<uuid:assignment_id>/records",
        returns={200: shapes.RecordList},
        roles=SITE_READERS,
        summary="Everything recorded on an order",
    )
    def list_records(self, call: Call) -> Reply:
        found = records.list_records(self.wiring.uow(), reader_of(call), call.path["assignment_id"])
        return Reply(200, {"records": found})

    @api(
        "GET",
        "/v1/materials",
        returns={200: MaterialList},
        roles=SITE_READERS,
        summary="Materials that have a code, with the unit they are counted in",
    )
    def list_materials(self, call: Call) -> Reply:
        wiring = self.wiring
        return Reply(200, materials(wiring.policies.materials, wiring.catalog, call.language))
