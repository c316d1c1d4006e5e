"""Reads a city's own lists: CSV registries of buildings and lists of street names, gzipped or not."""

import csv
import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, cast

from services.intake.domain.city import Renaming
from services.intake.domain.lexicon import Lexicon
from services.intake.domain.placing import House
from services.intake.domain.postal import PostalParser
from services.intake.domain.registry import Name, NameRole
from services.intake.errors import UnreadableFile

_ROLES = {
    "old_name": NameRole.OLD,
    "alt_name": NameRole.ALT,
    "name_kk": NameRole.KK,
    "name_ru": NameRole.RU,
    "name_en": NameRole.EN,
}
_IN_FORCE = "decided"
_ID_LENGTH = 16
Row = Mapping[str, str]


def read_registry(path: Path, lexicon: Lexicon) -> list[House]:
    """Buildings of a CSV list.

    Columns: ``address`` (whole) or ``street`` and ``house``; ``lat``, ``lon`` in degrees (WGS84). Optional:
    ``id`` or ``building_id``, ``locality`` (town or settlement), ``district``, ``complex`` (residential
    complexes) and ``aliases`` (further whole addresses), both with ``;`` between several; ``manager`` (who
    looks after the house).
    """
    split = PostalParser(lexicon)
    required = ({"address", "lat", "lon"}, {"street", "house", "lat", "lon"})
    rows = _rows(path, "a list of buildings", lambda columns: any(need <= columns for need in required))
    return [_house(path, line, row, split) for line, row in enumerate(rows, start=2)]


def read_names(path: Path, city: str, lexicon: Lexicon) -> list[Renaming]:
    """Other names of streets, in one of two layouts.

    Names: ``name`` and any of old_name, alt_name, name_kk, name_ru, name_en. Renamings: ``old_name``,
    ``new_name`` and, if given, ``city`` (others are skipped), ``place_type`` and ``status``: only what is
    ``decided`` makes the old name a former one, anything else adds both as further names.
    """

    def is_known(columns: set[str]) -> bool:
        return "name" in columns or {"old_name", "new_name"} <= columns

    rows = _rows(path, "a list of names (columns name, or old_name and new_name)", is_known)
    own = [row for row in rows if not row.get("city") or lexicon.fold(row["city"]) == lexicon.fold(city)]
    named = [_decision(row) if row.get("new_name") else _named(row) for row in own]
    return [renaming for renaming in named if renaming.name]


def _named(row: Row) -> Renaming:
    others = (Name(row[column], role) for column, role in _ROLES.items() if row.get(column))
    return Renaming(row.get("name", ""), tuple(others))


def _decision(row: Row) -> Renaming:
    place_type, old, new = (row.get(column, "") for column in ("place_type", "old_name", "new_name"))
    role = NameRole.OLD if row.get("status", _IN_FORCE) == _IN_FORCE else NameRole.ALT
    others = (Name(f"{place_type} {old}".strip(), role),) if old else ()
    return Renaming(f"{place_type} {new}".strip(), others)


def _house(path: Path, line: int, row: Row, split: PostalParser) -> House:
    address = split(row["address"]) if row.get("address") else None
    street, house = (address.street, address.house) if address else (row["street"], row["house"])
    lat, lon = _point(path, line, row)
    text = row.get("address") or f"{row.get('locality', '')}|{street}|{house}"
    return House(
        id=row.get("id") or row.get("building_id") or _id_of(text),
        street=street,
        number=house,
        lat=round(lat, 6),
        lon=round(lon, 6),
        locality=row.get("locality") or (address.locality if address else ""),
        district=row.get("district", ""),
        also=_several(row.get("aliases", "")),
        complexes=_several(row.get("complex", "")),
        manager=" ".join(row.get("manager", "").split()),
    )


def _point(path: Path, line: int, row: Row) -> tuple[float, float]:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except ValueError as broken:
        raise UnreadableFile(f"{path}, line {line}: lat and lon must be numbers, in degrees") from broken
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UnreadableFile(f"{path}, line {line}: lat {lat}, lon {lon} is no place on earth")
    return lat, lon


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _rows(path: Path, what: str, is_known: Callable[[set[str]], bool]) -> Iterator[Row]:
    """The rows of a CSV file with blanks stripped; raises unless its columns are known."""
    try:
        with _opened(path) as lines:
            reader = csv.DictReader(lines)
            if not is_known(set(reader.fieldnames or ())):
                raise UnreadableFile(f"{path}: not {what}: a column is missing, see the README of intake")
            rows = [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]
    except (UnicodeDecodeError, csv.Error, gzip.BadGzipFile, EOFError) as broken:
        raise UnreadableFile(f"{path}: not {what}: {broken}") from broken
    yield from rows


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")
