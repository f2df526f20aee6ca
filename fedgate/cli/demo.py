"""`fedgate demo`: build a small fleet of real data and serve it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fedgate.cli import serve
from fedgate.config import DEFAULT_LISTEN, load
from fedgate.demo import build

DEFAULT_DIRECTORY = "demo"

_EXAMPLES = """examples:
  fedgate demo                 build ./demo (once) and serve it
  fedgate demo /tmp/flights --build-only
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="build a demo fleet of real data and serve it",
        description="Flights and weather of three New York airports in 2013: one airport on SQLite, one on DuckDB, one on Parquet.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", metavar="DIR", nargs="?", type=Path, default=Path(DEFAULT_DIRECTORY))
    parser.add_argument("--listen", metavar="HOST:PORT", help=f"where to listen (default {DEFAULT_LISTEN}); loopback only")
    parser.add_argument("--build-only", action="store_true", help="build the fleet and exit")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    catalog = build(args.directory)
    if args.build_only:
        print(catalog)
        return 0
    config = load(None, catalog=str(catalog), listen=args.listen)
    host, port = config.listen
    print(_INVITATION.format(host=host, port=port), file=sys.stderr)
    return serve.serve(config)


_INVITATION = """
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
