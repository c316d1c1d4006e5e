"""The public keys of access tokens: several, by name, read again when they change."""

import json
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.crews.clients import Ed25519Tokens, KeyFiles
from services.crews.domain.access import Login, Role
from shared.auth import TokenInvalid, TokenReader
from shared.clock import FixedClock
from shared.config import Misconfigured
from shared.keyring import Keyring, key_id, read_keys, write_pem, write_set
from tests.support.fakes import NOON
from tests.support.keys import key_pair
from tests.unit.crews.examples import CREW, ORGANISATION
from tests.unit.shared.test_auth import CLAIMS

DEVICE = Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW)
QUARTER = timedelta(minutes=15)
KEYS = [Ed25519PrivateKey.generate().public_key() for _ in range(2)]


def test_keys_are_read_as_they_were_written_in_both_forms() -> None:
    names = [key_id(key) for key in KEYS]
    assert list(read_keys(write_pem(KEYS))) == names
    written = write_set(read_keys(write_pem(KEYS)))
    assert list(read_keys(json.dumps(written))) == names
    assert jwt.PyJWKSet.from_dict(written)[names[1]].key == KEYS[1]


def _elliptic() -> str:
    key = generate_private_key(SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("text", ["", "no key", "{}", '{"keys": []}', '{"keys": [7]}', "[", _elliptic()])
def test_a_file_without_usable_keys_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="AVARIYKA_TOKEN_PUBLIC_KEY_FILE"):
        read_keys(text)


def test_a_token_without_a_name_is_tried_with_every_key() -> None:
    reader = TokenReader(write_pem(KEYS) + key_pair().public_pem, FixedClock(NOON))
    assert reader.read(jwt.encode(CLAIMS, key_pair().private_pem, algorithm="EdDSA")).id == "person-1"


@pytest.mark.parametrize("kid", ["nobody's", key_id(KEYS[0])], ids=["nobody", "another"])
def test_a_token_that_names_another_key_is_refused(kid: str) -> None:
    reader = TokenReader(write_pem(KEYS) + key_pair().public_pem, FixedClock(NOON))
    with pytest.raises(TokenInvalid):
        reader.read(jwt.encode(CLAIMS, key_pair().private_pem, algorithm="EdDSA", headers={"kid": kid}))


class Rotation:
    """A signer and a reader in two processes, on files that a command changes."""

    def __init__(self, home: Path) -> None:
        private, public = home / "token.pem", home / "token.pub.pem"
        private.write_text(key_pair().private_pem)
        public.write_text(key_pair().public_pem)
        self.public = public
        self.files = KeyFiles(private, public)
        self.clock = FixedClock(NOON)
        self.signer = Ed25519Tokens.from_file(str(private), QUARTER)
        self.reader = TokenReader(Keyring.from_file(str(public)), self.clock)

    def sign(self) -> str:
        return self.signer.issue(DEVICE, self.clock.now(), CREW).access_token

    def read(self, token: str) -> str:
        return self.reader.read(token).id


@pytest.fixture
def rotation(tmp_path: Path) -> Rotation:
    return Rotation(tmp_path)


def test_the_signing_key_changes_and_no_token_is_refused_on_the_way(rotation: Rotation) -> None:
    old = rotation.sign()
    coming = rotation.files.prepare()
    assert rotation.files.prepare() == coming
    rotation.clock.advance(timedelta(seconds=6))
    assert rotation.read(old) == rotation.read(rotation.sign()) == "crew-7"
    assert rotation.files.switch() == coming
    rotation.clock.advance(timedelta(seconds=6))
    new = rotation.sign()
    assert jwt.get_unverified_header(new)["kid"] == coming
    assert rotation.read(old) == rotation.read(new) == "crew-7"
    assert rotation.files.retire() == coming
    rotation.clock.advance(timedelta(seconds=6))
    assert rotation.read(new) == "crew-7"
    with pytest.raises(TokenInvalid):
        rotation.read(old)


def test_a_broken_public_file_leaves_the_keys_as_they_were(rotation: Rotation) -> None:
    token = rotation.sign()
    rotation.public.write_text("half a ke")
    rotation.clock.advance(timedelta(seconds=6))
    assert rotation.read(token) == "crew-7"


def test_there_is_nothing_to_switch_to_before_it_is_prepared(rotation: Rotation) -> None:
    with pytest.raises(Misconfigured):
        rotation.files.switch()
