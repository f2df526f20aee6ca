"""What fitting knows of the node: placements, shard and home, the statement's zone; and small tools that every dialect uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from fedgate.catalog.model import LocalColumn, Placement
from fedgate.fragment import Part, Slot, Template
from fedgate.sql.tree import Expr, Query, TableRef
from fedgate.types import BY_OID, SqlType
from fedgate.types.values import Value

_MARK = re.compile("\x00(\\d+)\x00")


class Refused(Exception):  # noqa: N818 - no error: it says what an engine's list does not hold
    """An engine may not be sent something; the message says what, for EXPLAIN."""


@dataclass(frozen=True, slots=True)
class LocalRelation:
    """A relation as the node has it: Vars of it count `columns` from 1."""

    placement: Placement
    columns: tuple[LocalColumn, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """One node, as a block meets it. `timezone` is the statement's: it may be written into SQL; a node's own never counts."""

    placements: Mapping[int, Placement]
    shard: str
    home: str
    engine: str
    timezone: str


class Dialect(Protocol):
    """An engine's allow-list and renderer. Blocks are localised: Vars of a TableRef count its LocalRelation's columns."""

    def whole(self, block: Query, schema: pa.Schema, relations: Mapping[int, LocalRelation], site: Site) -> Part:
        """The block as one statement for exactly its rows. Raises Refused."""

    def scan(
        self, ref: TableRef, relation: LocalRelation, conjuncts: tuple[Expr, ...], schema: pa.Schema, site: Site, name: str
    ) -> Part:
        """All columns of the relation for (a superset of) the rows for which the conjuncts hold; each was `admitted`."""

    def admitted(self, conjunct: Expr, relations: Mapping[int, LocalRelation], site: Site) -> str | None:
        """None when `scan` may be given the conjunct, else why not."""

    def literal(self, slot: Slot, value: Value) -> str: ...


@dataclass(slots=True)
class Slots:
    """Marks parameters in SQL text, and splits the finished text into a template. No text that PostgreSQL has can hold U+0000."""

    slots: list[Slot | str] = field(default_factory=list)

    def mark(self, slot: Slot) -> str:
        if slot not in self.slots:
            self.slots.append(slot)
        return f"\x00{self.slots.index(slot)}\x00"

    def text(self, sql: str) -> str:
        """A mark for long SQL text, so that an expression that holds it stays short (it may be written several times)."""
        if sql not in self.slots:
            self.slots.append(sql)
        return f"\x00{self.slots.index(sql)}\x00"

    def template(self, sql: str) -> Template:
        pieces = _MARK.split(sql)
        return tuple(self.slots[int(p)] if i % 2 else p for i, p in enumerate(pieces) if i % 2 or p)


def what(node: Any) -> str:
    """What an engine's list lacks, as reasons call it: `lower(text)`, or a kind of node."""
    name = getattr(node, "name", None)
    kinds = ", ".join(BY_OID[o].sql_name if o in BY_OID else str(o) for o in getattr(node, "arg_types", ()))
    return f"{name}({kinds})" if name else type(node).__name__


def described(field_: pa.Field, name: str, type_: SqlType, zone: str | None) -> pa.Field:
    """The field with what sessions need to check values and to name them in errors."""
    meta = {"column": name, "oid": str(type_.oid), "typmod": str(type_.typmod)}
    if zone:
        meta["zone"] = zone
    return field_.with_metadata(meta)


def no_column(schema: pa.Schema) -> pa.Schema:
    """The schema of a scan: one that reads no column has `c1`, a constant, since a relation at the gateway needs a column."""
    return schema if len(schema) else pa.schema([described(pa.field("c1", pa.int32()), "row", SqlType(23), None)])
