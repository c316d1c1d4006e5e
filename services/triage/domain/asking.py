"""Questions to the resident whose answer would change the decision."""

from services.triage.domain.model import Category, Fault, Hazard, Place, Question


def questions_for(
    fault: Fault, category: Category, hazards: tuple[Hazard, ...], place: Place
) -> tuple[str, ...]:
    """Of the fault's questions those whose "yes" would raise the category, add a hazard or move the place."""
    return tuple(
        question.id
        for question in fault.handling.questions
        if _would_change(question, category, hazards, place)
    )


def _would_change(question: Question, category: Category, hazards: tuple[Hazard, ...], place: Place) -> bool:
    raised = question.at_least is not None and question.at_least.rank > category.rank
    moved = question.place is not None and question.place is not place
    return raised or moved or not question.hazards.issubset(hazards)
