"""Certificates for tests, made when they run: self-signed, for localhost and 127.0.0.1."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_ALTERNATIVES = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


@dataclass(frozen=True, slots=True)
class Pair:
    certificate: Path
    key: Path


def make(
    directory: Path,
    name: str = "server",
    *,
    days: int = 90,
    hashed: hashes.SHA256 | hashes.SHA384 | None = None,
    edwards: bool = False,
    passphrase: bytes | None = None,
) -> Pair:
    """Write `name`.pem and `name`.key; with negative `days` the certificate has expired. A pair that is there is replaced."""
    key = ed25519.Ed25519PrivateKey.generate() if edwards else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(_ALTERNATIVES, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None if edwards else hashed or hashes.SHA256())
    )
    pair = Pair(directory / f"{name}.pem", directory / f"{name}.key")
    encryption: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    _replace(pair.certificate, made.public_bytes(Encoding.PEM))
    _replace(pair.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return pair


def _replace(path: Path, data: bytes) -> None:
    """As tools that renew certificates do: a new file in one step."""
    temporary = path.with_name(path.name + ".new")
    temporary.touch(mode=0o600)
    temporary.write_bytes(data)
    os.replace(temporary, path)
