"""A TCP proxy that misbehaves on purpose: what a node, a network or a client may do to the gateway, on demand.

As a library: `with FaultProxy(host, port) as proxy: … proxy.fault = Fault("hang")`; it listens on `proxy.address`. From a shell:

    python -m tools.faultproxy --upstream 127.0.0.1:5432 --listen 127.0.0.1:6000 --fault cut --after 100000

| fault | what the client sees |
|---|---|
| pass | nothing of it |
| refuse | nobody listens |
| hang | once `after` bytes of answers came, silence: nothing is read, sent or closed |
| slow | answers at `rate` bytes a second |
| cut | a reset once `after` bytes of answers came |
| truncate | an orderly end once `after` bytes of answers came |
| corrupt | the answers' byte number `after` (from 0) with all bits flipped |

A fault applies at once, to open connections too; `after` counts the bytes of each connection from its start. With
`hang` at 0 bytes a connection is accepted and nothing else.
"""

from __future__ import annotations

import argparse
import socket
import struct
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, get_args

Kind = Literal["pass", "refuse", "hang", "slow", "cut", "truncate", "corrupt"]
_CHUNK_BYTES = 64 * 1024
_SLICES_PER_S = 20
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Fault:
    """`after` in bytes of one connection's answers, `rate` in bytes a second."""

    kind: Kind = "pass"
    after: int = 0
    rate: int = 1024


class FaultProxy:
    """Forwards connections to one upstream, with the fault that is set. Use it in a `with`, or call `close`."""

    def __init__(self, host: str, port: int, *, listen: tuple[str, int] = ("127.0.0.1", 0), fault: Fault | None = None) -> None:
        self._upstream = (host, port)
        self._changed = threading.Condition()
        self._fault = Fault()
        self._sockets: set[socket.socket] = set()
        self._closed = False
        self._listener: socket.socket | None = None
        self.address = listen
        self.forwarded_bytes = 0
        self._open()
        if fault is not None:
            self.fault = fault

    @property
    def fault(self) -> Fault:
        """What the proxy does now."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify_all()
        if fault.kind == "refuse":
            self._shut()
        elif self._listener is None:
            self._open()

    def wait_forwarded(self, amount: int, timeout_s: float = 10.0) -> None:
        """Return once `amount` bytes of answers went through, of all connections. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.forwarded_bytes >= amount, timeout_s):
                raise TimeoutError(f"{self.forwarded_bytes} of {amount} bytes in {timeout_s} s")

    def close(self) -> None:
        """Stop listening and end every connection; idempotent."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._shut()
        for end in list(self._sockets):
            self._end(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------- connections

    def _open(self) -> None:
        self._listener = socket.create_server(self.address, reuse_port=False)
        self.address = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True, name="faultproxy-accept").start()

    def _shut(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            try:
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            except OSError:
                pass
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream, timeout=10)
                server.settimeout(None)
            except OSError:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
                continue
            self._sockets |= {client, server}
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answers, args=(client, server), daemon=True).start()

    def _end(self, end: socket.socket, *, reset: bool = False) -> None:
        try:
            if reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it: the reset goes out with the last reference
            else:
                end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()
        self._sockets.discard(end)

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(_CHUNK_BYTES):
                if self._fault.after == 0:
                    self._while_hanging()
                server.sendall(data)
        except OSError:
            pass
        self._end(server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        sent = 0
        try:
            while data := server.recv(_CHUNK_BYTES):
                if not self._forward(client, data, sent):
                    break
                sent += len(data)
        except OSError:
            pass
        self._end(server)
        self._end(client)

    def _forward(self, client: socket.socket, data: bytes, sent: int) -> bool:
        """Send `data`, the answers from byte `sent` on, as the fault has it; False when the connection has ended."""
        while data:
            fault = self._fault
            room = fault.after - sent
            if fault.kind in ("cut", "truncate") and room <= len(data):
                self._send(client, data[: max(room, 0)])
                self._end(client, reset=fault.kind == "cut")
                return False
            if fault.kind == "hang" and room <= len(data):
                head = data[: max(room, 0)]
                self._send(client, head)
                sent, data = sent + len(head), data[len(head) :]
                self._while_hanging()
                continue
            if fault.kind == "corrupt" and 0 <= room < len(data):
                data = data[:room] + bytes([data[room] ^ 0xFF]) + data[room + 1 :]
            piece = data if fault.kind != "slow" else data[: max(1, fault.rate // _SLICES_PER_S)]
            self._send(client, piece)
            sent, data = sent + len(piece), data[len(piece) :]
            if fault.kind == "slow":
                self._pause(fault)
        return True

    def _send(self, client: socket.socket, data: bytes) -> None:
        client.sendall(data)
        with self._changed:
            self.forwarded_bytes += len(data)
            self._changed.notify_all()

    def _pause(self, fault: Fault) -> None:
        until = time.monotonic() + 1 / _SLICES_PER_S
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._fault is not fault, until - time.monotonic())

    def _while_hanging(self) -> None:
        """Wait for as long as the fault is `hang`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._fault.kind != "hang")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; runs until it is interrupted."""
    parser = argparse.ArgumentParser(prog="faultproxy", description="A TCP proxy that misbehaves on purpose.")
    parser.add_argument("--upstream", type=_address, required=True, metavar="HOST:PORT")
    parser.add_argument("--listen", type=_address, default=("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument("--fault", choices=get_args(Kind), default="pass")
    parser.add_argument("--after", type=int, default=0, metavar="BYTES", help="of a connection's answers, before the fault")
    parser.add_argument("--rate", type=int, default=1024, metavar="BYTES", help="a second, for slow")
    given = parser.parse_args(arguments)
    with FaultProxy(*given.upstream, listen=given.listen, fault=Fault(given.fault, given.after, given.rate)) as proxy:
        print(f"{proxy.address[0]}:{proxy.address[1]} -> {given.upstream[0]}:{given.upstream[1]} ({given.fault})", file=sys.stderr)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
