"""TLS: the layer in memory, certificates that change, and what PostgreSQL's clients make of a gateway that has one."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import ssl
import struct
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives import hashes

from fedgate.errors import SqlError
from fedgate.pgwire import messages as m
from fedgate.pgwire.certificates import Certificates
from fedgate.pgwire.framing import ProtocolError
from fedgate.pgwire.protocol import Protocol
from fedgate.pgwire.tls import ALPN, TlsError, TlsLayer
from tests.pgwire import certificates
from tests.pgwire.certificates import Pair
from tests.pgwire.test_scram import mutated

MUTATED = 2_000


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def loaded(pair: Pair) -> Certificates:
    return Certificates(pair.certificate, pair.key)


class Client:
    """A TLS client in memory."""

    def __init__(self, pair: Pair, alpn: list[str] | None = None, newest: ssl.TLSVersion | None = None) -> None:
        context = ssl.create_default_context(cafile=pair.certificate)
        if alpn is not None:
            context.set_alpn_protocols(alpn)
        if newest is not None:
            context.maximum_version = newest
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def handshake(self, layer: TlsLayer, chunk: int = 100_000) -> None:
        for _ in range(3):
            try:
                self.ssl.do_handshake()
            except ssl.SSLWantReadError:
                pass
            self.pass_on(layer, chunk)

    def sends(self) -> bytes:
        return self._out.read()

    def pass_on(self, layer: TlsLayer, chunk: int = 100_000) -> bytes:
        data = self.sends()
        plain = b"".join(layer.received(data[i : i + chunk]) for i in range(0, len(data), chunk))
        self.hear(layer.outgoing())
        return plain

    def hear(self, data: bytes) -> None:
        self._in.write(data)


def layer_of(loaded: Certificates, *, direct: bool = False) -> TlsLayer:
    served = loaded.current()
    return TlsLayer(served.context, served.binding, direct=direct)


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("chunk", [1, 100_000])
def test_bytes_go_both_ways_whole_or_one_at_a_time(newest: ssl.TLSVersion, chunk: int, pair: Pair, loaded: Certificates) -> None:
    client, layer = Client(pair, newest=newest), layer_of(loaded)
    client.handshake(layer, chunk)
    assert layer.established
    assert layer.facts[0] == newest.name.replace("_", ".")
    client.ssl.write(b"question" * 5000)
    assert client.pass_on(layer, max(chunk, 100)) == b"question" * 5000
    client.hear(layer.sent(b"answer"))
    assert client.ssl.read() == b"answer"
    client.hear(layer.close())
    assert client.ssl.read() == b""  # a clean end; a bare one raises SSLEOFError


def test_a_goodbye_of_the_client_ends_the_layer(pair: Pair, loaded: Certificates) -> None:
    client, layer = Client(pair), layer_of(loaded)
    client.handshake(layer)
    client.ssl.write(b"last words")
    with pytest.raises(ssl.SSLWantReadError):
        client.ssl.unwrap()
    assert client.pass_on(layer) == b"last words"
    assert layer.ended
    layer.close()


@pytest.mark.parametrize(("alpn", "taken"), [([ALPN], True), (["h2", ALPN], True), (["http/1.1"], False), (None, False)])
def test_direct_tls_needs_the_protocols_name(alpn: list[str] | None, taken: bool, pair: Pair, loaded: Certificates) -> None:
    client, layer = Client(pair, alpn), layer_of(loaded, direct=True)
    if taken:
        client.handshake(layer)
        assert layer.established
    else:
        with pytest.raises(TlsError, match="without ALPN"):
            client.handshake(layer)
        assert not layer.established


def test_tls_after_a_request_needs_no_name(pair: Pair, loaded: Certificates) -> None:
    client, layer = Client(pair, ["http/1.1"]), layer_of(loaded)
    client.handshake(layer)
    assert layer.established


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x40\x00" + b"x" * 0x4000, b"\0\0\0\x08\0\x03\0\0"])
def test_what_is_no_tls_raises_and_is_told(data: bytes, loaded: Certificates) -> None:
    with pytest.raises(TlsError, match="the TLS handshake failed: "):
        layer_of(loaded).received(data)


def test_an_old_client_is_refused(pair: Pair) -> None:
    layer = layer_of(Certificates(pair.certificate, pair.key, "TLSv1.3"))
    with pytest.raises(TlsError, match="unsupported protocol"):
        Client(pair, newest=ssl.TLSVersion.TLSv1_2).handshake(layer)
    assert layer.outgoing()  # the alert


@pytest.mark.nightly
def test_mutated_handshakes_raise_nothing_but_their_error(pair: Pair, loaded: Certificates) -> None:
    random = Random(8446)
    ended = 0
    for number in range(MUTATED):
        client = Client(pair, [ALPN], ssl.TLSVersion.TLSv1_2 if number % 2 else None)
        layer = layer_of(loaded, direct=number % 3 == 0)
        try:
            for step in range(3):
                with contextlib.suppress(ssl.SSLError):
                    client.ssl.do_handshake()
                    client.ssl.write(b"question")
                data = client.sends()
                layer.received(mutated(random, data) if step == number % 4 and data else data)
                client.hear(layer.outgoing())
        except TlsError:
            ended += 1
        layer.close()
    assert MUTATED / 2 < ended < MUTATED


# -- the protocol ----------------------------------------------------------------------------------------------------


def request(code: int) -> bytes:
    return struct.pack("!ii", 8, code)


def test_tls_is_asked_for() -> None:
    protocol = Protocol(tls=True)
    protocol.receive(request(m.GSSENC_REQUEST))
    assert protocol.next_event() is None
    assert protocol.outgoing() == b"N"
    protocol.receive(request(m.SSL_REQUEST))
    assert protocol.next_event() == m.TlsRequest(b"")
    assert protocol.outgoing() == b"S"
    protocol.receive(request(m.SSL_REQUEST))
    with pytest.raises(ProtocolError, match=r"unsupported frontend protocol 1234\.5679"):
        protocol.next_event()


def test_a_connection_may_begin_with_tls() -> None:
    protocol = Protocol(tls=True)
    protocol.receive(b"\x16\x03\x01")
    assert protocol.next_event() == m.TlsRequest(b"\x16\x03\x01")
    protocol.receive(request(m.GSSENC_REQUEST))  # within TLS
    with pytest.raises(ProtocolError, match=r"unsupported frontend protocol 1234\.5680"):
        protocol.next_event()


def test_only_the_first_byte_may_begin_tls() -> None:
    protocol = Protocol(tls=True)
    protocol.receive(request(m.GSSENC_REQUEST))
    assert protocol.next_event() is None
    protocol.receive(b"\x16\x03\x01\x02")
    with pytest.raises(ProtocolError, match="invalid length of startup packet"):
        protocol.next_event()


@pytest.mark.parametrize("code", [m.SSL_REQUEST, m.GSSENC_REQUEST])
@pytest.mark.parametrize("tls", [True, False])
def test_bytes_behind_a_request_are_not_believed(code: int, tls: bool) -> None:
    protocol = Protocol(tls=tls)
    protocol.receive(request(code) + b"\0")
    with pytest.raises(ProtocolError, match="received unencrypted data after"):
        protocol.next_event()


# -- certificates ----------------------------------------------------------------------------------------------------


def fingerprint(pair: Pair, algorithm: str = "sha256") -> bytes:
    return hashlib.new(algorithm, ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())).digest()


def test_the_binding_is_the_hash_by_the_signatures_function(tmp_path: Path) -> None:
    for hashed, name in ((hashes.SHA256(), "sha256"), (hashes.SHA384(), "sha384")):
        pair = certificates.make(tmp_path, hashed=hashed)
        assert Certificates(pair.certificate, pair.key).current().binding == fingerprint(pair, name)
    pair = certificates.make(tmp_path, edwards=True)
    assert Certificates(pair.certificate, pair.key).current().binding is None


def test_a_new_pair_is_served_and_a_broken_one_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pair = certificates.make(tmp_path)
    loaded = Certificates(pair.certificate, pair.key)
    first = loaded.current()
    assert loaded.current() is first
    certificates.make(tmp_path)
    second = loaded.current()
    assert second.binding == fingerprint(pair) != first.binding
    pair.certificate.write_text("-----BEGIN CERTIFICATE-----\nrubbish\n")
    with caplog.at_level(logging.ERROR):
        assert loaded.current() is loaded.current() is second
    assert [r.message for r in caplog.records if "still used" in r.message] == [r.message for r in caplog.records]
    assert len(caplog.records) == 1
    other = certificates.make(tmp_path, "other")
    pair.certificate.write_bytes(other.certificate.read_bytes())  # the key of another
    assert loaded.current() is second
    certificates.make(tmp_path)
    assert loaded.current().binding == fingerprint(pair)


def test_an_expired_certificate_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for days, said in ((-2, " expired on "), (3, " expires on ")):
        pair = certificates.make(tmp_path, days=days)
        caplog.clear()
        Certificates(pair.certificate, pair.key)
        assert said in caplog.text


def test_pairs_that_cannot_be_served(tmp_path: Path) -> None:
    pair, other = certificates.make(tmp_path), certificates.make(tmp_path, "other")
    secret = certificates.make(tmp_path, "secret", passphrase=b"open sesame")
    missing = tmp_path / "missing.pem"

    def refused(certificate: Path, key: Path) -> str:
        with pytest.raises(SqlError) as caught:
            Certificates(certificate, key)
        assert caught.value.sqlstate == "F0000"
        return caught.value.message

    (tmp_path / "no.pem").write_text("certificate?")
    assert "not PEM, or not whole" in refused(tmp_path / "no.pem", pair.key)
    assert "key values mismatch" in refused(pair.certificate, other.key)
    assert f"{missing} cannot be read: No such file" in refused(missing, pair.key)
    assert f"{missing} cannot be read: No such file" in refused(pair.certificate, missing)
    assert "passphrase" in refused(secret.certificate, secret.key)
    pair.key.chmod(0o644)
    assert "has group or world access" in refused(pair.certificate, pair.key)
