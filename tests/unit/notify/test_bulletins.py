"""What the public reads: CAP 1.2 that is valid by OASIS' own schema, Atom, and nothing that is private."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
import xmlschema

from services.notify.domain.bulletins import Bulletin, Issue
from services.notify.domain.outages import Outage
from services.notify.errors import UnknownOutage
from services.notify.schemas.cap import Publisher, atom_feed, cap_alert
from services.notify.schemas.events import BulletinShape
from services.notify.usecases.notices import note_outage
from services.notify.usecases.publishing import active_bulletins, show_bulletin
from shared.config import ROOT
from shared.i18n import Catalog
from tests.support import contracts
from tests.support.fakes import NOON
from tests.unit.notify.fakes import FakeUnitOfWork

SCHEMA = xmlschema.XMLSchema(str(ROOT / "tests" / "data" / "cap12" / "CAP-v1.2.xsd"))
CAP, ATOM = {"": "urn:oasis:names:tc:emergency:cap:1.2"}, {"": "http://www.w3.org/2005/Atom"}
ZONE = ZoneInfo("Asia/Almaty")
TEXTS = Catalog(ROOT / "services" / "notify" / "locale")
PUBLISHER = Publisher("ads@almaty.example", "АДС", "109", "https://n.example", ZONE, TEXTS.text)


def bulletin(**changes: Any) -> Bulletin:
    known: dict[str, Any] = BulletinShape().load(contracts.example("intake", "outage.changed")).__dict__
    return Bulletin(**{**known, **changes})


def alert(**changes: Any) -> ET.Element:
    text = cap_alert(bulletin(**changes), PUBLISHER)
    SCHEMA.validate(text.decode())
    return ET.fromstring(text)


def said(root: ET.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, CAP)]


def test_an_accident_is_an_alert_in_both_languages() -> None:
    root = alert()
    assert said(root, "msgType") == ["Alert"]
    assert said(root, "info/language") == ["ru-KZ", "kk-KZ"]
    assert said(root, "info/headline") == ["Авария №17: нет холодной воды", "№17 апат: суық су жоқ"]
    assert said(root, "info/urgency") == ["Immediate", "Immediate"]
    assert said(root, "info/area/areaDesc")[0] == "проспект Абая, 12"
    assert said(root, "sent")[0] == "2026-11-24T17:10:00+05:00"


@pytest.mark.parametrize(
    ("changes", "kind", "response", "urgency"),
    [
        ({"before": Issue(1, NOON)}, "Update", "Monitor", "Immediate"),
        ({"kind": "planned"}, "Alert", "Prepare", "Expected"),
        ({"state": "closed", "ended_at": NOON, "before": Issue(1, NOON)}, "Update", "AllClear", "Past"),
        ({"state": "called_off", "before": Issue(1, NOON)}, "Cancel", "AllClear", "Past"),
        ({"dangerous": True, "ends_by": None, "houses": [], "tell": {}}, "Alert", "Monitor", "Immediate"),
    ],
)
def test_every_kind_of_news_is_valid_cap(
    changes: dict[str, Any], kind: str, response: str, urgency: str
) -> None:
    root = alert(**changes)
    assert said(root, "msgType") == [kind]
    assert said(root, "info/responseType")[0] == response
    assert said(root, "info/urgency")[0] == urgency
    assert bool(said(root, "references")) is (changes.get("before") is not None)


def test_an_update_names_the_alert_that_it_replaces() -> None:
    first = alert(version=1)
    second = alert(version=2, before=Issue(1, bulletin().changed_at))
    sender, identifier, sent = (said(first, name)[0] for name in ("sender", "identifier", "sent"))
    assert said(second, "references") == [f"{sender},{identifier},{sent}"]


def test_the_feed_links_each_alert() -> None:
    root = ET.fromstring(atom_feed([bulletin(), bulletin(kind="planned")], PUBLISHER, NOON))
    links = [link.get("href") for link in root.findall("entry/link", ATOM)]
    assert links == [f"https://n.example/public/outages/{bulletin().outage_id}.cap"] * 2
    assert [title.text for title in root.findall("entry/title", ATOM)][1].startswith("Плановое отключение")  # type: ignore[union-attr]
    for required in ("id", "title", "updated", "author/name"):
        assert root.find(required, ATOM) is not None


def test_an_empty_feed_is_a_feed() -> None:
    root = ET.fromstring(atom_feed([], PUBLISHER, NOON))
    assert (
        root.findtext("updated", namespaces=ATOM) == NOON.astimezone(ZONE).replace(microsecond=0).isoformat()
    )


def note(uow: FakeUnitOfWork, **changes: Any) -> None:
    told = bulletin(**changes)
    outage = Outage(told.outage_id, told.number, told.version, told.state, told.symptoms[0], told.changed_at)
    note_outage(uow, outage, ZONE, told)


@pytest.mark.parametrize("private", [{"state": "suspected"}, {"level": "flat"}])
def test_a_suspicion_and_a_single_flat_are_nobodys_business(private: dict[str, Any]) -> None:
    uow = FakeUnitOfWork()
    note(uow, **private)
    assert active_bulletins(uow, 10) == []
    with pytest.raises(UnknownOutage):
        show_bulletin(uow, bulletin().outage_id)


def test_the_public_sees_the_newest_version_and_what_it_replaces() -> None:
    uow = FakeUnitOfWork()
    note(uow, version=1, state="suspected")
    note(uow, version=2)
    note(uow, version=4, changed_at=NOON + timedelta(hours=1))
    note(uow, version=3)
    shown = show_bulletin(uow, bulletin().outage_id)
    assert (shown.version, shown.before) == (4, bulletin(version=2).issue)
    note(uow, version=5, state="closed", ended_at=NOON)
    assert active_bulletins(uow, 10) == []
    assert show_bulletin(uow, bulletin().outage_id).version == 5


def test_an_outage_nobody_knows_is_unknown() -> None:
    with pytest.raises(UnknownOutage):
        show_bulletin(FakeUnitOfWork(), UUID(int=5))


def test_restored_houses_are_not_listed() -> None:
    houses = [{"address": "а", "state": "off"}, {"address": "б", "state": "restored"}]
    told = BulletinShape().load(contracts.example("intake", "outage.changed", houses=houses))
    assert replace(told).houses == ["а"]
