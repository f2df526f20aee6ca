"""COPY TO STDOUT of a million rows beside PostgreSQL's of its own table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tools.lib.bench.rawclient import RawClient
from tools.lib.bench.target import Targets
from tools.lib.bench.timing import medians
from tools.lib.cluster import Cluster

BINARY_MIN = 1.0
"""So many times PostgreSQL's rate COPY in binary is to have; the forms of text are shown only."""


def copying(cluster: Cluster, port: int, rounds: int, targets: Targets) -> None:
    """The table of `wire.build`: PostgreSQL's, and the same rows of a Parquet node."""
    print(f"\nCOPY TO STDOUT of 1 million rows x 5 columns, medians of {rounds}, million rows a second")
    server, front = RawClient(cluster.port, "postgres", "postgres"), RawClient(port, "bench", "fedgate")
    for form in ("binary", "text", "csv"):
        sql = f"COPY million TO STDOUT (FORMAT {form})"
        runs: dict[str, Callable[[], object]] = {
            "PostgreSQL": partial(server.query, sql),
            "fedgate, Parquet": partial(front.query, sql),
        }
        rates = {name: 1 / seconds for name, seconds in medians(runs, rounds).items()}
        for name in runs:
            ratio = rates[name] / rates["PostgreSQL"]
            verdict = ""
            if name != "PostgreSQL" and form == "binary":
                verdict = targets.verdict("COPY binary", ratio >= BINARY_MIN, f"at least {BINARY_MIN}")
            print(f"{form:8}{name:22}{rates[name]:8.2f}{ratio:8.2f}{verdict}")
    server.close()
    front.close()
