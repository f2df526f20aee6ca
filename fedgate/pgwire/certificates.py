"""The gateway's certificate and key: files → TLS contexts, read again when they change.

Contract: `Certificates` raises SqlError F0000 when the pair cannot be used at the start. Later `current` looks whether the files
have changed, at each handshake; a new pair that cannot be used is logged, once, and the old one goes on being served. Connections
that are open keep the certificate that they began with.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import ssl
import stat
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from fedgate.errors import SqlError
from fedgate.pgwire.tls import ALPN, told_reason

_log = logging.getLogger("fedgate.wire")

VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
EXPIRY_WARNING_DAYS: Final = 14
_Seen = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Served:
    """A pair in use. `binding` is what tls-server-end-point makes of the certificate; None when it is not defined for it."""

    context: ssl.SSLContext
    binding: bytes | None


class Certificates:
    """A certificate (with its chain, PEM) and its key. Thread-safe."""

    def __init__(self, certificate: Path, key: Path, minimum: str = "TLSv1.2") -> None:
        self._certificate: Final = certificate
        self._key: Final = key
        self._minimum: Final = VERSIONS[minimum]
        self._lock = threading.Lock()
        self._seen = self._look()
        self._served = self._load()

    def current(self) -> Served:
        """What a handshake that begins now is to use."""
        if self._look() != self._seen:
            self.reload()
        return self._served

    def reload(self) -> None:
        """Read the files now. A pair that cannot be used leaves the old one in place, and a line in the log."""
        with self._lock:
            self._seen = self._look()
            try:
                self._served = self._load()
            except SqlError as error:
                _log.error("%s; the certificate that was loaded before is still used", error.message)
            else:
                _log.info("certificate %s loaded", self._certificate)

    def _look(self) -> _Seen:
        """What tells that a file has changed: where it is, when it was written, how long it is."""
        seen = []
        for path in (self._certificate, self._key):
            try:
                found = path.stat()
            except OSError:
                seen.append((0, 0, 0))
            else:
                seen.append((found.st_ino, found.st_mtime_ns, found.st_size))
        return tuple(seen)

    def _load(self) -> Served:
        _check_permissions(self._key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = self._minimum
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
        context.num_tickets = 0  # as PostgreSQL: clients do not resume sessions
        context.set_alpn_protocols([ALPN])
        try:
            context.load_cert_chain(self._certificate, self._key, password=_refuse_passphrase)
        except ssl.SSLError as error:
            reason = told_reason(error) if error.reason else "one of them is not PEM, or not whole"
            raise _unusable(self._certificate, f"and key {self._key} cannot be used: {reason}") from None
        except OSError as error:
            path = self._certificate if not os.access(self._certificate, os.R_OK) else self._key
            raise _unusable(path, f"cannot be read: {error.strerror}") from None
        return Served(context, _binding(self._certificate))


def _check_permissions(key: Path) -> None:
    """As PostgreSQL: nobody but the owner may read a key; root's may be read by its group."""
    try:
        found = key.stat()
    except OSError as error:
        raise _unusable(key, f"cannot be read: {error.strerror}") from None
    allowed = 0o740 if found.st_uid == 0 else 0o700
    if stat.S_IMODE(found.st_mode) & ~allowed:
        raise SqlError(
            "F0000",
            f'private key file "{key}" has group or world access',
            hint=f"Only its owner may read it (chmod 600 {key}); one that belongs to root may be read by its group (640).",
        )


def _refuse_passphrase() -> NoReturn:
    raise SqlError(
        "F0000",
        "the TLS key is protected by a passphrase",
        hint="A gateway cannot ask for one: write the key without it (openssl pkey -in key.pem -out plain.pem).",
    )


def _unusable(path: Path, what: str) -> SqlError:
    return SqlError("F0000", f"TLS certificate file {path} {what}", hint="See docs/security.md for how to make one.")


def _binding(certificate: Path) -> bytes | None:
    """RFC 5929 section 4.1: the certificate's hash by the function of its signature, SHA-256 in place of MD5 and SHA-1."""
    from cryptography import x509  # a quarter of a second, for those who use TLS
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        algorithm = leaf.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm) as error:  # OpenSSL took it: it can be served, not bound to
        _log.warning("certificate %s: no channel binding: %s", certificate, error)
        return None
    _warn_of_expiry(certificate, leaf.not_valid_after_utc)
    if algorithm is None:  # Ed25519 has none
        return None
    name = "sha256" if algorithm.name in ("md5", "sha1") else algorithm.name
    return hashlib.new(name, leaf.public_bytes(Encoding.DER)).digest()


def _warn_of_expiry(certificate: Path, until: datetime.datetime) -> None:
    left = until - datetime.datetime.now(datetime.UTC)
    if left <= datetime.timedelta():
        _log.warning("certificate %s expired on %s: clients that verify it will not connect", certificate, until.date())
    elif left < datetime.timedelta(days=EXPIRY_WARNING_DAYS):
        _log.warning("certificate %s expires on %s", certificate, until.date())
