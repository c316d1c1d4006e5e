"""What a resident hears whose request rides on an outage: which one, what it is, until when."""

from services.intake.domain.conversation import Answer
from services.intake.domain.outages import Kind, Outage, State
from services.intake.domain.replies import Moment, Said, Term
from services.intake.domain.requests import Request


def answer(request: Request, outage: Outage) -> Answer:
    """The answer to a request that was joined to an outage as it was registered."""
    told = {"number": request.number, "outage": outage.number, **words(outage)}
    return Answer(f"sms.joined_{form(outage)}", told)


def form(outage: Outage) -> str:
    """Which sentence fits: a repeat of one request, a mass outage, a planned one."""
    if outage.state is State.SUSPECTED:
        return "repeat"
    return "planned" if outage.kind is Kind.PLANNED else "outage"


def words(outage: Outage) -> dict[str, object]:
    """What the sentences about an outage fill in."""
    until = Term("outage.until_unknown")
    if outage.ends_by is not None:
        until = Term("outage.until", {"time": Moment(outage.ends_by)})
    return {"what": Term(f"symptom.{outage.symptom}"), "until": until, "tell": Said(outage.tell)}
