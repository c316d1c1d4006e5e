"""What every group of entry points has."""

from uuid import UUID

from services.notify.domain.messages import Receipt
from services.notify.errors import UnknownMessage
from services.notify.usecases import alerting
from services.notify.usecases.sending import Told
from services.notify.wiring import Wiring
from shared.logs import get_logger
from shared.service import BaseService

_log = get_logger(__name__)


class NotifyBase(BaseService):
    """The wiring, shared by all groups."""

    wiring = Wiring()

    def take_receipt(self, receipt: Receipt, message_id: UUID | None) -> None:
        """A provider's word on a message to a resident, or on one of an alert; raises UnknownMessage."""
        if self.wiring.receipts.do(Told(receipt, message_id)):
            return
        if message_id is None or not alerting.hear_receipt(self.wiring.uow(), receipt, message_id):
            _log.warning("receipt_for_unknown_message", sid=receipt.sid, state=receipt.state.value)
            raise UnknownMessage
        self.wiring.wake_alerts()
