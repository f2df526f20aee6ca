"""`fedgate serve`: the gateway in the foreground until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
import time
from collections.abc import Callable

from fedgate import server
from fedgate.cli.places import add_catalog_option, add_config_option, add_listen_option, existing
from fedgate.config import DEFAULT_CATALOG, DEFAULT_LISTEN, Config, load
from fedgate.executor import apart
from fedgate.serving import leave_out_pandas
from fedgate.wording import counted

_EXAMPLES = f"""examples:
  fedgate serve                                   the catalog in ./{DEFAULT_CATALOG}, on {DEFAULT_LISTEN}
  fedgate serve --catalog /etc/fedgate/catalog --listen 127.0.0.1:6000
  fedgate serve --config fedgate.toml

then, from another terminal:
  psql -h 127.0.0.1 -p 5433 fedgate
"""


def define(parser: argparse.ArgumentParser) -> None:
    """Its words and options."""
    parser.description = (
        "Serve a catalog's fleet to PostgreSQL clients until Ctrl-C or SIGTERM; on loopback, or elsewhere with a certificate and "
        "a role. Edits of the catalog are picked up while it runs."
    )
    parser.epilog = _EXAMPLES
    add_catalog_option(parser)
    add_listen_option(parser)
    add_config_option(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    def configuration() -> Config:
        return load(args.config, catalog=args.catalog and str(args.catalog), listen=args.listen)

    return serve(configuration(), reread=configuration)


def serve(config: Config, invitation: str = "", reread: Callable[[], Config] | None = None) -> int:
    """Serve until a signal ends it. `invitation` is shown when it listens, with its {host} and {port} filled in.

    `reread` gives the configuration again when SIGHUP comes.
    """
    existing(config.catalog)
    leave_out_pandas()
    _log_to_stderr()
    with server.running(config) as gateway:
        gateway.stop_on_signals()
        snapshot = gateway.engine.catalog.snapshot()
        host, port = gateway.address
        tables, nodes = counted(len(snapshot.tables), "table"), counted(len(snapshot.nodes), "node")
        _say(f"fedgate serves {tables} on {nodes} at {host}:{port}; connect with: {_psql(config, host, port, snapshot.guarded)}")
        for problem in snapshot.problems:
            _say(f'problem: {problem.kind} "{problem.name}": {problem.message}')
        if not snapshot.tables and not snapshot.problems:
            _say(f"{config.catalog} holds no tables yet; documents that are put there appear without a restart")
        if invitation:
            _say(invitation.format(host=host, port=port))
        gateway.wait(reread)
    _say("fedgate has stopped")
    if apart.busy():  # a cancelled merge that hears of nothing: the interpreter would wait for its thread
        os._exit(0)
    return 0


def _psql(config: Config, host: str, port: int, guarded: bool) -> str:
    """How psql connects, from a machine that reaches the host."""
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    if config.tls_certificate is None:
        return f"psql -h {name} -p {port}{' -U NAME' if guarded else ''} fedgate"
    return f'psql "host={name} port={port} dbname=fedgate user=NAME sslmode=verify-full sslrootcert={config.tls_certificate}"'


def _log_to_stderr() -> None:
    """One line an event, in the form of PostgreSQL's default log_line_prefix."""
    handler = logging.StreamHandler()
    form = logging.Formatter("%(asctime)s.%(msecs)03d UTC [%(process)d] %(levelname)s:  %(message)s", "%Y-%m-%d %H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    log = logging.getLogger("fedgate")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
