"""Defaults from the file, the environment above it, and a message that says what to set."""

from pathlib import Path
from typing import Any

import pytest

from shared import config
from shared.config import Misconfigured, Settings


def settings(environment: dict[str, str] | None = None, **values: Any) -> Settings:
    return Settings("routing", values, environment or {})


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which ``routing`` is the only service."""
    monkeypatch.setattr(config, "ROOT", tmp_path)
    home = tmp_path / "services" / "routing"
    home.mkdir(parents=True)
    return home


def test_the_file_gives_defaults_and_the_environment_wins(repository: Path) -> None:
    (repository / "config.yml").write_text("offer_timeout_s: 60\nradius_m: 500\n")
    loaded = Settings.load("routing", {"AVARIYKA_ROUTING_RADIUS_M": "800"})
    assert (loaded.get("offer_timeout_s"), loaded.get("radius_m")) == (60, 800)


def test_a_service_without_a_file_or_with_an_empty_one_has_only_the_environment(repository: Path) -> None:
    assert Settings.load("routing", {}).values == {}
    (repository / "config.yml").write_text("# nothing yet\n")
    assert Settings.load("routing", {}).get("radius_m", 5) == 5


def test_the_environment_of_another_service_does_not_count() -> None:
    assert settings({"AVARIYKA_CREWS_RADIUS_M": "800"}, radius_m=500).get("radius_m") == 500


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("0.5", 0.5), ("true", True), ("[a, b]", ["a", "b"]), ("каз", "каз"), ("", None)],
)
def test_text_of_the_environment_is_read_as_yaml(text: str, value: Any) -> None:
    assert settings({"AVARIYKA_ROUTING_SETTING": text}, setting="default").get("setting") == value


def test_unreadable_yaml_names_the_variable() -> None:
    with pytest.raises(Misconfigured, match="AVARIYKA_ROUTING_SETTING"):
        settings({"AVARIYKA_ROUTING_SETTING": "[1, "}).get("setting")


@pytest.mark.parametrize(
    ("attribute", "variable"),
    [("amqp_uri", "AVARIYKA_AMQP_URI"), ("database_url", "AVARIYKA_ROUTING_DATABASE_URL")],
)
def test_a_missing_secret_names_the_variable_to_set(attribute: str, variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        getattr(settings(), attribute)
    assert getattr(settings({variable: "value"}), attribute) == "value"


def test_a_secret_is_taken_word_for_word() -> None:
    assert settings({"AVARIYKA_TWILIO_AUTH_TOKEN": "007"}).secret("AVARIYKA_TWILIO_AUTH_TOKEN") == "007"


def test_a_secret_is_never_looked_for_in_the_file() -> None:
    with pytest.raises(Misconfigured):
        _ = settings(database_url="postgresql://file").database_url


def test_every_service_has_its_own_port_and_is_reached_there_unless_told() -> None:
    binds = [Settings(name, {}, {}).bind for name in config.SERVICES]
    assert binds == [f"127.0.0.1:{port}" for port in range(8101, 8107)]
    assert settings().public_url == "http://127.0.0.1:8103"
    assert settings({"AVARIYKA_ROUTING_PUBLIC_URL": "https://ads.kz/"}).public_url == "https://ads.kz"


def test_the_number_of_workers_is_a_setting() -> None:
    assert settings().workers == 10
    assert settings({"AVARIYKA_ROUTING_WORKERS": "4"}, workers=20).workers == 4
