"""`fedgate serve`: the gateway in the foreground until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fedgate import server
from fedgate.config import DEFAULT_CATALOG, DEFAULT_LISTEN, Config, load

_EXAMPLES = f"""examples:
  fedgate serve                                   the catalog in ./{DEFAULT_CATALOG}, on {DEFAULT_LISTEN}
  fedgate serve --catalog /etc/fedgate/catalog --listen 127.0.0.1:6000
  fedgate serve --config fedgate.toml

then, from another terminal:
  psql -h 127.0.0.1 -p 5433 fedgate
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "serve",
        help="serve a catalog to PostgreSQL clients",
        description="Serve a catalog's fleet to PostgreSQL clients. Edits of the catalog are picked up while it runs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_catalog_option(parser)
    parser.add_argument("--listen", metavar="HOST:PORT", help=f"where to listen (default {DEFAULT_LISTEN}); loopback only")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a fedgate.toml with these and other settings")
    parser.set_defaults(run=run)


def add_catalog_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--catalog", metavar="DIR", help=f"the catalog's directory (default ./{DEFAULT_CATALOG})")


def run(args: argparse.Namespace) -> int:
    return serve(load(args.config, catalog=args.catalog, listen=args.listen))


def serve(config: Config) -> int:
    """Serve until a signal ends it."""
    with server.running(config) as gateway:
        snapshot = gateway.engine.catalog.snapshot()
        host, port = gateway.address
        print(
            f"fedgate serves {len(snapshot.tables)} tables on {len(snapshot.nodes)} nodes at {host}:{port}"
            f" (psql -h {host} -p {port} fedgate)",
            file=sys.stderr,
        )
        for problem in snapshot.problems:
            print(f'problem: {problem.kind} "{problem.name}": {problem.message}', file=sys.stderr)
        gateway.wait()
    return 0
