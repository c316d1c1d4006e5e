"""Where triage gets its rules: the files beside the code, or a city's own edited copies."""

from pathlib import Path

from services.triage.clients.rule_files import FILES, read_rule_book

SHIPPED_RULES = Path(__file__).resolve().parent.parent / "data"

__all__ = ["FILES", "SHIPPED_RULES", "read_rule_book"]
