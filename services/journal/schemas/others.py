"""What the other services tell, read tolerantly: the fields of each event that the journal needs."""

from marshmallow import EXCLUDE, Schema, fields


class _Told(Schema):
    class Meta:
        unknown = EXCLUDE

    request_id = fields.UUID(required=True)


class _At(_Told):
    at = fields.AwareDateTime(required=True)


def _text(optional: bool = False) -> fields.String:
    return fields.String(load_default=None, allow_none=True) if optional else fields.String(required=True)


def _time() -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True)


class Drafted(_Told):
    channel = _text()
    drafted_at = _time()


class Registered(_Told):
    number = _text()
    channel = _text()
    received_at = _time()
    registered_at = _time()
    outage_id = _text(optional=True)
    late_entry = fields.Dict(load_default=None, allow_none=True)


class Joined(_At):
    outage_id = _text()
    by = _text()


class Split(_At):
    reason = _text()
    by = _text()


class RideEnded(_At):
    result = _text()


class CallMissed(_At):
    reason = _text()


class CallSettled(_At):
    outcome = _text()
    by = _text(optional=True)


class Supplemented(_At):
    channel = _text()


class DeliveryChanged(_At):
    state = _text()
    partner = _text()


class Classified(_Told):
    category = _text()
    priority = _text(optional=True)
    system = _text()
    fault = _text()
    hazards = fields.List(fields.String(), load_default=list)
    needs_person = fields.Boolean(load_default=False)
    decided_at = _time()


class Overridden(_At):
    category = _text()
    priority = _text(optional=True)
    reason = _text()
    by = _text()


class Unroutable(_At):
    reason = _text()


class Transferred(_Told):
    transfer_id = _text()
    organisation_id = _text()
    channel = _text()
    transferred_at = _time()
    acknowledge_by = _time()
    by = _text(optional=True)


class Acknowledged(_Told):
    transfer_id = _text()
    channel = _text()
    by = _text()
    acknowledged_at = _time()


class TransferRefused(_At):
    transfer_id = _text()
    reason = _text()
    channel = _text()
    by = _text()


class TransferEscalated(_At):
    role = _text()


class Cancelled(_At):
    channel = _text()
    needs_person = fields.Boolean(load_default=False)


class ResultJudged(_At):
    channel = _text()
    fixed = fields.Boolean(required=True)


class CalledOff(_At):
    by = _text()
    reason = _text()


class Deferred(_At):
    by = _text()
    reason = _text()
    until = fields.AwareDateTime(required=True)


class Resumed(_At):
    by = _text()


class CallLogged(_At):
    by = _text()
    channel = _text()
    party = _text()
    result = _text()


class AssignmentMade(_Told):
    assignment_id = _text()
    offered_at = _time()
    respond_by = _time()
    by = _text()
    reason = _text(optional=True)


class AssignmentWithdrawn(_At):
    assignment_id = _text()
    reason = _text()
    by = _text()


class AssignmentProgressed(_At):
    assignment_id = _text()
    stage = _text()
    reason = _text(optional=True)
    result = _text(optional=True)
    by = _text()


class AssignmentNoted(_At):
    command = _text()
    refused = _text(optional=True)
    by = _text()


class AssignmentCorrected(_At):
    by = _text()


class DocumentSigned(_At):
    document_id = _text()
    by = _text()


class AlertRecorded(_At):
    channel = _text()
    told_at = _time()
    by = _text()


class MessageProgressed(_At):
    channel = _text()
    state = _text()


class AlertProgressed(_At):
    what = _text()
    title = fields.Dict(required=True)
    by = _text()
    reason = _text(optional=True)
    means = _text(optional=True)
