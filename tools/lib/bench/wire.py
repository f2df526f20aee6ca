"""What the wire costs: streaming a large result, the smallest round trip, and a reader that is slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import psycopg
import yaml

from tools.lib.bench.rawclient import RawClient
from tools.lib.bench.target import Targets
from tools.lib.bench.timing import medians
from tools.lib.cluster import Cluster

MILLION = 1_000_000
SMALL_NODES = 8
SMALL_ROWS = 50_000
SLOW_ROWS = 20 * MILLION
SLOW_BYTES_S = 40e6
MEMORY_BYTES_MAX = 100e6
_COLUMNS = "id integer, site text, ts timestamptz, temp double precision, n bigint"
_ROWS = """SELECT i::integer AS id, 'site ' || (i % 50) AS site, timestamptz '2024-01-01 00:00+00' + to_seconds(i) AS ts,
           (i % 60013) / 1000.0::double AS temp, (i * 7919)::bigint AS n FROM range({0}) AS r(i)"""


def build(cluster: Cluster, directory: Path) -> Path:
    """A PostgreSQL table of a million rows, the same on two kinds of node, small DuckDB nodes, and a long table."""
    catalog = directory / "wire"
    (catalog / "data").mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(f"COPY ({_ROWS.format(MILLION)}) TO '{catalog}/data/million.parquet'")
        engine.execute(f"COPY (SELECT i AS n, i * 0.5 AS x FROM range({SLOW_ROWS}) AS r(i)) TO '{catalog}/data/long.parquet'")
        engine.execute(f"COPY ({_ROWS.format(MILLION)}) TO '{directory}/million.csv' (HEADER false)")
        for node in range(SMALL_NODES):
            engine.execute(f"ATTACH '{catalog}/data/d{node}.duckdb' AS d{node}")
            engine.execute(f"CREATE TABLE d{node}.small AS {_ROWS.format(SMALL_ROWS)}")
            engine.execute(f"DETACH d{node}")
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE million ({_COLUMNS})".encode())
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY million FROM STDIN CSV") as copy,
            (directory / "million.csv").open("rb") as file,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        connection.execute("VACUUM ANALYZE million")
    (catalog / "fleet.yaml").write_text(yaml.safe_dump_all(_documents(cluster), sort_keys=False))
    return catalog


def _documents(cluster: Cluster) -> list[dict[str, object]]:
    columns = [dict(zip(("name", "type"), part.strip().split(" ", 1), strict=True)) for part in _COLUMNS.split(",")]
    url = f"postgresql://postgres@127.0.0.1:{cluster.port}/postgres"
    same: list[dict[str, object]] = [
        {"kind": "table", "name": name, "columns": columns} for name in ("million", "from_server", "small")
    ]
    documents: list[dict[str, object]] = [
        *same,
        {"kind": "node", "name": "files", "engine": "parquet", "url": "data"},
        {"kind": "node", "name": "server", "engine": "postgres", "url": url},
        {"kind": "table", "name": "long", "columns": [{"name": "n", "type": "bigint"}, {"name": "x", "type": "double precision"}]},
        {"kind": "placement", "table": "million", "node": "files", "relation": "million.parquet"},
        {"kind": "placement", "table": "long", "node": "files", "relation": "long.parquet"},
        {"kind": "placement", "table": "from_server", "node": "server", "relation": "million"},
    ]
    for node in range(SMALL_NODES):
        documents += [
            {"kind": "node", "name": f"d{node}", "engine": "duckdb", "url": f"data/d{node}.duckdb"},
            {"kind": "placement", "table": "small", "node": f"d{node}", "relation": "small"},
        ]
    return documents


def stream(cluster: Cluster, port: int, rounds: int, targets: Targets) -> None:
    """A million rows from PostgreSQL's own table beside the same from nodes."""
    print(f"\n1 million rows x 5 columns to a client that only reads, medians of {rounds}, million rows a second")
    server, front = RawClient(cluster.port, "postgres", "postgres"), RawClient(port, "bench", "fedgate")
    for binary in (False, True):
        runs: dict[str, Callable[[], object]] = {
            "PostgreSQL": partial(server.query, "SELECT * FROM million", binary=binary),
            "fedgate, Parquet": partial(front.query, "SELECT * FROM million", binary=binary),
            "fedgate, PostgreSQL": partial(front.query, "SELECT * FROM from_server", binary=binary),
        }
        rates = {name: 1 / seconds for name, seconds in medians(runs, rounds).items()}
        for name, wanted in (("PostgreSQL", 0.0), ("fedgate, Parquet", 0.8), ("fedgate, PostgreSQL", 0.5)):
            ratio = rates[name] / rates["PostgreSQL"]
            form = "binary" if binary else "text"
            print(
                f"{form:8}{name:22}{rates[name]:8.2f}{ratio:8.2f}"
                + (targets.verdict(f"{form} from {name}", ratio >= wanted, f"at least {wanted}") if wanted else "")
            )
    server.close()
    front.close()


def latency(cluster: Cluster, port: int, rounds: int, targets: Targets) -> None:
    """SELECT 1 beside PostgreSQL's."""
    server, front = RawClient(cluster.port, "postgres", "postgres"), RawClient(port, "bench", "fedgate")
    one = medians({"PostgreSQL": lambda: server.query("SELECT 1"), "fedgate": lambda: front.query("SELECT 1")}, 100 * rounds)
    theirs, ours = (one[name] * 1e6 for name in ("PostgreSQL", "fedgate"))
    ratio = ours / theirs
    print(
        f"\nSELECT 1: PostgreSQL {theirs:.0f} us, fedgate {ours:.0f} us, {ratio:.1f} times"
        + targets.verdict("SELECT 1", ratio <= 6, "at most 6 times")
    )
    server.close()
    front.close()


def slow_reader(port: int, pid: int, targets: Targets) -> None:
    """Read a long result at a fixed rate and watch the gateway's memory."""
    front = RawClient(port, "bench", "fedgate")
    front.query("SELECT count(*) FROM long WHERE n < 1000")
    before, peak = resident(pid), 0
    started, taken = time.monotonic(), 0

    def pace(size: int) -> None:
        nonlocal taken, peak
        taken += size
        ahead = taken / SLOW_BYTES_S - (time.monotonic() - started)
        if ahead > 0.01:
            time.sleep(ahead)
            peak = max(peak, resident(pid))

    total = front.query("SELECT n, x FROM long", each=pace)
    front.close()
    grown = peak - before
    seconds = time.monotonic() - started
    print(f"\n{SLOW_ROWS:,} rows ({total / 1e6:.0f} MB) to a reader of {SLOW_BYTES_S / 1e6:.0f} MB/s in {seconds:.0f} s: ", end="")
    wanted = f"less than {MEMORY_BYTES_MAX / 1e6:.0f} MB"
    print(f"the gateway grew by {grown / 1e6:.0f} MB" + targets.verdict("slow reader", grown < MEMORY_BYTES_MAX, wanted))


def resident(pid: int) -> int:
    """Bytes of a process that are in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no VmRSS")
