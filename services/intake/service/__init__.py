"""Entry points of ``intake``, in groups: one module for each kind of caller."""

from services.intake.service.following import FollowingPoints
from services.intake.service.operators import OperatorPoints
from services.intake.service.sms import SmsPoints


class IntakeService(SmsPoints, OperatorPoints, FollowingPoints):
    """Requests as residents make them: SMS conversations, operators' forms, the address registry."""

    name = "intake"
