"""A small invented town with the traits of a Kazakh city, and what residents write about it."""

from datetime import UTC, datetime
from functools import cache

from shapely.geometry import box

from services.intake.domain.city import CityBuilder, CitySources, Renaming
from services.intake.domain.gathering import Way
from services.intake.domain.hearing import Listener
from services.intake.domain.placing import House
from services.intake.domain.registry import District, Name, NameRole, Point, Registry
from services.intake.domain.resolver import Resolver
from services.intake.schemas.lexicon import load_lexicon
from services.intake.usecases.ports import Phone

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PHONE = Phone("+77010000001", is_callable=True)
OTHER_PHONE = Phone("+77010000002", is_callable=True)
BRAND = Phone("Kaspi", is_callable=False)

DISTRICTS = [
    District(
        "west",
        (
            Name("West", NameRole.OFFICIAL),
            Name("Западный район", NameRole.RU),
            Name("Батыс ауданы", NameRole.KK),
        ),
        box(76.80, 43.20, 76.90, 43.30),
    ),
    District(
        "east",
        (
            Name("East", NameRole.OFFICIAL),
            Name("Восточный район", NameRole.RU),
            Name("Шығыс ауданы", NameRole.KK),
        ),
        box(76.90, 43.20, 77.00, 43.30),
    ),
]


def way(name: str, start: Point, end: Point, **others: str) -> Way:
    names = [Name(name, NameRole.OFFICIAL), *(Name(text, NameRole(role)) for role, text in others.items())]
    return Way(tuple(names), (start, end))


ROADS = [
    way("проспект Абая", (43.24, 76.84), (43.24, 76.92)),
    way("Абай даңғылы", (43.24, 76.92), (43.24, 76.96)),
    way("улица Абая", (43.28, 76.84), (43.28, 76.842)),
    way("улица Сатпаева", (43.235, 76.85), (43.235, 76.90)),
    way("Сәтбаев көшесі", (43.235, 76.90), (43.235, 76.91)),
    way("улица Розыбакиева", (43.21, 76.895), (43.26, 76.895)),
    way("проспект Назарбаева", (43.22, 76.945), (43.27, 76.945)),
    way("улица Гоголя", (43.26, 76.90), (43.26, 76.95)),
    way("Газовая улица", (43.265, 76.85), (43.265, 76.87)),
    way("улица Толе Би", (43.255, 76.84), (43.255, 76.95)),
    way("улица Кабанбай Батыра", (43.25, 76.90), (43.25, 76.95)),
    way("проспект Аль-Фараби", (43.215, 76.88), (43.215, 76.95)),
    way("улица Жамбыла", (43.246, 76.90), (43.246, 76.95)),
    way("Тәуелсіздік даңғылы", (43.27, 76.86), (43.27, 76.89)),
    way("улица 20-я линия", (43.23, 76.86), (43.225, 76.86)),
    way("Садовая улица", (43.29, 76.85), (43.29, 76.86)),
    way("Садовая улица (Береке)", (43.205, 76.98), (43.205, 76.99)),
    way("тропа к водопаду", (43.21, 76.99), (43.20, 76.99)),
]

OLD_MAP = [
    way("ул. Фурманова", (43.22, 76.945), (43.27, 76.945)),
    way("ул. Гоголя", (43.26, 76.90), (43.26, 76.95), old="ул. Торговая"),
]

HOUSES = [
    House("osm-w1", "пр. Абая", "12", 43.2402, 76.945),
    House("osm-w2", "Абая пр.", "20", 43.2402, 76.941),
    House("osm-w3", "ул. Сатпаева", "76 А", 43.2352, 76.89),
    House("osm-w4", "мкн № 6", "12", 43.231, 76.85),
    House("osm-w5", "мкн № 6", "14", 43.2315, 76.851),
    House("osm-w6", "Самал-2", "33", 43.229, 76.951),
    House("osm-w7", "мкр Аксай 2", "13А", 43.240, 76.83),
    House("osm-w8", "улица Гоголя", "2", 43.2602, 76.947),
    House("osm-w9", "улица Гоголя", "10", 43.2602, 76.943),
    House("osm-w10", "ул. Гагарина", "7 к1", 43.245, 76.887),
    House("osm-w11", "улица Толе Би", "31/1б", 43.2552, 76.93),
    House("osm-w12", "", "5", 43.25, 76.9),
    House("osm-w13", "улица Гоголя", "магазин", 43.26, 76.94),
    House("w14", "улица Гоголя", "14", 43.2602, 76.94, also=("ул. Гагарина, 9",), complexes=("Алтын",)),
]

RENAMINGS = [Renaming("улица Кабанбай Батыра", (Name("ул. Калинина", NameRole.OLD),))]


def sources() -> CitySources:
    return CitySources("town", list(OLD_MAP), list(ROADS), list(HOUSES), list(DISTRICTS), list(RENAMINGS))


@cache
def registry() -> Registry:
    return CityBuilder(load_lexicon(), lambda _step: None).build(sources()).registry


@cache
def listener() -> Listener:
    return Listener(Resolver(registry(), load_lexicon()), load_lexicon())
