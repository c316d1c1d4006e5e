"""How an SMS operator with an HTTP interface wants to be spoken to: data, not code (ADR 0030); pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.notify.domain.messages import Receipt, Sms, State

_MOST_NUMBER = 2**31 - 1
"""Operators that want an id of ours in digits want it to fit into 31 bits."""


class Form(StrEnum):
    """How fields travel: a JSON body, a form, or in the address itself."""

    JSON = "json"
    FORM = "form"
    QUERY = "query"


@dataclass(frozen=True)
class Ask:
    """One question to the operator; ``{...}`` in address, headers and fields are filled in."""

    url: str
    method: str = "POST"
    form: Form = Form.JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def filled(self, words: Mapping[str, str]) -> "Ask":
        """Ready to be sent; raises KeyError, naming what nobody knows."""
        headers = {name: text.format_map(words) for name, text in self.headers.items()}
        fields = {name: text.format_map(words) for name, text in self.fields.items()}
        return Ask(self.url.format_map(words), self.method, self.form, headers, fields)


@dataclass(frozen=True)
class Dialect:
    """``…_at``: where in an answer something stands (``data.messageId``; empty: there is no such thing).

    ``fine`` are codes that mean taken, ``refused`` those that are final for this message; any other code is a
    trouble that passes or that a person mends. ``lookup`` asks what became of a message by our id.
    ``delivered``, ``failed``: the operator's words; whatever else it says counts as sent.
    """

    send: Ask
    lookup: Ask | None = None
    sender: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)
    id_at: str = "id"
    code_at: str = ""
    fine: frozenset[str] = frozenset({"0"})
    refused: frozenset[str] = frozenset()
    items_at: str = ""
    status_at: str = "status"
    delivered: frozenset[str] = frozenset({"delivered"})
    failed: frozenset[str] = frozenset({"undelivered", "failed"})
    receipt_id: str = "id"
    receipt_status: str = "status"
    receipt_error: str = "error"
    signature_header: str = ""

    def words(self, sms: Sms, callback: str) -> dict[str, str]:
        """What may stand in braces."""
        own = {"to": sms.phone, "digits": sms.phone.lstrip("+"), "text": sms.body, "id": sms.message_id.hex}
        number = str(sms.message_id.int % _MOST_NUMBER + 1)
        return {**self.secrets, **own, "number": number, "sender": self.sender, "callback": callback}

    def receipt(self, sid: str, status: Any, error: Any = None) -> Receipt:
        """The operator's word in ours."""
        word = str(status)
        if word in self.failed:
            return Receipt(sid, State.FAILED, f"sms_{error or word}")
        return Receipt(sid, State.DELIVERED if word in self.delivered else State.SENT)

    def found(self, answer: Any) -> Sequence[Receipt]:
        """Messages of a look-up's answer, one or a list; what has no id is none."""
        items = dig(answer, self.items_at)
        listed = items if isinstance(items, list) else [items]
        told = [(dig(item, self.id_at), dig(item, self.status_at)) for item in listed]
        return [self.receipt(str(sid), status) for sid, status in told if sid not in (None, "")]


def dig(answer: Any, path: str) -> Any:
    """What stands at ``a.b.0.c`` of an answer; None if nothing does; the whole of it for an empty path."""
    for step in path.split(".") if path else ():
        if isinstance(answer, Mapping):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer
