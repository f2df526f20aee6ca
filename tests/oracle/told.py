"""A gateway that is told by lines what to do: serve one catalog after another, plan without some rules.

What a first gateway reads and makes ready (its modules, tables of functions, engines) is there for all that follow it, so that a
catalog of a few small tables is served within a tenth of a second.

`python -m tests.oracle.told` reads `["serve", DIRECTORY]`, answered by the port, and `["off", RULE...]`, answered by `ok`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeAlias

from fedgate import server
from fedgate.config import Config
from fedgate.planner.cache import PlanCache
from fedgate.serving import Gateway, leave_out_pandas

Rules: TypeAlias = Iterable[str]
STOP_TIMEOUT_S = 30


def main() -> None:
    leave_out_pandas()
    with ExitStack() as stack:
        gateway: Gateway | None = None
        for line in sys.stdin:
            order, *named = json.loads(line)
            if order == "serve":
                stack.close()
                gateway = stack.enter_context(server.running(Config(catalog=Path(named[0]), listen=("127.0.0.1", 0))))
                print(gateway.address[1], flush=True)
            elif gateway is not None:
                gateway.engine.disabled_rules = frozenset(named)
                gateway.engine.plans = PlanCache()
                print("ok", flush=True)


class ToldGateway:
    """Such a gateway, from the outside. `catalog` is what it serves, `dsn` connects to it."""

    catalog: Path | None = None
    dsn = ""

    def __init__(self) -> None:
        self._said = TemporaryFile("w+")  # noqa: SIM115 it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.oracle.told"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True,
        )  # fmt: skip

    def serve(self, catalog: Path) -> str:
        """End what is served, serve that: the connection string."""
        self.dsn = f"host=127.0.0.1 port={int(self._answer('serve', str(catalog)))} user=tester dbname=fedgate"
        self.catalog = catalog
        return self.dsn

    def switch_off(self, rules: Rules) -> None:
        """Plan without these rules from now on, and with all others."""
        assert self._answer("off", *rules) == "ok"

    def close(self) -> None:
        """The end of its input is the end of the process, which must not have said anything."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        status = self._process.wait(STOP_TIMEOUT_S)
        self._process.stdout.close()
        said = self._heard()
        self._said.close()
        assert status == 0, f"{status}: {said}"
        assert "Traceback" not in said, said

    def _answer(self, *order: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            print(json.dumps(order), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        assert answer, f"the gateway ended: {self._process.wait(STOP_TIMEOUT_S)}\n{self._heard()}"
        return answer

    def _heard(self) -> str:
        self._said.seek(0)
        return self._said.read()


if __name__ == "__main__":
    main()
