"""Entry points of ``crews``, in groups: one module for each kind of business."""

from services.crews.service.access import AccessPoints
from services.crews.service.app import AppPoints
from services.crews.service.devices import DevicePoints
from services.crews.service.documents import DocumentPoints
from services.crews.service.duty import DutyPoints
from services.crews.service.logins import LoginPoints
from services.crews.service.media import MediaPoints
from services.crews.service.oncall import OnCallPoints
from services.crews.service.orders import OrderPoints
from services.crews.service.push import PushPoints
from services.crews.service.records import RecordPoints
from services.crews.service.roster_files import RosterFilePoints
from services.crews.service.sessions import SessionPoints
from services.crews.service.stream import StreamPoints
from services.crews.service.sync import SyncPoints
from services.crews.service.talk import TalkPoints


class CrewsService(
    AccessPoints,
    AppPoints,
    DevicePoints,
    SessionPoints,
    LoginPoints,
    OnCallPoints,
    RosterFilePoints,
    DutyPoints,
    OrderPoints,
    PushPoints,
    StreamPoints,
    SyncPoints,
    TalkPoints,
    RecordPoints,
    MediaPoints,
    DocumentPoints,
):
    """Work orders of crews, their shifts and positions; access tokens for the whole suite."""

    name = "crews"
