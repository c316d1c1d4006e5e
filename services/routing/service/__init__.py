"""Entry points of ``routing``, in groups: the events it follows and the dispatchers' API."""

from services.routing.service.access import AccessPoints
from services.routing.service.board import BoardPoints
from services.routing.service.choosing import ChoosingPoints
from services.routing.service.console import ConsolePoints
from services.routing.service.desk import DeskPoints
from services.routing.service.following import FollowingPoints
from services.routing.service.maps import MapPoints
from services.routing.service.outages import OutagePoints
from services.routing.service.roads import RoadPoints
from services.routing.service.signals import SignalPoints
from services.routing.service.stream import StreamPoints
from services.routing.service.transfers import TransferPoints


class RoutingService(
    FollowingPoints,
    AccessPoints,
    BoardPoints,
    DeskPoints,
    OutagePoints,
    MapPoints,
    ChoosingPoints,
    ConsolePoints,
    RoadPoints,
    TransferPoints,
    StreamPoints,
    SignalPoints,
):
    """Competence, zones, crew choice, assignments and transfers; the dispatchers' API."""

    name = "routing"
