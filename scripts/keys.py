"""The key pair that signs access tokens: made once per instance, readable by its owner only."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from scripts import memory


def ensure(directory: Path) -> tuple[Path, Path]:
    """Paths of the private and the public key (Ed25519, PEM); an existing pair is kept."""
    private, public = directory / "token.pem", directory / "token.pub.pem"
    if not (private.exists() and public.exists()):
        key = Ed25519PrivateKey.generate()
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        memory.write_private(private, text)
        shared = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        memory.write_private(public, shared)
    return private, public
