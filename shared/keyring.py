"""The public keys that access tokens are checked with: several at once, so that the signing key can change.

The file holds PEM blocks one after another, or a JSON Web Key Set (RFC 7517) as ``crews`` serves it. A key is
named by its thumbprint, which a token's ``kid`` repeats. A changed file is read again without a restart.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from shared.config import Misconfigured
from shared.logs import get_logger

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_LOOK_EVERY = timedelta(seconds=5)
_log = get_logger(__name__)

Keys = Mapping[str, Ed25519PublicKey]


def key_id(key: Ed25519PublicKey) -> str:
    """The name of a key: 12 bytes of the SHA-256 of its raw bytes, in URL-safe base64."""
    return base64.urlsafe_b64encode(hashlib.sha256(_raw(key)).digest()[:12]).decode()


def read_keys(text: str) -> Keys:
    """The keys in a text by name; raises Misconfigured if there is none, or one of another kind."""
    try:
        found = list(_from_set(text) if text.lstrip().startswith("{") else _from_pem(text))
    except (ValueError, TypeError, KeyError, AttributeError) as broken:
        raise Misconfigured("AVARIYKA_TOKEN_PUBLIC_KEY_FILE holds a broken key") from broken
    if not found or not all(isinstance(key, Ed25519PublicKey) for key in found):
        raise Misconfigured("AVARIYKA_TOKEN_PUBLIC_KEY_FILE holds no Ed25519 public keys")
    return {key_id(key): key for key in found}


def write_pem(keys: Iterable[Ed25519PublicKey]) -> str:
    """Keys as PEM blocks, in their order."""
    return "".join(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode() for key in keys)


def write_set(keys: Keys) -> dict[str, Any]:
    """Keys as a JSON Web Key Set (RFC 8037 for Ed25519)."""
    return {"keys": [{**_jwk(key), "kid": name, "use": "sig", "alg": "EdDSA"} for name, key in keys.items()]}


class Keyring:
    """The keys of a file, read again at most every five seconds when the file has changed."""

    def __init__(self, keys: Keys, path: Path | None = None) -> None:
        self._keys = keys
        self._path = path
        self._stamp = _stamp(path)
        self._looked_at: datetime | None = None

    @classmethod
    def from_file(cls, path: str) -> "Keyring":
        return cls(read_keys(Path(path).read_text(encoding="ascii")), Path(path))

    def current(self, now: datetime) -> Keys:
        """The keys that count now. A file that cannot be read leaves them as they were, and is logged."""
        if self._path is not None and (self._looked_at is None or now - self._looked_at >= _LOOK_EVERY):
            self._looked_at = now
            self._look(self._path)
        return self._keys

    def _look(self, path: Path) -> None:
        stamp = _stamp(path)
        if stamp == self._stamp:
            return
        try:
            self._keys = read_keys(path.read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError, Misconfigured) as broken:
            _log.error("keys_unreadable", reason=str(broken))
            return
        self._stamp = stamp
        _log.info("keys_read", kids=sorted(self._keys))


def _stamp(path: Path | None) -> tuple[int, int] | None:
    """What changes when the file does."""
    try:
        state = path.stat() if path else None
    except OSError:
        return None
    return (state.st_mtime_ns, state.st_ino) if state else None


def _from_pem(text: str) -> Iterable[Any]:
    return (load_pem_public_key(block.encode()) for block in _PEM.findall(text))


def _from_set(text: str) -> Iterable[Ed25519PublicKey]:
    listed = (key for key in json.loads(text)["keys"] if key.get("crv") == "Ed25519")
    return (Ed25519PublicKey.from_public_bytes(_bytes(key["x"])) for key in listed)


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    x = base64.urlsafe_b64encode(_raw(key)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x}


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
