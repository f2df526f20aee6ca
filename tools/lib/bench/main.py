"""The command line of tools/bench."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.oracle.gateway import serving
from tools.lib.bench import catalogs, connect, contend, copying, crowd, dashboard, fleet, wire
from tools.lib.bench.target import Targets
from tools.lib.cluster import Cluster
from tools.lib.environment import say

PARTS = ("fleet", "stream", "latency", "slow", "connect", "crowd", "catalogs")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tools/bench", description="Measure the gateway; answers are compared before times count."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rows", type=int, default=250_000, help="rows of each of the 8 nodes (default 250000)")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default 7)")
    args = parser.parse_args()
    unknown = set(args.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part is called {', '.join(sorted(unknown))}")
    parts = args.parts or list(PARTS)
    started = time.monotonic()
    cluster = Cluster(settings=fleet.CLUSTER_SETTINGS).start()
    targets = Targets()
    try:
        with tempfile.TemporaryDirectory(prefix="fedgate-bench-") as temporary:
            place = Path(temporary)
            if "fleet" in parts:
                say(f"filling 8 nodes of {args.rows:,} rows")
                made = fleet.build(cluster, place, args.rows)
                with serving(made.catalog) as gateway:
                    contend.contend(made, gateway.dsn, args.rounds, targets)
            if set(parts) & {"stream", "latency", "slow"}:
                say("writing the files of the wire's measurements")
                catalog = wire.build(cluster, place)
                with serving(catalog) as gateway:
                    if "stream" in parts:
                        wire.stream(cluster, gateway.port, args.rounds, targets)
                        copying.copying(cluster, gateway.port, args.rounds, targets)
                    if "latency" in parts:
                        wire.latency(cluster, gateway.port, args.rounds, targets)
                        dashboard.dashboard(catalog, gateway.port, args.rounds, targets)
                    if "slow" in parts:
                        wire.slow_reader(gateway.port, gateway.pid, targets)
            if "connect" in parts:
                connect.connect(cluster, place, args.rounds, targets)
            if "catalogs" in parts:
                with serving(catalogs.build(cluster, place)) as gateway:
                    catalogs.catalogs(cluster, gateway.port, args.rounds, targets)
            if "crowd" in parts:
                crowd.crowd(place, targets)
    finally:
        cluster.stop()
    print(f"\n{targets.summary()}\n({time.monotonic() - started:.0f} s)")
    return 1 if targets.missed else 0


if __name__ == "__main__":
    sys.exit(main())
