"""`fedgate demo`: build a small fleet of real data and serve it."""

from __future__ import annotations

import argparse
from pathlib import Path

from fedgate.cli import serve
from fedgate.cli.places import add_listen_option
from fedgate.config import load
from fedgate.demo import build

DEFAULT_DIRECTORY = "demo"

_EXAMPLES = """examples:
  fedgate demo                             build ./demo (once) and serve it
  fedgate demo --listen 127.0.0.1:6000     the same on another port
  fedgate demo /tmp/flights --build-only   build only; then: fedgate sql --catalog /tmp/flights
"""


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = (
        "Build a fleet of real data once, then serve it: flights and weather of three New York airports in 2013, "
        "Newark on SQLite, Kennedy on DuckDB, LaGuardia on Parquet. The first time it downloads 9 MB."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        type=Path,
        default=Path(DEFAULT_DIRECTORY),
        help=f"where to build; a new or empty directory (default ./{DEFAULT_DIRECTORY})",
    )
    add_listen_option(parser)
    parser.add_argument("--build-only", action="store_true", help="build the fleet, print its directory, and exit")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    catalog = build(args.directory)
    if args.build_only:
        print(catalog)
        return 0
    return serve.serve(load(None, catalog=str(catalog), listen=args.listen), INVITATION)


INVITATION = """
Connect from another terminal:

    psql -h {host} -p {port} fedgate

and try:

    SELECT origin, count(*) FROM flights GROUP BY origin ORDER BY origin;
     EWR 120835, JFK 111279, LGA 104662: counted at three nodes, added up here

    SELECT name, round(avg(arr_delay)::numeric, 1) AS delay
      FROM flights JOIN airlines USING (carrier) GROUP BY name ORDER BY delay DESC LIMIT 3;
     Frontier Airlines Inc. 21.9, AirTran Airways Corporation 20.1, ExpressJet Airlines Inc. 15.8

    EXPLAIN SELECT origin, date_trunc('month', time_hour) AS m, count(*), avg(dep_delay) FROM flights GROUP BY 1, 2;
     three fragments of partial aggregates, one for each airport

Stop with Ctrl-C.
"""
