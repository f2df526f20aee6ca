"""Rows of the schema `fedgate`: the fleet as the catalog says it, and what this gateway has seen of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from fedgate.nodes.secrets import redacted
from fedgate.schema import Table
from fedgate.system.build import Row, Rows
from fedgate.system.facts import Facts, NodeFact
from fedgate.system.objects import Shown

_UNSEEN = NodeFact("unknown")


def nodes(shown: Shown, facts: Facts) -> Iterator[Row]:
    states = facts.node_states()
    for name, node in sorted(shown.snapshot.nodes.items()):
        fact = states.get(name, _UNSEEN)
        yield {
            "name": name,
            "engine": node.engine,
            "url": redacted(node.url) or None,
            "labels": _jsonb(node.labels),
            "state": fact.state,
            "last_error": fact.last_error,
            "last_seen": None if fact.last_seen is None else _time(fact.last_seen),
        }


def tables(shown: Shown, facts: Facts) -> Iterator[Row]:
    for table in shown.tables:
        yield {
            "schema": table.schema,
            "name": table.name,
            "distribution": "replicated" if table.replicated else "sharded",
            "shards": len(shown.shards(table)),
            "labels": _jsonb(table.labels),
            "comment": table.comment,
        }


def placements(shown: Shown, facts: Facts) -> Iterator[Row]:
    whole = shown.snapshot.whole is None  # else a role's part, to which files and conditions on other columns are nothing
    for table in shown.tables:
        for shard in shown.shards(table):
            for placement in shard.placements:
                yield {
                    "table": _shown(table),
                    "node": placement.node.name,
                    "shard": shard.name,
                    "relation": ".".join(part for part in placement.relation if part is not None) if whole else None,
                    "priority": placement.priority,
                    "check": (placement.check_text or None) if whole else None,
                    "labels": _jsonb(placement.labels),
                }


def groups(shown: Shown, facts: Facts) -> Iterator[Row]:
    for name, group in sorted(shown.snapshot.groups.items()):
        members = sorted(n for n, node in shown.snapshot.nodes.items() if shown.snapshot.matches(node, group.selector))
        yield {"name": name, "selector": group.selector, "nodes": members, "comment": group.comment}


def settings(shown: Shown, facts: Facts) -> Iterator[Row]:
    for setting in facts.settings():
        yield {
            "name": setting.name,
            "value": setting.value,
            "default": setting.default,
            "unit": setting.unit,
            "about": setting.about,
        }


def problems(shown: Shown, facts: Facts) -> Iterator[Row]:
    for problem in shown.snapshot.problems:
        yield {"kind": problem.kind, "name": problem.name, "message": problem.message, "since": _time(problem.since)}
    for lack in facts.lacking():
        placement = lack.placement
        table = shown.snapshot.tables.get((placement.table.schema, placement.table.name))
        shards = shown.snapshot.shards(table) if table is not None else ()
        if any(p is placement for shard in shards for p in shard.placements):  # else the catalog was edited since
            name = f"{_shown(placement.table)} at {placement.node.name}"
            yield {"kind": "placement", "name": name, "message": lack.message, "since": _time(lack.since)}


def last_query_nodes(shown: Shown, facts: Facts) -> Iterator[Row]:
    for fact in facts.last_query_nodes():
        yield {
            "query_id": fact.query_id,
            "node": fact.node,
            "shard": fact.shard,
            "state": fact.state,
            "rows": fact.rows,
            "bytes": fact.bytes,
            "milliseconds": fact.milliseconds,
            "sql": fact.sql,
            "error": fact.error,
        }


def queries(shown: Shown, facts: Facts) -> Iterator[Row]:
    for fact in facts.queries():
        yield {
            "query_id": fact.query_id,
            "user": fact.user,
            "started": _time(fact.started),
            "state": fact.state,
            "milliseconds": fact.milliseconds,
            "rows": fact.rows,
            "query": fact.query,
            "error": fact.error,
        }


def _shown(table: Table) -> str:
    return table.name if table.schema == "public" else f"{table.schema}.{table.name}"


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _jsonb(value: Mapping[str, str]) -> str:
    """PostgreSQL's jsonb text: shorter keys first, then by bytes."""
    ordered = dict(sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode())))
    return json.dumps(ordered, ensure_ascii=False)


ROWS: dict[str, Rows] = {
    rows.__name__: rows for rows in (nodes, tables, placements, groups, settings, problems, last_query_nodes, queries)
}
