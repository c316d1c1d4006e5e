"""How the commands speak: lines and small tables on stdout."""

from collections.abc import Mapping, Sequence
from typing import Any


def say(line: str) -> None:
    print(line)  # noqa: T201 - a command line speaks on stdout


def say_table(title: str, rows: Mapping[str, Sequence[Any]], columns: Sequence[str]) -> None:
    """Rows by name under named columns, aligned."""
    width = max(map(len, [title, *rows]))
    say("  ".join([title.ljust(width), *(column.rjust(max(len(column), 7)) for column in columns)]))
    for name, values in rows.items():
        cells = (str(value).rjust(max(len(column), 7)) for column, value in zip(columns, values, strict=True))
        say("  ".join([name.ljust(width), *cells]))
