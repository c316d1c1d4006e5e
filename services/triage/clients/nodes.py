"""YAML with its line numbers, so that a mistake in a rule file can be named where it is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

E = TypeVar("E", bound=StrEnum)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadNode(ValueError):
    """One mistake, as ``file:line: what is wrong``."""


@dataclass(frozen=True)
class Node:
    """A value of a YAML file: text, a list or a mapping, with its place. Nothing is guessed about types."""

    file: str
    line: int
    value: "str | list[Node] | dict[str, Node]"

    def bad(self, what: str) -> BadNode:
        return BadNode(f"{self.file}:{self.line}: {what}")

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.bad("expected text")
        return self.value.strip()

    def number(self, low: float, high: float) -> float:
        try:
            number = float(self.text())
        except ValueError:
            raise self.bad(f"expected a number, not {self.text()!r}") from None
        if not low <= number <= high:
            raise self.bad(f"expected a number from {low:g} to {high:g}, not {number:g}")
        return number

    def flag(self) -> bool:
        if self.text() not in ("true", "false"):
            raise self.bad(f"expected true or false, not {self.text()!r}")
        return self.text() == "true"

    def items(self) -> "list[Node]":
        if not isinstance(self.value, list):
            raise self.bad("expected a list")
        return self.value

    def one_of(self, values: type[E]) -> E:
        return values(self.key_of([value.value for value in values]))

    def key_of(self, known: Collection[str]) -> str:
        """The text, which must be one of ``known``."""
        text = self.text()
        if text not in known:
            like = get_close_matches(text, known)
            hint = f"did you mean {' or '.join(like)}?" if like else f"known are: {', '.join(known)}"
            raise self.bad(f"unknown {text!r}; {hint}")
        return text

    def mapping(self) -> "Mapping[str, Node]":
        if not isinstance(self.value, dict):
            raise self.bad("expected a mapping")
        return self.value

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> "Mapping[str, Node]":
        """The mapping, with all of ``required`` and nothing beyond ``optional``."""
        fields = self.mapping()
        if missing := [key for key in required if key not in fields]:
            raise self.bad(f"missing: {', '.join(missing)}")
        allowed = {*required, *optional}
        if unknown := next((key for key in fields if key not in allowed), None):
            raise fields[unknown].bad(f"unknown key {unknown!r}; allowed are: {', '.join(sorted(allowed))}")
        return fields


def load(path: Path) -> Node:
    """The whole file; raises :class:`BadNode` if it is not YAML or cannot be read."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise BadNode(f"{path.name}:{line}: {broken.problem}") from broken
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as broken:
        raise BadNode(f"{path.name}:1: {broken}") from broken
    if root is None:
        raise BadNode(f"{path.name}:1: the file is empty")
    return _node(path.name, root)


def _node(file: str, node: yaml.Node) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Node(file, line, _pairs(file, node))
    if isinstance(node, yaml.SequenceNode):
        return Node(file, line, [_node(file, item) for item in node.value])
    return Node(file, line, str(node.value))


def _pairs(file: str, node: yaml.MappingNode) -> dict[str, Node]:
    pairs: dict[str, Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in pairs:
            raise Node(file, key.start_mark.line + 1, name).bad(f"{name!r} stands here twice")
        pairs[name] = _node(file, value)
    return pairs
