"""A real browser for tests: Chromium, headless, with screens of the sizes that people hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from scripts import browser

PHONE: ViewportSize = {"width": 360, "height": 720}
SMALLEST: ViewportSize = {"width": 320, "height": 568}
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine; the test says what to do when there is none."""
    if browser.is_unwanted():
        pytest.skip(f"{browser.VARIABLE}={browser.NONE}: tests in a browser were not wanted")
    program = browser.find()
    assert program, f"no Chromium: `./avariyka test` installs it, or set {browser.VARIABLE} to a program"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=browser.flags(), timeout=PATIENCE_MS
        )
        yield running
        running.close()


def phone(
    running: Browser, language: str = "ru", size: ViewportSize | None = None, **how: Any
) -> BrowserContext:
    """A new phone: nothing installed, nobody logged in."""
    context = running.new_context(
        viewport=size or PHONE,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale={"ru": "ru-KZ", "kk": "kk-KZ"}[language],
        timezone_id="Asia/Almaty",
        **how,
    )
    context.set_default_timeout(PATIENCE_MS)
    return context
