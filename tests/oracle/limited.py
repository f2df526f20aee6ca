"""Roles that see some of the trap tables, and PostgreSQL's answers over tables that have no more than what they see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from fedgate.pgwire.scram import make_verifier
from tests.fleets.build import Fleet
from tests.fleets.source import SourceTable, read_views
from tests.oracle.generate import TRAPS, Schema
from tests.oracle.reference import _OTHER_METHODS, _SHUFFLED, Reference
from tests.oracle.wire import Wire

PASSWORD = "an open secret"
_ITERATIONS = 4096


@dataclass(frozen=True, slots=True)
class Limited:
    """A role's name, the conditions of its grants on `readings` and on `devices`, and the columns of `readings` withheld."""

    name: str
    rows: str
    devices: str = ""
    withheld: frozenset[str] = frozenset()

    def condition(self, table: str) -> str:
        """As PostgreSQL is asked it."""
        written = {"readings": self.rows, "devices": self.devices}.get(table) or "true"
        return written.replace("current_user", f"'{self.name}'")

    @property
    def schema(self) -> Schema:
        """What queries may be made of."""
        tables = {name: {c: t for c, t in columns.items() if c not in self.withheld} for name, columns in TRAPS.tables.items()}
        return replace(TRAPS, tables=tables)

    def document(self, tables: dict[str, SourceTable], views: tuple[str, ...]) -> dict[str, Any]:
        grants: list[dict[str, Any]] = [{"table": name} for name in (*tables, *views) if name not in ("readings", "devices")]
        grants.append({"table": "devices", **({"rows": self.devices} if self.devices else {})})
        columns = [c.name for c in tables["readings"].columns if c.name not in self.withheld]
        grants.append({"table": "readings", "rows": self.rows, **({"columns": columns} if self.withheld else {})})
        return {
            "kind": "role",
            "name": self.name,
            "verifier": make_verifier(PASSWORD, iterations=_ITERATIONS).text,
            "grants": grants,
        }


CALM = Limited("calm", "status > 0 AND note IN ('ok', 'OK') AND total IN (0, 1)")
"""Of whose rows much can be computed that fails on others."""
OWN = Limited("s1", "site = current_user OR day = '2024-03-01'", "device < 105 OR model = current_user")
ODD = Limited("odd", "md5(coalesce(note, '')) < '9' AND site <> 'd1'", "model <> 'A1'", frozenset({"note", "total"}))
"""Of which nodes cannot evaluate the condition, and of which it reads what the role may not."""
ROLES = (CALM, OWN, ODD)


def write_roles(fleet: Fleet, tables: dict[str, SourceTable], views: tuple[str, ...]) -> None:
    documents = [role.document(tables, views) for role in ROLES]
    Path(fleet.catalog / "roles.yaml").write_text(yaml.safe_dump_all(documents))


class LimitedReference(Reference):
    """PostgreSQL's answers over views that give what a role sees."""

    def __init__(self, union: str, tables: dict[str, SourceTable], role: Limited, timezone: str = "UTC") -> None:
        super().__init__(union, tables, timezone)
        first, second = f"{role.name}_plain", f"{role.name}_{_SHUFFLED}"
        with psycopg.connect(union, autocommit=True) as connection:
            if connection.execute("SELECT to_regnamespace(%s)", (first,)).fetchone() == (None,):
                _make_limited(connection, first, "public", tables, role)
                _make_limited(connection, second, _SHUFFLED, tables, role)
        self.close()
        self._wires[""] = (Wire(union, timezone, first), Wire(union, timezone, second))
        self._wires[""][1].run(_OTHER_METHODS)


def _make_limited(connection: psycopg.Connection, schema: str, source: str, tables: dict[str, SourceTable], role: Limited) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for name, table in tables.items():
        mine = name == "readings"
        columns = [sql.Identifier(c.name) for c in table.columns if not (mine and c.name in role.withheld)]
        connection.execute(
            sql.SQL("CREATE TABLE {} AS SELECT {} FROM {} WHERE {}").format(
                sql.Identifier(schema, name),
                sql.SQL(", ").join(columns),
                sql.Identifier(source, name),
                sql.SQL(role.condition(name)),
            )
        )
    views = read_views(connection)  # printed without a schema, while public is on the path
    connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
    for name, text in views.items():
        connection.execute(sql.SQL("CREATE VIEW {} AS {}").format(sql.Identifier(name), sql.SQL(text)))
    connection.execute("RESET search_path")
    connection.execute("ANALYZE")
