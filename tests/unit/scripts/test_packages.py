"""What has to be installed for a test run, and what is said when it cannot be."""

from pathlib import Path

import pytest

from scripts import browser, packages
from scripts.errors import Exit


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "my-chrome"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_browser_is_installed_unless_one_is_here_or_none_is_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.missing_browser({}) == ["chromium"]
    assert packages.missing_browser({browser.VARIABLE: "none"}) == []
    assert packages.missing_browser({browser.VARIABLE: str(program)}) == []
    assert packages.missing_browser({browser.VARIABLE: str(tmp_path / "nowhere")}) == ["chromium"]
    program.rename(tmp_path / "chromium-browser")
    assert packages.missing_browser({}) == []


def test_a_browser_that_cannot_be_had_is_explained_with_a_way_out(tmp_path: Path) -> None:
    said = packages.explain("E: Unable to locate package chromium", ["chromium"], tmp_path / "apt.log")
    assert said.code is Exit.NETWORK
    assert browser.VARIABLE in str(said)
    assert "AVARIYKA_AMQP_URI" not in str(said)
