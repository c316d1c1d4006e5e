"""Errors of triage. Codes are contracts; their texts are in ``locale`` under ``error.<code>``."""

from shared.errors import AvariykaError


class BadRules(AvariykaError):
    """The rule files cannot be used; ``problems`` are lines ``file:line: what is wrong``."""

    code = "bad_rules"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems), problems=problems)
        self.problems = problems


class BadModel(AvariykaError):
    """The file of the statistical model is damaged, or was made by another version of this program."""

    code = "bad_model"
