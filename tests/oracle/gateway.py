"""A gateway over a fleet: `fedgate serve` as its users start it, on a free port of the loopback."""

from __future__ import annotations

import ctypes
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STOP_TIMEOUT_S = 15
PATIENT = "SET fedgate.connect_timeout = '15s'"
"""For tests of answers: a busy machine is no fault of theirs."""
_READY = re.compile(r"fedgate serves .* at 127\.0\.0\.1:(\d+)")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """A test run that is killed leaves no gateway behind (Linux; elsewhere nothing happens)."""
    if hasattr(_LIBC, "prctl"):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Gateway:
    """A running `fedgate serve`; `dsn` connects to it, `stop` ends it and gives what it wrote to stderr."""

    def __init__(self, catalog: Path, config: Path | None = None) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "fedgate.cli.main", "serve", "--catalog", str(catalog), "--listen", "127.0.0.1:0"),
                *(["--config", str(config)] if config is not None else []),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=_end_with_parent,
        )  # fmt: skip
        stderr = self._process.stderr
        assert stderr is not None
        self.said: list[str] = []
        for line in stderr:
            self.said.append(line)
            ready = _READY.search(line)
            if ready:
                self.port = int(ready.group(1))
                self.dsn = f"host=127.0.0.1 port={self.port} user=tester dbname=fedgate"
                break
        else:
            self._process.wait()
            stderr.close()
            raise RuntimeError(f"fedgate serve ended: {''.join(self.said)}")
        # A full pipe would stop the gateway at its next line of log.
        self._reader = threading.Thread(target=lambda: self.said.extend(stderr), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> str:
        """End it; what it wrote to stderr. A gateway that had ended by itself is said to have."""
        died = self._process.poll()
        if died is not None:
            self.said.append(f"(the gateway had ended by itself: {died})\n")
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            self.said.append("(did not end within its time)")
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        return "".join(self.said)


@contextmanager
def serving(catalog: Path, config: Path | None = None) -> Iterator[Gateway]:
    """A gateway that still has to run at the end, and not to have written a traceback."""
    gateway = Gateway(catalog, config)
    try:
        yield gateway
    finally:
        said = gateway.stop()
    assert "ended by itself" not in said, said
    assert "Traceback" not in said, said
