"""SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, the server's side: messages in, messages out. No socket, no clock.

`Exchange.answer` takes the client's first and final message in turn and gives the server's. It raises WrongProof when the client
does not know the password, and SqlError, in PostgreSQL's words, for a message that breaks the rules.

Sources: RFC 5802, RFC 7677, RFC 5929 (tls-server-end-point), RFC 4013 (SASLprep), and what PostgreSQL makes of them:
https://www.postgresql.org/docs/15/sasl-authentication.html. Different from the RFC, as there: the name in the client's message is
not looked at (the start-up packet named the user), and a password that SASLprep prohibits is used as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fedgate.errors import SqlError

PLAIN: Final = "SCRAM-SHA-256"
PLUS: Final = "SCRAM-SHA-256-PLUS"
ITERATIONS: Final = 4096
SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 18
_KEY_BYTES: Final = 32
_BINDING_TYPE: Final = b"tls-server-end-point"
_PRINTABLE: Final = frozenset(range(0x21, 0x7F)) - {0x2C}


class WrongProof(Exception):  # noqa: N818 (an outcome that is expected, no defect)
    """The client does not know the password."""


# -- verifiers ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a server keeps of a password: enough to check a proof, not to make one."""

    iterations: int
    salt: bytes
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """As PostgreSQL stores it (pg_authid.rolpassword)."""
        salt, stored, server = (_b64(part).decode() for part in (self.salt, self.stored_key, self.server_key))
        return f"{PLAIN}${self.iterations}:{salt}${stored}:{server}"


def make_verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> Verifier:
    """The verifier of a password, with a random salt of PostgreSQL's length unless one is given."""
    salt = salt or secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), salt, iterations)
    client_key = _hmac(salted, b"Client Key")
    return Verifier(iterations, salt, _sha256(client_key), _hmac(salted, b"Server Key"))


def read_verifier(text: str) -> Verifier | None:
    """A verifier of its text; None when it is none."""
    try:
        name, parameters, keys = text.split("$")
        iterations, salt = parameters.split(":")
        stored, server = (_unb64(part.encode()) for part in keys.split(":"))
        read = Verifier(int(iterations), _unb64(salt.encode()), stored, server)
    except ValueError:
        return None
    right = name == PLAIN and read.iterations > 0 and read.salt and len(stored) == len(server) == _KEY_BYTES
    return read if right else None


def mock_verifier(name: str, secret: bytes, like: Verifier | None = None) -> Verifier:
    """A verifier that no password fits, for a name that has none: the same each time, with iterations and salt length of `like`."""
    iterations, size = (like.iterations, len(like.salt)) if like is not None else (ITERATIONS, SALT_BYTES)
    salt = hashlib.shake_256(_hmac(secret, name.encode())).digest(size)
    return Verifier(iterations, salt, bytes(_KEY_BYTES), bytes(_KEY_BYTES))


def saslprep(password: str) -> str:
    """A password as SASLprep prepares it; as it is where SASLprep prohibits it, as PostgreSQL does."""
    if password.isascii():
        return password
    mapped = "".join(
        " " if stringprep.in_table_c12(c) else c for c in password if stringprep.in_table_c12(c) or not stringprep.in_table_b1(c)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    return prepared if prepared and not _prohibited(mapped) and _one_direction(prepared) else password


_PROHIBITED: Final[tuple[Callable[[str], bool], ...]] = (
    stringprep.in_table_a1,  # unassigned
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _prohibited(text: str) -> bool:
    return any(table(c) for c in text for table in _PROHIBITED)


def _one_direction(text: str) -> bool:
    """RFC 3454 section 6: with one right-to-left character, none is left-to-right, and the first and last are right-to-left."""
    rightward = [stringprep.in_table_d1(c) for c in text]
    if not any(rightward):
        return True
    return rightward[0] and rightward[-1] and not any(map(stringprep.in_table_d2, text))


# -- the exchange -------------------------------------------------------------------------------------------------------------


class Exchange:
    """One authentication. `genuine` False: whatever is proven, it ends as a wrong password does.

    `binding` is the channel binding's data when the client chose PLUS; `plus_offered` whether it could have. `nonce` is the
    server's part, given in tests only.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        genuine: bool,
        binding: bytes | None = None,
        plus_offered: bool = False,
        nonce: bytes | None = None,
    ) -> None:
        self.proven = False
        self._verifier = verifier
        self._genuine = genuine
        self._binding = binding
        self._plus_offered = plus_offered
        self._nonce = nonce or _b64(secrets.token_bytes(_NONCE_BYTES))
        self._gs2 = b""
        self._first_bare = b""
        self._server_first = b""

    @property
    def expects_proof(self) -> bool:
        """Whether the client's next message is its last one."""
        return bool(self._server_first)

    def answer(self, message: bytes) -> bytes:
        """The server's message to the client's. Raises WrongProof, SqlError 08P01, 0A000, 28000."""
        assert not self.proven, "the exchange is over"
        if b"\0" in message:
            raise _malformed("Message length does not match input length.")
        if not message:
            raise _malformed("The message is empty.")
        return self._final(message) if self._server_first else self._first(message)

    def _first(self, message: bytes) -> bytes:
        flag, comma, rest = message.partition(b",")
        self._check_binding_flag(flag)
        if not comma:
            raise _malformed('Comma expected, but found character "end of message".')
        authzid, comma, bare = rest.partition(b",")
        if authzid.startswith(b"a"):
            raise SqlError("0A000", "client uses authorization identity, but it is not supported")
        if authzid or not comma:
            raise _malformed(f'Unexpected attribute "{_shown(authzid[:1])}" in client-first-message.')
        if bare.startswith(b"m"):
            raise SqlError("0A000", "client requires an unsupported SCRAM extension")
        attributes = _attributes(bare, b"nr")
        client_nonce = attributes[1]
        if not client_nonce or not set(client_nonce) <= _PRINTABLE:
            raise _malformed("Non-printable characters in SCRAM nonce." if client_nonce else "The SCRAM nonce is empty.")
        self._gs2 = flag + b",,"
        self._first_bare = bare
        self._nonce = client_nonce + self._nonce
        self._server_first = b"r=%s,s=%s,i=%d" % (self._nonce, _b64(self._verifier.salt), self._verifier.iterations)
        return self._server_first

    def _check_binding_flag(self, flag: bytes) -> None:
        match flag[:1]:
            case b"n" | b"y" if len(flag) > 1:
                raise _malformed(f'Comma expected, but found character "{_shown(flag[1:2])}".')
            case b"n" | b"y" if self._binding is not None:
                raise _malformed(
                    "The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data."
                )
            case b"n":
                pass
            case b"y":
                if self._plus_offered:  # somebody between the two took PLUS out of the list
                    raise SqlError(
                        "28000",
                        "SCRAM channel binding negotiation error",
                        detail="The client supports SCRAM channel binding but thinks the server does not.  "
                        "However, this server does support channel binding.",
                    )
            case b"p":
                if self._binding is None:
                    raise _malformed(
                        "The client selected SCRAM-SHA-256 without channel binding, "
                        "but the SCRAM message includes channel binding data."
                    )
                if flag != b"p=" + _BINDING_TYPE:
                    raise SqlError("08P01", f'unsupported SCRAM channel-binding type "{_shown(flag[2:])}"')
            case _:
                raise _malformed(f'Unexpected channel-binding flag "{_shown(flag[:1])}".')

    def _final(self, message: bytes) -> bytes:
        without_proof, comma, proof_attribute = message.rpartition(b",")
        channel, nonce = _attributes(without_proof, b"cr")
        if not comma or not proof_attribute.startswith(b"p="):
            raise _malformed("Malformed proof in client-final-message.")
        self._check_binding(channel)
        if not hmac.compare_digest(nonce, self._nonce):
            raise SqlError("08P01", "invalid SCRAM response", detail="Nonce does not match.")
        try:
            proof = _unb64(proof_attribute[2:])
        except ValueError:
            proof = b""
        if len(proof) != _KEY_BYTES:
            raise _malformed("Malformed proof in client-final-message.")
        said = b",".join((self._first_bare, self._server_first, without_proof))
        right = self._proves(proof, said)
        signature = _hmac(self._verifier.server_key, said)
        if not (right and self._genuine):
            raise WrongProof
        self.proven = True
        return b"v=" + _b64(signature)

    def _check_binding(self, channel: bytes) -> None:
        expected = _b64(self._gs2 + (self._binding or b""))
        if hmac.compare_digest(channel, expected):
            return
        if self._binding is not None:
            raise SqlError("28000", "SCRAM channel binding check failed")
        raise SqlError("08P01", "unexpected SCRAM channel-binding attribute in client-final-message")

    def _proves(self, proof: bytes, said: bytes) -> bool:
        signature = _hmac(self._verifier.stored_key, said)
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        return hmac.compare_digest(_sha256(client_key), self._verifier.stored_key)


def _attributes(text: bytes, names: bytes) -> list[bytes]:
    """The values of the attributes that must come first, in this order; others may follow and mean nothing."""
    parts = text.split(b",")
    for place, part in enumerate(parts):
        wanted = names[place : place + 1]
        if len(part) < 1 or not part[:1].isalpha():
            raise _malformed(f'Attribute expected, but found invalid character "{_shown(part[:1])}".')
        if wanted and part[:1] != wanted:
            raise _malformed(f'Expected attribute "{_shown(wanted)}" but found "{_shown(part[:1])}".')
        if part[1:2] != b"=":
            raise _malformed(f'Expected character "=" for attribute "{_shown(part[:1])}".')
    if len(parts) < len(names):
        raise _malformed(f'Expected attribute "{_shown(names[len(parts) : len(parts) + 1])}" but found the end of the message.')
    return [part[2:] for part in parts[: len(names)]]


def _malformed(detail: str) -> SqlError:
    return SqlError("08P01", "malformed SCRAM message", detail=detail)


def _shown(raw: bytes) -> str:
    """Bytes of a client, for a message; as PostgreSQL, at most 30 of them."""
    return "".join(chr(b) if 0x21 <= b <= 0x7E else "?" for b in raw[:30])


def _b64(raw: bytes) -> bytes:
    return base64.b64encode(raw)


def _unb64(text: bytes) -> bytes:
    """Raises ValueError."""
    return binascii.a2b_base64(text, strict_mode=True)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _sha256(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
