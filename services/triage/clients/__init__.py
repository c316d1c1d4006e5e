"""Where triage gets its rules and its model: the files beside the code, or a city's own."""

from pathlib import Path

from services.triage.clients.memory import give_back
from services.triage.clients.model_file import read_model, write_model
from services.triage.clients.rule_files import FILES, read_rule_book

SHIPPED_RULES = Path(__file__).resolve().parent.parent / "data"
SHIPPED_MODEL = SHIPPED_RULES / "model.npz"

__all__ = [
    "FILES",
    "SHIPPED_MODEL",
    "SHIPPED_RULES",
    "give_back",
    "read_model",
    "read_rule_book",
    "write_model",
]
