"""Runs each question by every contender in turn, round after round, compares the answers, and gives medians."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import duckdb
import psycopg

from tools.lib.bench.fleet import BenchFleet
from tools.lib.bench.queries import QUESTIONS, Question, Rows
from tools.lib.bench.target import Targets
from tools.lib.environment import say

CONTENDERS = ("fedgate", "postgres_fdw", "by hand", "one DuckDB")


def contend(fleet: BenchFleet, gateway: str, rounds: int, targets: Targets) -> None:
    """Print the table."""
    print(f"\n8 nodes x PostgreSQL, medians of {rounds} interleaved rounds, milliseconds")
    print(f"{'':18}" + "".join(f"{name:>14}" for name in CONTENDERS) + f"{'fdw/fedgate':>14}{'fedgate/hand':>14}")
    with (
        psycopg.connect(gateway, autocommit=True) as front,
        psycopg.connect(fleet.hub, autocommit=True) as hub,
        duckdb.connect(str(fleet.union), read_only=True) as union,
        ThreadPoolExecutor(len(fleet.nodes)) as threads,
    ):
        union.execute("SET TimeZone = 'UTC'")
        connections = [psycopg.connect(dsn, autocommit=True) for dsn in fleet.nodes]
        try:
            for question in QUESTIONS:
                runs: dict[str, Callable[[], Rows]] = {
                    "fedgate": lambda q=question: front.execute(q.sql.encode()).fetchall(),  # type: ignore[misc]
                    "postgres_fdw": lambda q=question: hub.execute(q.sql.encode()).fetchall(),  # type: ignore[misc]
                    "by hand": lambda q=question: _by_hand(q, connections, threads),  # type: ignore[misc]
                    "one DuckDB": lambda q=question: _duckdb(q, union),  # type: ignore[misc]
                }
                _measure(question, runs, rounds, targets)
        finally:
            for connection in connections:
                connection.close()


def _measure(question: Question, runs: dict[str, Callable[[], Rows]], rounds: int, targets: Targets) -> None:
    answers = {name: _plain(run()) for name, run in runs.items()}  # and warm every cache
    wrong = [name for name, rows in answers.items() if not _same(rows, answers["postgres_fdw"])]
    if wrong:
        first = {name: answers[name][:2] for name in (*wrong, "postgres_fdw")}
        say(f"{question.name}: answers differ: {first}")
        targets.differs(question.name)
        return
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - started) * 1000)
    median = {name: statistics.median(values) for name, values in times.items()}
    to_fdw, to_floor = median["postgres_fdw"] / median["fedgate"], median["fedgate"] / median["by hand"]
    faster, floor = question.target or (1.0, math.inf)
    met = to_fdw >= faster and to_floor <= floor
    wanted = f"at least {faster:g}" + (f", at most {floor:g}" if floor < math.inf else "")
    print(
        f"{question.name:18}" + "".join(f"{median[name]:14.1f}" for name in CONTENDERS) + f"{to_fdw:14.2f}{to_floor:14.2f}"
        + targets.verdict(question.name, met, wanted), flush=True,
    )  # fmt: skip


def _by_hand(question: Question, connections: list[psycopg.Connection], threads: ThreadPoolExecutor) -> Rows:
    picked = connections if question.sites is None else [connections[site] for site in question.sites]
    return question.merge(list(threads.map(lambda c: c.execute(question.part.encode()).fetchall(), picked)))


def _duckdb(question: Question, union: duckdb.DuckDBPyConnection) -> Rows:
    """Through Arrow: fetching zoned times as Python objects would need another package."""
    table = union.sql(question.sql).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _plain(rows: Rows) -> list[tuple[Any, ...]]:
    def value(v: Any) -> Any:
        return v.timestamp() if isinstance(v, datetime) else float(v) if isinstance(v, int | float) or hasattr(v, "as_tuple") else v

    return sorted((tuple(value(v) for v in row) for row in rows), key=lambda row: tuple((v is None, v) for v in row))


def _same(a: list[tuple[Any, ...]], b: list[tuple[Any, ...]]) -> bool:
    def near(x: Any, y: Any) -> bool:
        return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-6) if isinstance(x, float) and isinstance(y, float) else bool(x == y)

    return len(a) == len(b) and all(near(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True))
