"""The crews' app on a phone, used as a fitter uses it: by what is written on the buttons."""

from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Locator, Page, expect

from services.crews.schemas.app import texts
from tests.support.crewing import LOGIN, PASSWORD

_SESSION = """async (change) => {
    const open = indexedDB.open("avariyka-crews");
    const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
    const facts = db.transaction("facts", "readwrite").objectStore("facts");
    const read = facts.get("session");
    await new Promise((done) => { read.onsuccess = done; });
    const write = facts.put({ ...read.result, ...change }, "session");
    await new Promise((done) => { write.onsuccess = done; });
    db.close();
}"""


class CrewPhone:
    """One phone; ``page`` is the app on it. Errors of the page are in ``failures``."""

    def __init__(self, context: BrowserContext, url: str, language: str = "ru") -> None:
        self._context = context
        self._url = url
        self._texts = texts(language)
        self.failures: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        """Start the app, as by a touch of its icon."""
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.goto(f"{self._url}/app/")
        return self.page

    def restart(self) -> None:
        """The phone killed the app, and the fitter starts it again."""
        self.page.close()
        self.open()

    def log_in(self, password: str = PASSWORD) -> None:
        """With the crew's login and password, not with a code."""
        if not self.page.locator("[name=login]").is_visible():
            self.page.get_by_text(self.say("login.with_password")).tap()
        self.page.fill("[name=login]", LOGIN)
        self.page.fill("[name=password]", password)
        self.press("login.enter")

    def pair(self, code: str) -> None:
        """With the code that a dispatcher reads out."""
        self.page.fill("[name=code]", code)
        self.press("login.connect")

    def is_installed(self) -> None:
        """Wait until the app could start without network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def lose_network(self) -> None:
        self._context.set_offline(True)

    def find_network(self) -> None:
        self._context.set_offline(False)

    def say(self, key: str, **values: Any) -> str:
        return self._texts[key].format(**values)

    def press(self, key: str) -> None:
        """Touch the button with this text of the catalogue."""
        self.page.get_by_role("button", name=self.say(key), exact=True).tap()

    def take(self, assignment_id: str) -> None:
        """Open an order from the first page."""
        self.page.goto(f"{self._url}/app/#/")
        self.page.locator(f'a[href="#/order/{assignment_id}"]').tap()

    def sees(self, key: str, **values: Any) -> None:
        """The text is on the page, or comes."""
        expect(self.page.locator("main")).to_contain_text(self.say(key, **values))

    def waits(self) -> Locator:
        """Marks of steps that are not with the service yet, on the page of an order."""
        return self.page.locator(".history .waits")

    def pass_gate(self, gas: str = "0") -> None:
        """Answer the safety gate and press its button."""
        self.page.check("[name=ventilation]")
        self.page.check("[name=ppe]")
        self.page.fill("[name='reading gas %LEL']", gas)
        self.press("verb.start")

    def localise(self, note: str) -> None:
        self.press("verb.localise")
        self.page.fill("[name=note]", note)
        self.press("verb.localise")

    def complete(self, result: str = "fixed") -> None:
        self.press("verb.complete")
        self.page.check(f"[value={result}]")
        self.press("verb.complete")

    def change_session(self, **values: Any) -> None:
        """Make the kept session another one, as time or an administrator would."""
        self.page.evaluate(_SESSION, values)

    def module(self, name: str) -> str:
        """The address of one of the app's modules, for ``import()`` in the page."""
        found: str = self.page.evaluate(
            "(name) => new URL(`./${name}`, document.querySelector('script').src).href", quote(name)
        )
        return found
