"""What a role sees of a snapshot: default deny, and whatever is not granted is absent.

Contract: `visible` gives what a Snapshot of the same revision is made of. Its tables are those with a grant, with their granted
columns (`Table.columns`) and the rows that the grants mean (`Table.rows`). Its views are those with a grant of their own; a view
runs with its reader's rights, so what it reads must be granted too. Of nodes and documents it tells what concerns these tables,
without addresses, paths and faults. The snapshot's `find` raises 42501 for what exists and is not granted, as PostgreSQL does;
hints name what is granted only.

Several grants add up: the columns of all of them, and the rows of each; a grant without rows means every row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from fedgate.catalog.model import Node
from fedgate.catalog.names import display
from fedgate.catalog.resolve import Resolved
from fedgate.catalog.roles import Grant, Key, row_columns
from fedgate.schema import Table, View

if TYPE_CHECKING:
    from fedgate.catalog.snapshot import Snapshot

_FAULTY = "an administrator can see why"


def visible(snapshot: Snapshot, names: tuple[str, ...], grants: tuple[Grant, ...]) -> Resolved:
    """What the roles of these names, one and those that it is a member of, see with these grants."""
    tables = {key: _table(table, mine) for key, table in snapshot.tables.items() if (mine := _of(key, grants))}
    views = {key: _view(view, mine) for key, view in snapshot.views.items() if (mine := _of(key, grants))}
    unusable = {key: _FAULTY for key in snapshot.unusable if _of(key, grants)}
    shown = {display("table", ".".join(key)) for key in (*tables, *views, *unusable)}
    placed = {p.node.name for table in tables.values() for shard in snapshot.shards(table) for p in shard.placements}
    return Resolved(
        nodes={name: _node(node) for name, node in snapshot.nodes.items() if name in placed},
        tables=tables,
        views=views,
        groups=dict(snapshot.groups),
        roles={name: replace(snapshot.roles[name], verifier=None) for name in names},
        guarded=True,
        problems=[
            replace(p, message=_FAULTY)
            for p in snapshot.problems
            if p.kind in ("table", "view", "placement") and p.name.partition("/")[0] in shown
        ],
        unusable=unusable,
    )


def _node(node: Node) -> Node:
    return replace(node, url="", options={}, credentials={})


def _view(view: View, grants: list[Grant]) -> View:
    names = _names(grants)
    withheld = frozenset(c.name for c in view.columns if names is not None and c.name not in names)
    return replace(view, columns=tuple(c for c in view.columns if c.name not in withheld), withheld=withheld)


def _of(key: Key, grants: Iterable[Grant]) -> list[Grant]:
    return [grant for grant in grants if grant.table is None or grant.table == key]


def _names(grants: list[Grant]) -> frozenset[str] | None:
    """The names of the granted columns, None for all."""
    if any(grant.columns is None for grant in grants):
        return None
    return frozenset(name for grant in grants for name in grant.columns or ())


def _table(table: Table, grants: list[Grant]) -> Table:
    names = _names(grants)
    withheld = tuple(c for c in table.columns if names is not None and c.name not in names)
    rows = _rows(table, grants)
    if not withheld and rows is None:
        return table
    hidden = {c.name for c in withheld}
    return replace(
        table,
        columns=tuple(c for c in table.columns if c.name not in hidden),
        primary_key=() if hidden & set(table.primary_key) else table.primary_key,
        withheld=withheld,
        rows=rows,
        whole=table,
    )


def _rows(table: Table, grants: list[Grant]) -> object:
    """The rows of any of the grants; None when one of them means all."""
    if any(grant.rows is None for grant in grants):
        return None
    from fedgate.catalog.expressions import any_rows  # the binder is heavy; catalogs without SQL do without it

    return any_rows(tuple(dict.fromkeys(grant.rows or "" for grant in grants)), row_columns(table))
