"""The crews' app on a phone, used as a fitter uses it: by what is written on the buttons."""

import json
from base64 import b64decode
from typing import Any

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

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

_FILM = """async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 64];
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    const paint = setInterval(() => {
        const pencil = canvas.getContext("2d");
        pencil.fillStyle = `hsl(${performance.now() % 360} 80% 50%)`;
        pencil.fillRect(0, 0, 64, 64);
    }, 50);
    await new Promise((done) => { setTimeout(done, 1000); });
    clearInterval(paint);
    await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
    const url = await new Promise((done) => {
        const reader = new FileReader();
        reader.onload = () => done(reader.result);
        reader.readAsDataURL(new Blob(parts));
    });
    return url.split(",")[1];
}"""

_FAULTS = """() => {
    const faults = [];
    const seen = (one) => one.offsetParent && getComputedStyle(one).visibility !== "hidden";
    if (document.scrollingElement.scrollWidth > innerWidth) faults.push("wider than the screen");
    for (const one of document.querySelectorAll("a, button, summary, .choice, input, textarea")) {
        if (!seen(one) || (one.tagName === "INPUT" && one.closest(".choice"))) continue;
        const { width, height } = one.getBoundingClientRect();
        if (width < 48 || height < 48) faults.push(`small: ${one.outerHTML.slice(0, 80)}`);
        const isButton = /^(A|BUTTON)$/.test(one.tagName);
        if (isButton && one.scrollWidth > one.clientWidth + 1) faults.push(`too wide: ${one.textContent}`);
        const name = one.ariaLabel || one.textContent || one.labels?.[0]?.textContent;
        if (!name) faults.push(`nameless: ${one.outerHTML}`);
    }
    for (const one of document.querySelectorAll("h1, h2, p, a, button, span, li, small, legend")) {
        const own = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        const words = own.map((node) => node.textContent).join("").trim();
        if (!words || !seen(one)) continue;
        if (/^[a-z]+\\.[a-z_.]+$/.test(words)) faults.push(`no text: ${words}`);
        const ratio = contrast(colour(one), background(one));
        if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(1)}: ${words.slice(0, 40)}`);
    }
    return faults;

    function parts(css) { return css.match(/[\\d.]+/g).map(Number); }
    function colour(one) { return parts(getComputedStyle(one).color); }
    function background(one) {
        for (let at = one; at; at = at.parentElement) {
            const found = parts(getComputedStyle(at).backgroundColor);
            if (found.length === 3 || found[3] > 0) return found;
        }
        return [255, 255, 255];
    }
    function contrast(a, b) {
        const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
        return (high + 0.05) / (low + 0.05);
    }
    function light([r, g, b]) {
        const [x, y, z] = [r, g, b].map((one) => one / 255)
            .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    }
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
        expect(self.page.locator("[name=code]")).to_be_visible()
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

    def wear(self, theme: str) -> None:
        self.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)

    def go(self, path: str) -> None:
        """To a page of the app; it is there when this returns."""
        self.page.evaluate("(path) => { location.hash = `#/${path}`; }", path)
        expect(self.page.locator("main")).to_have_attribute("data-at", path)

    def faults_of_layout(self) -> list[str]:
        """What WCAG 2.2 and gloves forbid on this page: overflow, small or nameless targets, weak contrast,
        and keys where a text should stand."""
        found: list[str] = self.page.evaluate(_FAULTS)
        return found

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
        """Answer everything that the safety gate asks before work and press its button."""
        self._answer_gate(gas)
        self.press("verb.start")

    def _answer_gate(self, gas: str) -> None:
        expect(self.page.locator("form")).to_be_visible()
        self._fill("input[name$=' amount']", "2")
        self._fill("input[name$='reading gas %LEL']", gas)
        self._fill("input[name$=' who']", "104")
        self._fill("input[name$=' by']", "Мастер")
        self._fill("textarea[name$=' people']", "Первая, Второй")
        for box in self.page.locator("input[type=checkbox]:not([name$=' absent'])").all():
            box.check()

    def _fill(self, fields: str, text: str) -> None:
        for field in self.page.locator(fields).all():
            field.fill(text)

    def localise(self, note: str) -> None:
        self.press("verb.localise")
        self.page.fill("[name=note]", note)
        self._answer_gate("0")
        self.press("verb.localise")

    def complete(self, result: str = "fixed") -> None:
        self.press("verb.complete")
        self.page.check(f"[value={result}]")
        self.press("verb.complete")

    def push(self, word: dict[str, str]) -> None:
        """Have the browser's push service deliver a word to the app."""
        developer = self._context.new_cdp_session(self.page)
        found: list[dict[str, Any]] = []
        developer.on(
            "ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"])
        )
        developer.send("ServiceWorker.enable")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")
        told = {"registrationId": found[-1]["registrationId"], "data": json.dumps(word)}
        developer.send("ServiceWorker.deliverPushMessage", {"origin": self._url, **told})
        developer.detach()

    def notifications(self) -> list[str]:
        """The titles of what the phone shows."""
        shown: list[str] = self.page.evaluate(
            "navigator.serviceWorker.ready.then((one) => one.getNotifications())"
            ".then((all) => all.map((one) => one.title))"
        )
        return shown

    def photograph(self) -> None:
        """Take a picture: of the app itself, for want of a leak."""
        picture = self.page.screenshot(type="jpeg")
        shot = FilePayload(name="shot.jpg", mimeType="image/jpeg", buffer=picture)
        self.page.locator("#photo").set_input_files(shot)

    def film(self) -> None:
        """Take a video: a second of a square that changes its colour."""
        recorded = b64decode(self.page.evaluate(_FILM))
        shot = FilePayload(name="shot.webm", mimeType="video/webm", buffer=recorded)
        self.page.locator("#video").set_input_files(shot)

    def watch(self) -> None:
        """Open the only video of the order that is shown; it plays when this returns."""
        self.page.locator(".film").filter(has_text="▶").tap()
        self.page.locator("video").evaluate("(film) => film.play()")
        expect(self.page.locator("video")).to_have_js_property("ended", True)
        expect(self.page.get_by_role("alert")).to_be_hidden()

    def write_down(self, kind: str, **fields: str) -> None:
        """One record of a kind, from the page of the order and back there."""
        self._open(self.say(f"notes.{kind}"))
        self._fill_in(fields)
        self.press("notes.keep")
        expect(self.page.locator(".history li")).to_have_count(1)
        self.page.get_by_label(self.say("app.back")).tap()

    def correct(self, **fields: str) -> None:
        self._open(self.say("correct.title"))
        self._fill_in(fields)
        self.press("help.send")

    def draft(self, type_: str, **statement: str) -> None:
        """A new document of the order that is shown; it is shown then."""
        self._open(self.say("papers.title"))
        self._open(self.say(f"paper.title.{type_}"))
        self._fill_in(statement)
        self.press("papers.make")

    def sign(self, party: str, name: str) -> None:
        """Somebody signs the document that is shown, with a finger."""
        self._open(self.say("papers.sign", party=self.say(f"paper.party.{party}")))
        self.page.fill("[name=name]", name)
        self.page.check("[value=drawn]")
        self._draw([(0.1, 0.8), (0.3, 0.2), (0.5, 0.8), (0.9, 0.4)])
        self.press("papers.put")
        expect(self.page.locator(".history")).to_contain_text(name)

    def open_paper(self, language: str) -> None:
        """From the page of an order: its only document, as the service wrote it."""
        self._open(self.say("papers.title"))
        self.page.locator("a.order").tap()
        name = self.say("papers.open", language=self.say(f"language.{language}"))
        self.page.get_by_role("button", name=name).tap()

    def paper(self) -> Locator:
        return self.page.frame_locator("iframe").locator("body")

    def _open(self, text: str) -> None:
        self.page.get_by_role("link", name=text).tap()

    def _fill_in(self, fields: dict[str, str]) -> None:
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]")
            if field.evaluate("(one) => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def _draw(self, line: list[tuple[float, float]]) -> None:
        pad = self.page.locator("canvas")
        expect(pad).to_be_in_viewport(ratio=1)
        box = pad.bounding_box()
        assert box
        for number, (x, y) in enumerate(line):
            self.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
            if number == 0:
                self.page.mouse.down()
        self.page.mouse.up()

    def change_session(self, **values: Any) -> None:
        """Make the kept session another one, as time or an administrator would."""
        self.page.evaluate(_SESSION, values)
