"""What every group of entry points has."""

from services.notify.wiring import Wiring
from shared.service import BaseService


class NotifyBase(BaseService):
    """The wiring, shared by all groups."""

    wiring = Wiring()
