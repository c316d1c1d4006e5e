"""The list of feeds as a city gives it."""

from pathlib import Path

import pytest

from services.intake.commands.feeds import read_feeds
from services.intake.errors import UnreadableFile
from tests.unit.intake.examples import listener


def written(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "feeds.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_houses_are_named_by_id_or_address(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "service,feed,building,address",
        "power,TP-7,osm-w1,",
        "power,TP-7,,Гоголя 2",
        "heat,H-1,osm-w1,",
    )
    assert list(read_feeds(path, listener().resolver)) == [
        ("power", "osm-w1", "TP-7"),
        ("power", "osm-w8", "TP-7"),
        ("heat", "osm-w1", "H-1"),
    ]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("service,house", "power,osm-w1"), "needs the columns"),
        (("service,feed,building", "power,TP-7,osm-w1", "power,TP-7,nowhere"), "line 3"),
        (("service,feed,building", "steam,TP-7,osm-w1"), "line 2"),
        (("service,feed,building", "power,,osm-w1"), "line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(
    tmp_path: Path, lines: tuple[str, ...], what: str
) -> None:
    with pytest.raises(UnreadableFile, match=what):
        list(read_feeds(written(tmp_path, *lines), listener().resolver))
    with pytest.raises(UnreadableFile, match="no such file"):
        list(read_feeds(tmp_path / "missing.csv", listener().resolver))
