"""Frozen shapes that several rooms share: what the binder asks of the catalog, and what the executor asks of local sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from fedgate.types import SqlType

SHARD_ATTNUM = -7
NODE_ATTNUM = -8
TEXT = SqlType(25)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as clients see it; `attnum` counts from 1 (hidden columns are negative)."""

    attnum: int
    name: str
    type: SqlType
    not_null: bool = False
    comment: str | None = None


ROW_ATTNUM = -1
ROW_COLUMN = Column(ROW_ATTNUM, "ctid", SqlType(20), True)
"""The number of a temporary table's row, which only statements that change rows ask for."""

HIDDEN_COLUMNS = (
    Column(SHARD_ATTNUM, "_shard", TEXT, True),
    Column(NODE_ATTNUM, "_node", TEXT, True),
)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A relation that rows can be read from; compared by identity, since it belongs to one snapshot.

    kind `virtual`: rows live at nodes; `system`: rows come from a LocalSource; `temp`: from the session, which says about how many
    (`estimate`).

    What a role may read of a table is a Table too: `columns` are then those that are granted to it, under their own numbers, and
    `withheld` the others; `rows` is the expression (sql.tree.Expr over catalog.model.ROWS_REL) that holds for the rows it may see,
    None for all; `whole` is the table as the catalog has it.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    oid: int
    kind: Literal["virtual", "system", "temp"] = "virtual"
    replicated: bool = False
    primary_key: tuple[str, ...] = ()
    shard_key: tuple[str, ...] = ()
    colocated_with: tuple[str, str] | None = None
    comment: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    estimate: int | None = None
    withheld: tuple[Column, ...] = ()
    rows: object = None
    whole: Table | None = None

    def column(self, attnum: int) -> Column:
        """The column of that number, hidden and withheld ones included. KeyError if there is none."""
        if self.whole is not None:
            return self.whole.column(attnum)
        if attnum > 0:
            return self.columns[attnum - 1]
        for hidden in (*HIDDEN_COLUMNS, ROW_COLUMN):
            if hidden.attnum == attnum:
                return hidden
        raise KeyError(attnum)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A named query; `query` is SELECT text that the binder expands where the view is named.

    `columns` are what it gives, once the catalog has bound it: (empty while it could not be bound). For a role these are the
    granted ones, and `withheld` names the others.
    """

    schema: str
    name: str
    query: str
    oid: int
    columns: tuple[Column, ...] = ()
    comment: str | None = None
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class TempTables:
    """A session's temporary tables at one moment, by name. `schema` is theirs, which the session may call pg_temp too."""

    schema: str
    tables: Mapping[str, Table]


class Relations(Protocol):
    """What the binder asks of a snapshot."""

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        """The relation of that name, None if there is none.

        Raises SqlError 55000 when the catalog document that it names is unusable, 42501 when the role may not read it.
        """

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        """The nearest existing name, for a hint."""

    def schema_exists(self, schema: str) -> bool: ...


class LocalSource(Protocol):
    """Where the rows of `system` and `temp` tables come from."""

    def rows(self, table: Table) -> pa.Table:
        """All rows; columns in order of attnum, each in its type's carrier. Called once per statement and table."""
