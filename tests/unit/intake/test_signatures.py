"""Our guard of the webhooks against the provider's own published signatures."""

import json
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from services.intake.clients import TwilioSignatures
from services.intake.errors import InvalidSignature
from shared.config import ROOT

PUBLISHED = json.loads(
    (ROOT / "tests" / "data" / "twilio_signature_vectors.json").read_text(encoding="utf-8")
)
FORMS = [vector for vector in PUBLISHED["vectors"] if "body" not in vector]
GUARD = TwilioSignatures(PUBLISHED["auth_token"])


def form_of(vector: dict[str, Any]) -> MultiDict[str, str]:
    return MultiDict([(name, value) for name, value in vector["params"]])


@pytest.mark.parametrize("vector", FORMS, ids=lambda vector: vector["name"])
def test_what_the_provider_signed_is_let_in_and_a_changed_form_is_not(vector: dict[str, Any]) -> None:
    GUARD.check(vector["url"], form_of(vector), vector["signature"])
    changed = form_of(vector)
    changed.add("Body", "changed on the way")
    with pytest.raises(InvalidSignature):
        GUARD.check(vector["url"], changed, vector["signature"])
    with pytest.raises(InvalidSignature):
        GUARD.check(vector["url"], form_of(vector), "")


def test_all_published_forms_are_tried() -> None:
    assert len(FORMS) >= 6
