"""Entry points of ``intake``, in groups: one module for each kind of caller."""

from services.intake.service.calls import CallPoints
from services.intake.service.confidential import ConfidentialPoints
from services.intake.service.following import FollowingPoints
from services.intake.service.held import HeldPoints
from services.intake.service.open311 import Open311Points
from services.intake.service.operators import OperatorPoints
from services.intake.service.outages import OutagePoints
from services.intake.service.partners import PartnerPoints
from services.intake.service.photos import PhotoPoints
from services.intake.service.sms import SmsPoints
from services.intake.service.status import StatusPoints
from services.intake.service.voice import VoicePoints
from services.intake.service.web import WebPoints


class IntakeService(
    SmsPoints,
    VoicePoints,
    WebPoints,
    StatusPoints,
    PhotoPoints,
    OperatorPoints,
    OutagePoints,
    CallPoints,
    HeldPoints,
    FollowingPoints,
    ConfidentialPoints,
    Open311Points,
    PartnerPoints,
):
    """Requests as residents make them: SMS, calls, the web form, operators' forms, other systems."""

    name = "intake"
