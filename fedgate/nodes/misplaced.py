"""A node that lacks a relation or column that the catalog says it has: the error that says so, and what is remembered of it.

Engines say it in words of their own and with names that stand in the fragment alone; the client's statement is right. So the error
names node, table, column and placement as the catalog does, and says where to look.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fedgate.catalog.model import ColumnMap, Placement
from fedgate.errors import SqlError
from fedgate.fragment import Fragment
from fedgate.nodes.relations import quote

_HINT: Final = (
    "The placement's relation or columns in the catalog may be wrong; `fedgate check` compares all of them with their nodes."
)
_COLUMN: Final = re.compile(
    r"no such column: (?:\w+\.)?(?P<sqlite>.+)"
    r'|Referenced column "(?P<duckdb>[^"]+)" not found'
    r'|column named "(?P<member>[^"]+)"'
    r'|column (?:\w+\.)?"?(?P<postgres>[^"]+?)"? does not exist'
)


@dataclass(frozen=True, slots=True)
class Misplaced:
    """What a node lacks: the relation of a placement, or (with `column`, the node's own name for it) a column of that."""

    placement: Placement
    column: str | None
    message: str
    since: float


class Misplacements:
    """What nodes were found to lack, until they are found to have it. Thread-safe, bounded by what catalogs name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str, str, str | None], Misplaced] = {}

    def told(self, error: SqlError, placements: Mapping[int, Placement]) -> SqlError:
        """The error that a fragment over these placements failed with, in the catalog's words where it is of this kind."""
        if error.sqlstate not in ("42P01", "42703"):
            return error
        found = _found(error, placements.values())
        if found is None:
            return error
        with self._lock:
            known = self._found.setdefault(_key(found.placement, found.column), found)
            if known.placement is not found.placement:
                self._found[_key(found.placement, found.column)] = found
        return SqlError(error.sqlstate, found.message, hint=_HINT, node=error.node)

    def answered(self, fragment: Fragment) -> None:
        """A fragment ran well: what it read is there."""
        if not self._found:
            return
        with self._lock:
            for key, one in list(self._found.items()):
                if one.placement.node.name == fragment.node and _reads(fragment, one.placement.relation, one.column):
                    del self._found[key]

    def all(self) -> list[Misplaced]:
        """What is lacking, the earliest first."""
        with self._lock:
            return sorted(self._found.values(), key=lambda one: one.since)


def _key(placement: Placement, column: str | None) -> tuple[str, str, str, str | None]:
    return placement.table.schema, placement.table.name, placement.node.name, column


def _found(error: SqlError, placements: Iterable[Placement]) -> Misplaced | None:
    here = list(placements)
    if error.sqlstate == "42P01":
        named = [p for p in here if p.relation[1] in error.message] or (here if len(here) == 1 else [])
        if not named:
            return None
        placement = max(named, key=lambda p: len(p.relation[1]))
        return _misplaced(placement, None, f'relation "{_relation(placement)}", which', "names")
    match = _COLUMN.search(error.message)
    column = next((name for name in match.groups() if name), "") if match else ""
    for placement in here:
        for attnum, mapped in enumerate(placement.columns, 1):
            if column in _local_names(mapped):
                name = placement.table.column(attnum).name
                lacks = f'column "{column}" in relation "{_relation(placement)}", which'
                return _misplaced(placement, column, lacks, "reads" if name == column else f'reads as "{name}"')
    return None


def _misplaced(placement: Placement, column: str | None, lacks: str, does: str) -> Misplaced:
    table = f"{placement.table.schema}.{placement.table.name}".removeprefix("public.")
    message = f'node "{placement.node.name}" has no {lacks} the placement of table "{table}" {does}'
    return Misplaced(placement, column, message, time.time())


def _relation(placement: Placement) -> str:
    return ".".join(part for part in placement.relation if part is not None)


def _local_names(mapped: ColumnMap) -> set[str]:
    names = {local.name for local in mapped.inputs}
    return names | {mapped.source.name} if mapped.source is not None else names


def _reads(fragment: Fragment, relation: tuple[str | None, str], column: str | None) -> bool:
    if relation not in fragment.relations and quote(relation[1]) not in fragment.sql:
        return False
    quoted = quote(column or "")
    return column is None or quoted in fragment.sql or any(c.source == quoted for view in fragment.views for c in view.columns)
