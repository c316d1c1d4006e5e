"""Hashing and signing with the real libraries."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import eventlet
import jwt
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from services.crews.clients import Argon2Passwords, Ed25519Tokens, RandomSecrets
from services.crews.domain.access import Login, Role
from services.crews.usecases.ports import Passwords
from services.crews.wiring import in_threads
from shared.auth import Actor, TokenExpired, TokenReader
from shared.clock import FixedClock
from shared.config import Misconfigured
from tests.support.keys import key_pair
from tests.unit.crews.examples import CREW, NOON, ORGANISATION
from tests.unit.crews.fakes import PlainPasswords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
DEVICE = Login("crew-7", ORGANISATION, frozenset({Role.CREW}), crew_id=CREW)
SESSION = UUID(int=77)
TWELVE_HOURS = timedelta(hours=12)


@pytest.mark.parametrize("passwords", [PlainPasswords(), Argon2Passwords(hasher=QUICK)], ids=["fake", "real"])
def test_a_password_matches_its_own_hash_and_no_other(passwords: Passwords) -> None:
    stored = passwords.hash("right")
    assert passwords.matches(stored, "right")
    assert not passwords.matches(stored, "wrong")
    assert not passwords.matches(None, "right")


def test_where_nothing_is_stored_the_same_work_is_done() -> None:
    """Not by the clock, which would make a test of luck: by counting what the hasher is asked to verify."""
    verified: list[str] = []

    def watch(work: Callable[..., Any], *arguments: Any) -> Any:
        verified.append(arguments[0])
        return work(*arguments)

    passwords = Argon2Passwords(run=watch, hasher=QUICK)
    passwords.matches(QUICK.hash("right"), "wrong")
    passwords.matches(None, "wrong")
    assert len(verified) == 2
    assert {stored.rsplit("$", 2)[0] for stored in verified} == {verified[0].rsplit("$", 2)[0]}


def test_hashing_does_not_stall_the_hub() -> None:
    """Argon2 is native code: run on the hub's own thread it would stop every other green thread.

    In a thread of its own it lets the hub turn: the counter below moves while the hash is computed.
    """
    passwords = Argon2Passwords(run=in_threads(2))
    turns = 0

    def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            eventlet.sleep(0)

    turning = eventlet.spawn(turn)
    eventlet.sleep(0)
    before = turns
    stored = passwords.hash("right")
    while_hashing = turns - before
    turning.kill()
    assert stored.startswith("$argon2id$")
    assert while_hashing > 10


def test_no_more_hashes_are_computed_at_once_than_allowed() -> None:
    alone = threading.Lock()

    def work() -> bool:
        if not alone.acquire(blocking=False):
            return False
        QUICK.hash("right")
        alone.release()
        return True

    run = in_threads(1)
    pool = eventlet.GreenPool()
    assert [green.wait() for green in [pool.spawn(run, work) for _ in range(20)]] == [True] * 20


def test_a_token_says_who_it_is_for_and_the_suite_believes_it() -> None:
    keys = key_pair()
    token = Ed25519Tokens(keys.private_pem, TWELVE_HOURS).issue(DEVICE, NOON, SESSION)
    actor = TokenReader(keys.public_pem, FixedClock(NOON)).read(token.access_token)
    assert actor == Actor("crew-7", frozenset({"crew"}), str(CREW), str(ORGANISATION), str(SESSION))
    assert (token.actor_id, token.roles, token.expires_at) == ("crew-7", ("crew",), NOON + TWELVE_HOURS)


def test_a_token_ends_when_it_says() -> None:
    keys, clock = key_pair(), FixedClock(NOON)
    token = Ed25519Tokens(keys.private_pem, TWELVE_HOURS).issue(DEVICE, NOON, SESSION)
    clock.advance(TWELVE_HOURS + timedelta(minutes=1))
    with pytest.raises(TokenExpired):
        TokenReader(keys.public_pem, clock).read(token.access_token)


def test_a_token_names_its_key() -> None:
    tokens = Ed25519Tokens(key_pair().private_pem, TWELVE_HOURS)
    header = jwt.get_unverified_header(tokens.issue(DEVICE, NOON, SESSION).access_token)
    assert header == {"alg": "EdDSA", "typ": "JWT", "kid": tokens.kid}


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(hours=12, seconds=1)])
def test_a_token_lives_more_than_nothing_and_at_most_half_a_day(lifetime: timedelta) -> None:
    with pytest.raises(Misconfigured):
        Ed25519Tokens(key_pair().private_pem, lifetime)


def _elliptic() -> str:
    key = generate_private_key(SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


@pytest.mark.parametrize("key", ["", "no key", key_pair().public_pem, _elliptic()])
def test_another_kind_of_key_is_refused_with_the_name_of_the_setting(key: str) -> None:
    with pytest.raises(Misconfigured, match="AVARIYKA_TOKEN_PRIVATE_KEY_FILE"):
        Ed25519Tokens(key, TWELVE_HOURS)


def test_a_key_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"nowhere\.pem"):
        Ed25519Tokens.from_file("nowhere.pem", TWELVE_HOURS)


def test_secrets_are_unlike_each_other_and_their_digests_tell_nothing() -> None:
    secrets = RandomSecrets()
    tokens = {secrets.refresh_token() for _ in range(100)}
    assert len(tokens) == len({secrets.digest(token) for token in tokens}) == 100
    assert min(map(len, tokens)) >= 43
    codes = [secrets.pairing_code() for _ in range(100)]
    assert all(len(code) == 8 and code.isdigit() for code in codes)
    assert len(set(codes)) > 90
