"""Catalog statements that a client sent, asked again of both servers: the same columns, types and rows, with OIDs as names.

OIDs of a database's own objects differ between any two servers. So each server's are read once with the names that they stand
for; in a recorded statement and its parameters they are translated from PostgreSQL's to fedgate's, in rows both become names.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import pq

from fedgate.errors import SqlError
from fedgate.sql.parse import parse
from tests.foreign.definition import Column, Expected
from tests.foreign.world import World
from tools.recordproxy import Recorded

FIRST_FREE_OID = 10_000
"""Below it, an OID is the same in every PostgreSQL 15."""

_CATALOG = re.compile(r"\bpg_(?!sleep)\w+|information_schema|::\s*reg\w+|\bcurrent_schema|\bfedgate\.", re.IGNORECASE)
_NUMBER = re.compile(rb"(?<![\d.])\d{5,10}(?![\d.])")
_INT2, _INT4, _OID, _OIDS, _INTEGERS = 21, 23, 26, 1028, (20, 21, 23, 26)
_NUMERIC = {700, 701, 1700, 16}
# A table's row type goes by the name of the table: here they share an OID.
_NAMED = """
    SELECT c.oid, 'relation ' || nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    UNION ALL SELECT t.oid, CASE WHEN typrelid <> 0 THEN 'relation ' ELSE 'type ' END || nspname || '.' || typname
        FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
    UNION ALL SELECT oid, 'schema ' || nspname FROM pg_namespace
    UNION ALL SELECT k.oid, 'constraint ' || relname || '.' || conname FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
    UNION ALL SELECT oid, 'database ' || datname FROM pg_database
    UNION ALL SELECT oid, 'role ' || rolname FROM pg_roles
    UNION ALL SELECT r.oid, 'rule of ' || relname FROM pg_rewrite r JOIN pg_class c ON c.oid = ev_class
    UNION ALL SELECT oid, 'collation ' || collname || collencoding FROM pg_collation
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one statement gave on both, as text; `expected` is the reason if it is meant."""

    statement: str
    postgres: str
    fedgate: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """`statements` different ones; `left_out` of them need a session's state (they fail on a fresh PostgreSQL connection too)."""

    statements: int
    equal: int
    left_out: int
    differences: tuple[Difference, ...]


def compare(world: World, recorded: Iterable[Recorded], expected: Sequence[Expected], columns: Sequence[Column]) -> Compared:
    """Ask each different catalog statement of both servers."""
    asked = list(dict.fromkeys(one for statement in recorded for one in _catalog_statements(statement)))
    uncompared = {column.name for column in columns}
    equal, left_out, differences = 0, 0, []
    with closing(_Side(world.postgres.dsn)) as postgres, closing(_Side(world.fedgate.dsn)) as fedgate:
        for statement in asked:
            theirs = postgres.ask(statement, uncompared)
            ours = fedgate.ask(_translated(statement, postgres.names, fedgate.oids), uncompared)
            if theirs == ours:
                equal += 1
            elif theirs.error is not None and not theirs.error.startswith("42501"):
                left_out += 1
            else:
                reason = next((e.reason for e in expected if e.of_statement(statement.text)), None)
                differences.append(Difference(_shown(statement), *_told(theirs, ours), reason))
    return Compared(len(asked), equal, left_out, tuple(differences))


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns as (name, type OID), rows sorted, or an error's SQLSTATE and message."""

    columns: tuple[tuple[str, object], ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    error: str | None = None


class _Side:
    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        found = {int(oid): name for oid, name in self._connection.execute(_NAMED.encode())}
        self.names = {oid: name for oid, name in found.items() if oid >= FIRST_FREE_OID or name.startswith("database")}
        # A table and its row type may share an OID: in rows both are called by the table's name.
        self.shown = {oid: name.partition(" ")[2] for oid, name in self.names.items()}
        self.oids = {name: int(oid) for oid, name in self._connection.execute(_NAMED.encode())}

    def close(self) -> None:
        self._connection.close()

    def ask(self, statement: Recorded, uncompared: set[str]) -> Answer:
        connection = self._connection.pgconn
        text = statement.text.encode()
        if statement.values is None:
            result = connection.exec_(text)
        else:
            types = (*statement.types, *(0,) * len(statement.values))[: len(statement.values)]
            result = connection.exec_params(text, statement.values, types, statement.formats)
        if result.status != pq.ExecStatus.TUPLES_OK:
            if connection.transaction_status != pq.TransactionStatus.IDLE:
                connection.exec_(b"ROLLBACK")
            state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
            return Answer(error=f"{state} {(result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b'').decode()}")
        kept = [i for i in range(result.nfields) if (result.fname(i) or b"").decode() not in uncompared]
        columns = tuple(((result.fname(i) or b"").decode(), self.shown.get(result.ftype(i), result.ftype(i))) for i in kept)
        rows = (tuple(self._value(result.get_value(r, i), result.ftype(i)) for i in kept) for r in range(result.ntuples))
        return Answer(columns, tuple(sorted(rows, key=_key)))

    def _value(self, value: bytes | None, type_: int) -> str | None:
        """The value's text, OIDs that have a name here replaced by it."""
        if value is None or type_ in _NUMERIC or len(value) < 5:
            return None if value is None else value.decode()
        return _NUMBER.sub(lambda found: self.shown.get(int(found[0]), found[0].decode()).encode(), value).decode()


def _key(row: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple("\0" if value is None else value for value in row)


def _catalog_statements(recorded: Recorded) -> Iterator[Recorded]:
    """The statements of a text that read catalogs, each alone; of a cursor's declaration, its query."""
    if recorded.values is not None:
        if _CATALOG.search(recorded.text) and _kinds(recorded.text) in (["select"], ["variable_show"]):
            yield recorded
        return
    try:
        parts = parse(recorded.text)
    except SqlError:
        return
    for part in parts:
        source = part.source
        if part.kind == "declare_cursor":
            source = re.split(r"\bFOR\b", source, maxsplit=1, flags=re.IGNORECASE)[-1]
        if part.kind in ("select", "variable_show", "declare_cursor") and (part.kind == "variable_show" or _CATALOG.search(source)):
            yield Recorded(source.strip())


def _kinds(text: str) -> list[str]:
    try:
        return [part.kind for part in parse(text)]
    except SqlError:
        return []


def _translated(statement: Recorded, names: Mapping[int, str], oids: Mapping[str, int]) -> Recorded:
    """With PostgreSQL's OIDs turned into fedgate's, in the text and in parameters of either format."""

    def other(number: int) -> int:
        return oids.get(names.get(number, ""), number)

    def in_text(data: bytes) -> bytes:
        return _NUMBER.sub(lambda found: str(other(int(found[0]))).encode(), data)

    text = in_text(statement.text.encode()).decode()
    if statement.values is None:
        return Recorded(text)
    values: list[bytes | None] = []
    types = list((*statement.types, *(0,) * len(statement.values))[: len(statement.values)])
    for place, (value, type_, format_) in enumerate(zip(statement.values, tuple(types), statement.formats, strict=True)):
        if value is None or format_ == 0:
            values.append(None if value is None else in_text(value))
        elif len(value) == 4 or (type_ == _INT2 and int.from_bytes(value) in names):
            # A driver that sends the smallest type that holds a number could not have said the other one so.
            types[place] = _INT4 if type_ == _INT2 else type_
            values.append(struct.pack("!I", other(int.from_bytes(value))))
        elif type_ == _OIDS or value[8:12] in (struct.pack("!I", o) for o in _INTEGERS):
            values.append(_translated_array(value, other))
        else:
            values.append(value)
    return Recorded(text, tuple(values), tuple(types), statement.formats)


def _translated_array(value: bytes, other: Callable[[int], int]) -> bytes:
    """A binary array of four-byte elements; anything else as it is."""
    dimensions, _, element = struct.unpack_from("!iiI", value)
    if dimensions != 1 or element not in (23, _OID):
        return value
    at, made = 20, value[:20]
    while at < len(value):
        (size,) = struct.unpack_from("!i", value, at)
        made += value[at : at + 4]
        at += 4
        if size == 4:
            made += struct.pack("!I", other(struct.unpack_from("!I", value, at)[0]))
        at += max(size, 0)
    return made


def _shown(statement: Recorded) -> str:
    if statement.values is None:
        return statement.text
    return f"{statement.text}\n-- {statement.values!r}"


def _told(theirs: Answer, ours: Answer, most: int = 6) -> tuple[str, str]:
    """What differs, shortly: an error, columns, or the rows that only one side has."""
    if theirs.error or ours.error:
        return theirs.error or f"{len(theirs.rows)} rows", ours.error or f"{len(ours.rows)} rows"
    if theirs.columns != ours.columns:
        pairs = [(a, b) for a, b in zip(theirs.columns, ours.columns, strict=False) if a != b]
        return f"columns {[a for a, _ in pairs][:most]}", f"columns {[b for _, b in pairs][:most]}"

    def only(a: Answer, b: Answer) -> str:
        left = list(a.rows)
        for row in b.rows:
            if row in left:
                left.remove(row)
        return f"{len(a.rows)} rows, only here: {len(left)}: {left[:most]}"

    return only(theirs, ours), only(ours, theirs)
