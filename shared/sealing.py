"""Confidential text at rest and on the bus: sealed with AES-256-GCM, found again by a keyed digest.

A sealed text names its key, so several keys may be in use: the newest seals, each of them opens. Keys come
from the environment: ``AVARIYKA_CONTACT_KEYS`` (newest first, separated by commas) and
``AVARIYKA_CONTACT_INDEX_KEY``, each 32 random bytes in base64 (``openssl rand -base64 32``).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.config import Misconfigured
from shared.errors import AvariykaError

KEYS = "AVARIYKA_CONTACT_KEYS"
INDEX_KEY = "AVARIYKA_CONTACT_INDEX_KEY"
_MARK = "sealed:"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(AvariykaError):
    """A sealed text was changed, or its key is none of ours."""

    code = "sealed_text_unreadable"


class Sealer:
    """Seals, opens and indexes text. Without keys it refuses to, so that nothing is kept in plain by mistake.

    An empty text is no secret and stays empty.
    """

    def __init__(self, keys: Sequence[bytes] = (), index_key: bytes = b"") -> None:
        self._ciphers = {_prefix(key): AESGCM(key) for key in keys}
        self._newest = next(iter(self._ciphers), None)
        self._index_key = index_key

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Sealer":
        """Raises :class:`Misconfigured` when a key is absent or is no key."""
        keys = [_key(KEYS, text) for text in environment.get(KEYS, "").split(",")]
        return cls(keys, _key(INDEX_KEY, environment.get(INDEX_KEY, "")))

    @property
    def has_keys(self) -> bool:
        return self._newest is not None

    @property
    def newest(self) -> str:
        """How every text begins that the newest key has sealed."""
        if self._newest is None:
            raise Misconfigured(f"set the environment variable {KEYS}")
        return self._newest

    @property
    def index_mark(self) -> str:
        """How every digest begins that the present index key has made."""
        if not self._index_key:
            raise Misconfigured(f"set the environment variable {INDEX_KEY}")
        return f"{_name(self._index_key)}:"

    def seal(self, text: str) -> str:
        """``text`` as nobody can read it without the key; each time another one."""
        if not text:
            return ""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = self._ciphers[self.newest].encrypt(nonce, text.encode(), None)
        return self.newest + base64.urlsafe_b64encode(nonce + content).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text that was sealed; raises :class:`Unreadable`."""
        if not sealed:
            return ""
        prefix, _, content = sealed.rpartition(":")
        cipher = self._ciphers.get(f"{prefix}:")
        if cipher is None:
            raise Unreadable
        try:
            raw = base64.urlsafe_b64decode(content)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as broken:
            raise Unreadable from broken

    def renew(self, text: str) -> str:
        """The same text under the newest key, whether it was sealed with an older one or never."""
        return self.seal(self.open(text) if is_sealed(text) else text)

    def index(self, text: str) -> str:
        """Equal texts have equal digests: finds a row without reading it."""
        return self.index_mark + hmac.new(self._index_key, text.encode(), hashlib.sha256).hexdigest()


def is_sealed(text: str) -> bool:
    return text.startswith(_MARK)


def new_key() -> str:
    """A key as the environment holds it."""
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


def _prefix(key: bytes) -> str:
    return f"{_MARK}{_name(key)}:"


def _name(key: bytes) -> str:
    """What a key is called in the texts it has sealed; tells nothing about the key."""
    return hashlib.sha256(b"name of " + key).hexdigest()[:8]


def _key(variable: str, text: str) -> bytes:
    if not text.strip():
        raise Misconfigured(f"set the environment variable {variable} (a key: openssl rand -base64 32)")
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Misconfigured(f"{variable}: a key is 32 bytes in base64 (openssl rand -base64 32)")
    return key
