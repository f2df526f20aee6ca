"""Rows of pg_stat_activity and pg_stat_ssl: the sessions of this gateway (https://www.postgresql.org/docs/15/monitoring-stats.html)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from fedgate.system.build import Row, Rows
from fedgate.system.facts import DATABASE, OWNER, Facts
from fedgate.system.objects import OWNER_OID, Shown, role_oid

_DATABASE_OID: Final = 5
_UNCOUNTED: Final = (
    *("xact_commit", "xact_rollback", "blks_read", "blks_hit", "tup_returned", "tup_fetched", "tup_inserted", "tup_updated"),
    *("tup_deleted", "conflicts", "temp_files", "temp_bytes", "deadlocks", "blk_read_time", "blk_write_time", "session_time"),
    *("active_time", "idle_in_transaction_time", "sessions", "sessions_abandoned", "sessions_fatal", "sessions_killed"),
)


def pg_stat_activity(shown: Shown, facts: Facts) -> Iterator[Row]:
    for found in facts.backends():
        yield {
            "datid": _DATABASE_OID,
            "datname": DATABASE,
            "pid": found.pid,
            "usesysid": OWNER_OID if found.user == OWNER else role_oid(found.user),
            "usename": found.user,
            "application_name": found.application_name,
            "client_addr": found.address,
            "client_port": found.port,
            "backend_start": found.backend_start_us,
            "xact_start": found.xact_start_us,
            "query_start": found.query_start_us,
            "state_change": found.state_change_us,
            "wait_event_type": "Client" if found.wait_event is not None else None,
            "wait_event": found.wait_event,
            "state": found.state,
            "query": found.query,
            "backend_type": found.kind,
        }


def pg_stat_ssl(shown: Shown, facts: Facts) -> Iterator[Row]:
    """Of sessions that the asking one may look into, as in PostgreSQL. Clients show no certificates."""
    for found in facts.backends():
        if found.port is None:
            continue
        tls = {} if found.tls is None else asdict(found.tls)
        yield {"pid": found.pid, "ssl": found.tls is not None, **tls}


def pg_stat_database(shown: Shown, facts: Facts) -> Iterator[Row]:
    """How many sessions there are; what nobody counts is 0."""
    yield {**dict.fromkeys(_UNCOUNTED, 0), "datid": _DATABASE_OID, "datname": DATABASE, "numbackends": len(facts.backends())}


ROWS: Final[dict[str, Rows]] = {
    "pg_stat_activity": pg_stat_activity,
    "pg_stat_database": pg_stat_database,
    "pg_stat_ssl": pg_stat_ssl,
}
