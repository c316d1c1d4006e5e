"""What crews bring from the site through the real process: photos and video over a line that breaks."""

import hashlib
import os
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
import requests
from PIL import Image
from pypdf import PdfReader

from tests.integration.test_crews_service import ASSIGNMENT, STRANGER, Crews, crews
from tests.support.database import everything
from tests.support.keys import token

__all__ = ["crews"]
pytestmark = pytest.mark.servers
MASTER = {"Authorization": f"Bearer {token('master-1', ('master',))}"}
ADMINISTRATOR = {"Authorization": f"Bearer {token('administrator-1', ('administrator',))}"}


def announce(crews: Crews, content: bytes, kind: str, **changes: Any) -> requests.Response:
    body = {
        "id": str(uuid4()),
        "kind": kind,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "taken_at": "2026-11-24T18:05:00+05:00",
        "lat": 43.24,
        "lon": 76.91,
        **changes,
    }
    return crews.post(f"/v1/assignments/{ASSIGNMENT}/media", json=body, headers=crews.headers())


def send(crews: Crews, media_id: str, start: int, piece: bytes) -> requests.Response:
    headers = crews.headers(**{"Upload-Offset": str(start)})
    return requests.patch(f"{crews.url}/v1/media/{media_id}/content", data=piece, headers=headers, timeout=60)


def finish(crews: Crews, media_id: str) -> requests.Response:
    return crews.post(f"/v1/media/{media_id}/finish", headers=crews.headers())


def test_a_video_arrives_over_a_line_that_breaks_and_is_read_from_anywhere(crews: Crews) -> None:
    crews.offered()
    video = b"\x00\x00\x00\x18ftypmp42" + os.urandom(2_500_000)
    coming = announce(crews, video, "video").json()
    assert send(crews, coming["id"], 0, video[: 2**20]).json()["received"] == 2**20
    gap = send(crews, coming["id"], 2_000_000, video[2_000_000:])
    assert (gap.status_code, gap.json()["details"]) == (409, {"received": 2**20})
    assert finish(crews, coming["id"]).json()["code"] == "upload_incomplete"
    for start in (500_000, 1_500_000, 2_400_000):
        send(crews, coming["id"], start, video[start : start + 1_000_000])
    assert [finish(crews, coming["id"]).json()["finished"] for _ in range(2)] == [True, True]
    path = f"/v1/media/{coming['id']}/content"
    whole = crews.get(path, headers=MASTER)
    assert (whole.content == video, whole.headers["Content-Type"]) == (True, "video/mp4")
    for asked, wanted in (("1048570-1048580", video[1048570:1048581]), ("0-", video)):
        part = crews.get(path, headers={**MASTER, "Range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, wanted)
    assert crews.get(path, headers={"Authorization": f"Bearer {STRANGER}"}).status_code == 404


def test_a_photo_is_made_harmless_and_a_wrong_one_refused_in_the_callers_language(crews: Crews) -> None:
    crews.offered()
    buffer = BytesIO()
    Image.new("RGB", (2000, 1000), "blue").save(buffer, "PNG")
    for content, answer in ((buffer.getvalue(), 200), (b"<svg onload=alert(1)>", 422)):
        coming = announce(crews, content, "photo").json()
        send(crews, coming["id"], 0, content)
        assert finish(crews, coming["id"]).status_code == answer
    [photo, refused] = sorted(
        crews.get(f"/v1/assignments/{ASSIGNMENT}/media", headers=MASTER).json()["media"],
        key=lambda media: not media["finished"],
    )
    assert (photo["content_type"], photo["width"], photo["height"]) == ("image/jpeg", 1600, 800)
    assert not refused["finished"]
    shown = crews.get(f"/v1/media/{photo['id']}/content", headers=crews.headers())
    assert Image.open(BytesIO(shown.content)).format == "JPEG"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    damaged = announce(crews, b"abc", "video", sha256="0" * 64).json()
    send(crews, damaged["id"], 0, b"abc")
    told = finish(crews, damaged["id"]).json()
    assert (told["code"], told["title"]) == (
        "upload_damaged",
        "Файл дошёл повреждённым. Отправьте его сначала.",
    )
    too_large = announce(crews, b"abc", "video", size=65 * 2**20)
    assert (too_large.status_code, too_large.json()["details"]) == (413, {"limit_mb": 64})
    assert send(crews, damaged["id"], 0, b"x" * (2**20 + 1)).json()["code"] == "too_large"


def write(crews: Crews, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.request(method, crews.url + path, json=body, headers=crews.headers(), timeout=60)
    assert answer.status_code == 200, answer.text
    written: dict[str, Any] = answer.json()
    return written


def signing(party: str, means: str, **changes: Any) -> dict[str, Any]:
    body = {"id": str(uuid4()), "version": 1, "party": party, "means": means, "name": "Нұрғалиева Ә. Ө."}
    return {**body, "at": "2026-11-24T18:40:00+05:00", **changes}


@pytest.mark.rule("207-VIII")
def test_an_accident_goes_from_the_site_to_a_signed_paper_and_onto_the_timeline(crews: Crews) -> None:
    crews.offered()
    told = {"who": "104", "channel": "phone", "at": "2026-11-24T18:04:00+05:00"}
    assert crews.record(kind="safety", safety={"item": "called_104", "told": told}).status_code == 200
    [alert] = crews.told("alert.recorded", "journal", 1)
    assert (alert.data["told"], alert.data["item"]) == ("104", "called_104")
    new = {"id": str(uuid4()), "type": "accident_act", "statement": {"cause": "Коррозия стояка"}}
    act = write(crews, "POST", f"/v1/assignments/{ASSIGNMENT}/documents", new)
    assert act == write(crews, "POST", f"/v1/assignments/{ASSIGNMENT}/documents", new)
    path = f"/v1/documents/{act['id']}"
    early = crews.post(f"{path}/signatures", json=signing("harmed", "named"), headers=crews.headers())
    assert early.json()["details"]["missing"] == ["happened_at", "place", "media"]
    assert early.json()["errors"]["place"] == ["Укажите место аварийного случая."]
    photo(crews)
    law = {"cause": "Коррозия", "place": "Подвал", "happened_at": "2026-11-24T16:40:00+05:00"}
    revised = write(crews, "PUT", path, {"version": 1, "statement": law})
    assert revised["version"] == 2
    line = [[0.0, 0.5], [0.5, 0.1], [1.0, 0.9]]
    for body in (
        signing("harmed", "drawn", version=2, strokes=[line]),
        signing("causer", "absent", version=2, reason="не установлен"),
        signing("chair", "refused", version=2, reason="не согласен с причиной"),
    ):
        for _ in range(2):
            signed = write(crews, "POST", f"{path}/signatures", body)
    year = signed["frozen_at"][:4]
    assert (signed["state"], signed["number"]) == ("signed", f"1/{year}")
    frozen = requests.put(
        crews.url + path, json={"version": 2, "statement": law}, headers=crews.headers(), timeout=60
    )
    assert (frozen.status_code, frozen.json()["code"]) == (409, "document_frozen")
    [heard] = crews.told("document.signed", "journal", 1)
    assert (heard.data["document_number"], heard.data["sha256"]) == (signed["number"], signed["sha256"])
    assert heard.data["unsigned_parties"] == ["causer", "chair"]
    read(crews, path)
    assert "Нұрғалиева" not in everything(crews.database_url)
    reading = crews.get("/v1/access-log", headers=ADMINISTRATOR).json()["acts"]
    assert {(act["act"], act["by"]) for act in reading} >= {("document_read", "master-1")}


def photo(crews: Crews) -> None:
    buffer = BytesIO()
    Image.new("RGB", (200, 100), "blue").save(buffer, "JPEG")
    coming = announce(crews, buffer.getvalue(), "photo").json()
    send(crews, coming["id"], 0, buffer.getvalue())
    assert finish(crews, coming["id"]).status_code == 200


def read(crews: Crews, path: str) -> None:
    """As its master, in Kazakh, as a page and as PDF; not as another crew."""
    kazakh = {**MASTER, "Accept-Language": "kk"}
    pdf = crews.get(f"{path}.pdf", headers=kazakh)
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    text = PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    assert "Авариялық жағдай" in text
    html = crews.get(f"{path}.html?lang=ru", headers=kazakh)
    assert "Акт о факте аварийного случая" in html.text
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    stranger = {"Authorization": f"Bearer {STRANGER}"}
    assert crews.get(f"{path}.pdf", headers=stranger).json()["code"] == "document_not_found"
    assert crews.get(f"{path}.pdf?lang=en", headers=MASTER).status_code == 400
