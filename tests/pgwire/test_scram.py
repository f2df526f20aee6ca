"""SCRAM-SHA-256 and -PLUS: the RFC's own exchange, what is refused and how, verifiers and passwords as PostgreSQL makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from random import Random

import psycopg
import pytest

from fedgate.errors import SqlError
from fedgate.pgwire.scram import Exchange, Verifier, WrongProof, make_verifier, mock_verifier, read_verifier, saslprep
from tests.conftest import PostgresServer

MUTATED = 3_000
# RFC 7677, section 3.
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
FIRSTS = [FIRST, b"y,," + FIRST[3:], b"p=tls-server-end-point,," + FIRST[3:]]
SERVER_NONCE = b"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SERVER_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
FINAL = b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
PENCIL = make_verifier("pencil", SALT)
BINDING = hashlib.sha256(b"a certificate").digest()


def exchange(verifier: Verifier = PENCIL, *, genuine: bool = True, plus: bool = False, offered: bool = False) -> Exchange:
    return Exchange(verifier, genuine=genuine, binding=BINDING if plus else None, plus_offered=offered or plus, nonce=SERVER_NONCE)


def proof(password: str, server_first: bytes, *, gs2: bytes = b"n,,", binding: bytes = b"", bare: bytes = FIRST[3:]) -> bytes:
    """A client's final message."""
    attributes = dict(part.split(b"=", 1) for part in server_first.split(b","))
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), base64.b64decode(attributes[b"s"]), int(attributes[b"i"]))
    without = b"c=" + base64.b64encode(gs2 + binding) + b",r=" + attributes[b"r"]
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client_key).digest(), b",".join((bare, server_first, without)), "sha256")
    return without + b",p=" + base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True)))


def test_the_exchange_of_the_rfc() -> None:
    server = exchange()
    assert server.answer(FIRST) == SERVER_FIRST
    assert server.expects_proof
    assert server.answer(FINAL) == SERVER_FINAL
    assert server.proven


def test_channel_binding() -> None:
    server = exchange(plus=True)
    gs2 = b"p=tls-server-end-point,,"
    final = proof("pencil", server.answer(gs2 + FIRST[3:]), gs2=gs2, binding=BINDING)
    assert server.answer(final).startswith(b"v=")


@pytest.mark.parametrize("name", ["wrong password", "no such role", "tampered proof"])
def test_what_proves_nothing(name: str) -> None:
    server = exchange(mock_verifier("eve", b"secret") if name == "no such role" else PENCIL, genuine=name != "no such role")
    first = server.answer(FIRST)
    final = proof("pencil" if name != "wrong password" else "pen", first)
    if name == "tampered proof":
        final = final[:-3] + (b"A" if final[-3:-2] != b"A" else b"B") + final[-2:]
    with pytest.raises(WrongProof):
        server.answer(final)
    assert not server.proven


def test_a_role_that_may_not_come_in_is_refused_with_its_right_password() -> None:
    server = exchange(genuine=False)
    with pytest.raises(WrongProof):
        server.answer(proof("pencil", server.answer(FIRST)))


def test_a_proof_is_good_once() -> None:
    """The server's nonce is new each time, so what was heard on the way is worth nothing."""
    first, second = (Exchange(PENCIL, genuine=True) for _ in range(2))
    final = proof("pencil", first.answer(FIRST))
    second.answer(FIRST)
    with pytest.raises(SqlError, match="invalid SCRAM response"):
        second.answer(final)


@pytest.mark.parametrize(
    ("message", "sqlstate", "said"),
    [
        (b"", "08P01", "malformed"),
        (b"n", "08P01", "malformed"),
        (b"n,,", "08P01", "malformed"),
        (b"n,,r=abc,n=user", "08P01", "malformed"),
        (b"n,,n=user", "08P01", "malformed"),
        (b"n,,n=user,r=", "08P01", "malformed"),
        (b"n,,n=user,r=a\x80b", "08P01", "malformed"),
        (b"n,,n=user,r=abc\0", "08P01", "malformed"),
        (b"n,,n=user,r=abc,", "08P01", "malformed"),
        (b"nn,,n=user,r=abc", "08P01", "malformed"),
        (b"x,,n=user,r=abc", "08P01", "malformed"),
        (b"n,b=x,n=user,r=abc", "08P01", "malformed"),
        (b"n,a=other,n=user,r=abc", "0A000", "authorization identity"),
        (b"n,,m=x,n=user,r=abc", "0A000", "extension"),
        (b"p=tls-server-end-point,,n=user,r=abc", "08P01", "malformed"),
    ],
)
def test_first_messages_that_are_refused(message: bytes, sqlstate: str, said: str) -> None:
    with pytest.raises(SqlError, match=said) as caught:
        exchange().answer(message)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(
    ("flag", "plus", "offered", "sqlstate", "said"),
    [
        (b"y", False, True, "28000", "negotiation error"),  # somebody took PLUS out of what the server offered
        (b"n", True, True, "08P01", "malformed"),
        (b"y", True, True, "08P01", "malformed"),
        (b"p=tls-unique", True, True, "08P01", "unsupported SCRAM channel-binding type"),
        (b"p=tls-server-end-point", False, True, "08P01", "malformed"),
    ],
)
def test_channel_binding_flags_that_are_refused(flag: bytes, plus: bool, offered: bool, sqlstate: str, said: str) -> None:
    with pytest.raises(SqlError, match=said) as caught:
        exchange(plus=plus, offered=offered).answer(flag + b",,n=user,r=abc")
    assert caught.value.sqlstate == sqlstate


def test_flag_y_is_right_where_plus_is_not_offered() -> None:
    server = exchange()
    final = proof("pencil", server.answer(b"y,," + FIRST[3:]), gs2=b"y,,")
    assert server.answer(final).startswith(b"v=")


@pytest.mark.parametrize(
    ("binding", "gs2", "plus", "sqlstate"),
    [
        (b"another certificate", b"p=tls-server-end-point,,", True, "28000"),
        (b"", b"n,,", True, "28000"),
        (b"", b"y,,", False, "08P01"),
        (BINDING, b"n,,", False, "08P01"),
    ],
)
def test_a_proof_for_another_channel_is_refused(binding: bytes, gs2: bytes, plus: bool, sqlstate: str) -> None:
    server = exchange(plus=plus)
    first = server.answer((b"p=tls-server-end-point,," if plus else b"n,,") + FIRST[3:])
    with pytest.raises(SqlError) as caught:
        server.answer(proof("pencil", first, gs2=gs2, binding=binding))
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(
    "final",
    [
        FINAL.rpartition(b",")[0],
        FINAL[:-4],
        FINAL[:-4] + b"!!!=",
        FINAL + b",x=y",
        b"r=abc,c=biws,p=AAAA",
        FINAL.replace(b"c=biws", b"c=biwsAAAA"),
        FINAL.replace(b"hvYD", b"xvYD"),
        b"c=biws",
        b"\xff" * 900,
    ],
)
def test_final_messages_that_are_refused(final: bytes) -> None:
    server = exchange()
    server.answer(FIRST)
    with pytest.raises(SqlError) as caught:
        server.answer(final)
    assert caught.value.sqlstate == "08P01"


def test_unknown_names_look_like_roles() -> None:
    mocks = [mock_verifier(name, b"secret") for name in ("ann", "ann", "bob")]
    assert mocks[0] == mocks[1]
    assert mocks[0].salt != mocks[2].salt != mock_verifier("bob", b"another").salt
    assert (mocks[0].iterations, len(mocks[0].salt)) == (PENCIL.iterations, len(PENCIL.salt))
    like = make_verifier("pencil", b"s" * 24, 1)
    assert (mock_verifier("ann", b"secret", like).iterations, len(mock_verifier("ann", b"secret", like).salt)) == (1, 24)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "md5d0d3",
        "SCRAM-SHA-256$x:AAAA$AA==:AA==",
        PENCIL.text + "x",
        PENCIL.text.replace("4096", "0"),
        PENCIL.text.replace("$", ":", 1),
    ],
)
def test_texts_that_are_no_verifier(text: str) -> None:
    assert read_verifier(text) is None
    assert read_verifier(PENCIL.text) == PENCIL


PASSWORDS = [
    "pencil",
    "IX",
    "\u2168",
    "pa\u00adss",
    "a\u00a0b",
    "\u00aa",
    "\u0007\u00e9",
    "\u0627\u0031",
    "\u0627\u0628",
    "a\u0628",
    "\u0221x",
    "\u00ad",
]


def test_verifiers_are_postgresqls(postgres: PostgresServer) -> None:
    """The same password and salt give the same verifier, whatever SASLprep does to it."""
    with psycopg.connect(postgres.dsn) as connection:
        for password in PASSWORDS:
            connection.execute("CREATE ROLE fedgate_scram_test")
            connection.execute(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE fedgate_scram_test PASSWORD '{password}'")
            row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'fedgate_scram_test'").fetchone()
            connection.rollback()
            assert row is not None
            theirs = read_verifier(row[0])
            assert theirs is not None
            assert make_verifier(password, theirs.salt, theirs.iterations) == theirs, ascii(password)
            assert theirs.text == row[0]


def test_mutated_messages_prove_nothing_and_raise_nothing_else() -> None:
    random = Random(5802)
    for number in range(MUTATED):
        server = exchange(plus=number % 3 == 0, offered=number % 2 == 0)
        with pytest.raises((SqlError, WrongProof)):
            hear(server, mutated(random, random.choice(FIRSTS)), mutated(random, FINAL))
        assert not server.proven


def hear(server: Exchange, *messages: bytes) -> None:
    for message in messages:
        server.answer(message)


def mutated(random: Random, message: bytes) -> bytes:
    data = bytearray(message)
    for _ in range(random.choice((1, 1, 3))):
        place = random.randrange(len(data))
        match random.randrange(3):
            case 0:
                data[place] ^= 1 << random.randrange(8)
            case 1:
                del data[place : place + random.randrange(1, 9)]
            case _:
                data[place:place] = random.randbytes(random.randrange(1, 9))
        data = data or bytearray(b"n")
    return bytes(data)
