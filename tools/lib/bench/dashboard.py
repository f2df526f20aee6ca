"""A dashboard's query over DuckDB nodes, planned before: what the gateway adds to its nodes' own time.

The nodes' own time is that of a program that knows their fragment, has a DuckDB open, and asks all of them at once, each in a
thread: attach the file, begin, run, fetch, commit, detach. A gateway that costs nothing would take until the slowest has answered.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import psycopg

from tools.lib.bench.rawclient import RawClient
from tools.lib.bench.target import Targets
from tools.lib.bench.wire import SMALL_NODES

OVER_MS_MAX = 5
_SQL = "SELECT site, count(*), sum(n) FROM small WHERE ts >= '2024-01-01 01:00+00' GROUP BY site"
_FRAGMENT = "SELECT site, count(*), sum(n) FROM d{0}.small WHERE ts >= TIMESTAMPTZ '2024-01-01 01:00+00' GROUP BY site"


def dashboard(catalog: Path, port: int, rounds: int, targets: Targets) -> None:
    """Nodes alone, and the statement, in turn."""
    front = RawClient(port, "bench", "fedgate")
    slowest: list[float] = []
    whole: list[float] = []
    with duckdb.connect() as host, ThreadPoolExecutor(SMALL_NODES) as threads:
        host.execute("SET TimeZone = 'UTC'")

        def ask(node: int) -> list[tuple[Any, ...]]:
            """The node's rows."""
            with host.cursor() as cursor:
                cursor.execute(f"ATTACH '{catalog}/data/d{node}.duckdb' AS d{node} (READ_ONLY)").fetchall()
                cursor.execute("BEGIN").fetchall()
                rows = cursor.execute(_FRAGMENT.format(node)).fetchall()
                cursor.execute("COMMIT").fetchall()
                cursor.execute(f"DETACH d{node}").fetchall()
            return rows

        if _merged(list(threads.map(ask, range(SMALL_NODES)))) != _answer(port):
            targets.differs("dashboard")
            return
        for counted in range(-3, 20 * rounds):
            started = time.perf_counter()
            list(threads.map(ask, range(SMALL_NODES)))
            nodes = time.perf_counter() - started
            started = time.perf_counter()
            front.query(_SQL)
            taken = time.perf_counter() - started
            if counted >= 0:
                slowest.append(nodes * 1000)
                whole.append(taken * 1000)
    front.close()
    over = median(w - s for w, s in zip(whole, slowest, strict=True))
    print(
        f"dashboard over {SMALL_NODES} DuckDB nodes: {median(whole):.1f} ms, the slowest node {median(slowest):.1f} ms, "
        f"{over:.1f} ms over it" + targets.verdict("dashboard", over <= OVER_MS_MAX, f"at most {OVER_MS_MAX} ms")
    )


def _merged(parts: list[list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    sums: dict[str, tuple[int, int]] = {}
    for site, count, total in (row for rows in parts for row in rows):
        before = sums.get(site, (0, 0))
        sums[site] = (before[0] + int(count), before[1] + int(total))
    return sorted((site, *of) for site, of in sums.items())


def _answer(port: int) -> list[tuple[Any, ...]]:
    with psycopg.connect(f"host=127.0.0.1 port={port} user=bench dbname=fedgate") as connection:
        return sorted((site, int(count), int(total)) for site, count, total in connection.execute(_SQL).fetchall())
