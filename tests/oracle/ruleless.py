"""A gateway whose planner's rules can be switched off while it runs: in a process of its own, told by lines.

`python -m tests.oracle.ruleless CATALOG` says its port, then reads lines of rules' names and says `ok` after each.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from fedgate import server
from fedgate.config import Config
from fedgate.planner.cache import PlanCache


def main() -> None:
    with server.running(Config(catalog=Path(sys.argv[1]), listen=("127.0.0.1", 0))) as gateway:
        print(gateway.address[1], flush=True)
        for line in sys.stdin:
            gateway.engine.disabled_rules = frozenset(line.split())
            gateway.engine.plans = PlanCache()
            print("ok", flush=True)


class Ruleless:
    """Such a gateway, from the outside."""

    def __init__(self, catalog: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.oracle.ruleless", str(catalog)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.dsn = f"host=127.0.0.1 port={int(self._line())} user=tester dbname=fedgate"

    def switch_off(self, rules: Iterable[str]) -> None:
        assert self._process.stdin is not None
        print(*rules, file=self._process.stdin, flush=True)
        assert self._line() == "ok"

    def stop(self) -> None:
        """The end of its input is the end of the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(15)
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


if __name__ == "__main__":
    main()
