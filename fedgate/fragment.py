"""What travels between planner, nodes and executor: SQL templates and their columns, fragments and their statistics.

A *template* is SQL text with slots. A slot stands for a parameter; the dialect that made the template renders its value as a typed
literal at execution, so that one template serves every execution of a cached plan and no text of a client reaches an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import pyarrow as pa

from fedgate.types import SqlType
from fedgate.types.style import DEFAULT_STYLE
from fedgate.types.values import Value

TEXT_STYLE: Final = "text_style"
"""The parameter that tells the forms of texts of a session (`TextStyle.packed`); where there is no session, the default ones."""


def column_name(number: int) -> str:
    """What SQL and Arrow schemas call the column with that id or attnum: `c3`, or `c_7` for -7."""
    return f"c{number}" if number >= 0 else f"c_{-number}"


def column_id(name: str) -> int:
    """The id, not negative, of the column that `column_name` gave this name."""
    return int(name[1:])


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template for the value of parameter `name`.

    `form` is the dialect's own name for how the value is written there (for instance a time as `unix_s`); "" is the usual literal.
    """

    name: str
    type: SqlType
    form: str = ""


Template: TypeAlias = tuple["str | Slot", ...]


def fill(template: Template, values: Mapping[str, Value], literal: Callable[[Slot, Value], str]) -> str:
    """The SQL text of a template. `literal` renders one value; KeyError if `values` lacks a slot's name."""
    return "".join(part if isinstance(part, str) else literal(part, _value(part, values)) for part in template)


def _value(slot: Slot, values: Mapping[str, Value]) -> Value:
    if slot.name == TEXT_STYLE and slot.name not in values:
        return DEFAULT_STYLE.packed
    return values[slot.name]


@dataclass(slots=True)
class FragmentStats:
    """What a fragment did; shown by EXPLAIN ANALYZE and fedgate.last_query_nodes."""

    node: str
    shard: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"] = "waiting"
    told: str | Callable[[], str] = ""
    rows: int = 0
    bytes: int = 0
    milliseconds: float = 0.0
    first_batch_ms: float | None = None
    error: str | None = None
    retries: int = 0
    exchange: str = ""

    @property
    def sql(self) -> str:
        """What it asked, for people: made when somebody looks."""
        return self.told if isinstance(self.told, str) else self.told()


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """One column of a TypedView: the local column `source` (quoted) as `name`, read by the type that it is stored in.

    `cases` are pairs of a test, in which `@` stands for the stored type's name, and the value where it holds; `otherwise` is an
    expression that raises.
    """

    name: str
    source: str
    cases: tuple[tuple[str, str], ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class TypedView:
    """A view that the session makes before it runs the SQL: the columns of a local relation in their carriers.

    Which case holds depends on the relation's schema alone, so that the session chooses it once and not the engine for each
    statement. Views of one name are the same.
    """

    name: str
    relation: tuple[str | None, str]
    columns: tuple[TypedColumn, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One statement for one node, as `fit` makes it; `name` is what a residual calls its rows.

    `schema`: the answer's columns (`c<id>`) in their carriers. `guard`: the statement's last column, named `guard` and not in
    `schema`, counts values that do not fit the catalog's types among the rows looked at; when it is not zero the session runs
    `offender`, which gives one row (column, row id, stored type, value as text), and raises 22P02 or 22003 naming it.
    `relations`: the local relations (schema or None, name) that the template reads; `views`: the views over them by which it does,
    if it reads them so.
    """

    name: str
    template: Template
    schema: pa.Schema
    guard: bool = False
    offender: Template = ()
    relations: tuple[tuple[str | None, str], ...] = ()
    views: tuple[TypedView, ...] = ()


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part with its slots filled: SQL text for one node, ready to run.

    `relation` is what errors call the table; `relations` are the local relations (schema or None, name) that the SQL reads.
    """

    exchange: str
    node: str
    shard: str
    relation: str
    sql: str
    schema: pa.Schema
    guard: bool = False
    offender_sql: str = ""
    relations: tuple[tuple[str | None, str], ...] = ()
    views: tuple[TypedView, ...] = ()
