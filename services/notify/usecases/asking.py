"""Receipts get lost, with a process or on the way: what was sent and never accounted for is asked after.

A message that did not arrive must become a call (``untold``), whether the provider's word reached us or not.

Messages of announcements are not asked after. Nobody would act on the answer: whom an announcement did not
reach is called by nobody (150,000 calls are no second channel), and without its receipt a message counts as
``sent``, which is true, never as ``delivered``. To ask would cost as many requests as the announcement itself
in the hour when the provider is needed for what is urgent.
"""

from collections.abc import Sequence

from services.notify.domain.messages import Message, Policy
from services.notify.errors import ProviderBusy
from services.notify.usecases.ports import SmsProvider, Transaction, Transactions
from services.notify.usecases.sending import Told, receive_receipts


def take_silent(uow: Transaction, policy: Policy, limit: int) -> Sequence[Message]:
    """Up to ``limit`` messages to ask after now; no other process takes the same."""
    with uow:
        silent = uow.messages.silent(uow.now - policy.ask_after, uow.now - policy.ask_until, limit)
        uow.messages.save([message.asked(uow.now) for message in silent])
        uow.commit()
    return silent


def ask(message: Message, transaction: Transactions, provider: SmsProvider) -> None:
    """What the provider says counts as its receipt. One that cannot be asked now is asked later."""
    try:
        found = provider.find(message.sms, message.created_at)
    except ProviderBusy:
        return
    told = [Told(receipt, message.id) for receipt in found if receipt.sid == message.provider_sid]
    if told:
        receive_receipts(transaction(), told)
