"""Prepared statements and portals (cursors are portals) of one session, by name.

Their lives are PostgreSQL's (https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY): the unnamed ones are
replaced silently, named ones must be closed first (42P05, 42P03); portals end with their transaction unless WITH HOLD.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fedgate import limits
from fedgate.errors import SqlError
from fedgate.session.engine import Prepared
from fedgate.session.results import Result, Rows
from fedgate.sql.parse import RawStatement
from fedgate.sql.tree import OutputColumn
from fedgate.sql.utility import Utility
from fedgate.types import SqlType
from fedgate.types.values import Value


@dataclass(slots=True)
class Statement:
    """A parsed statement: a query (`prepared`), a utility, or nothing at all (an empty text).

    `columns` is None when it gives no rows.
    """

    name: str
    text: str
    raw: RawStatement | None
    prepared: Prepared | None
    utility: Utility | None
    parameters: tuple[SqlType, ...]
    columns: tuple[OutputColumn, ...] | None
    from_sql: bool = False
    prepared_us: int = 0


@dataclass(slots=True)
class Portal:
    """A statement with its parameter values, ready to run or running."""

    name: str
    statement: Statement
    values: tuple[Value, ...]
    result_formats: tuple[int, ...] = ()
    result: Result | None = None
    started: bool = False
    hold: bool = False
    cursor: bool = False
    created_us: int = 0

    @property
    def rows(self) -> Rows | None:
        return self.result.rows if self.result is not None else None

    def close(self) -> None:
        if self.rows is not None:
            self.rows.close()


@dataclass(slots=True)
class Names:
    """The statements and portals of a session."""

    statements: dict[str, Statement] = field(default_factory=dict)
    portals: dict[str, Portal] = field(default_factory=dict)

    def add_statement(self, statement: Statement) -> None:
        """Raises 42P05 for a name that is taken, 54000 past the limit."""
        if statement.name and statement.name in self.statements:
            raise SqlError("42P05", f'prepared statement "{statement.name}" already exists')
        if len(self.statements) >= limits.PREPARED_STATEMENTS_MAX:
            raise SqlError("54000", f"too many prepared statements (limit {limits.PREPARED_STATEMENTS_MAX})")
        self.statements[statement.name] = statement

    def statement(self, name: str) -> Statement:
        """Raises 26000 when there is none."""
        found = self.statements.get(name)
        if found is None:
            text = f'prepared statement "{name}" does not exist' if name else "unnamed prepared statement does not exist"
            raise SqlError("26000", text)
        return found

    def drop_statement(self, name: str) -> None:
        self.statements.pop(name, None)

    def add_portal(self, portal: Portal) -> None:
        """Raises 42P03 for a name that is taken, 54000 past the limit."""
        if portal.name:
            if portal.name in self.portals:
                raise SqlError("42P03", f'cursor "{portal.name}" already exists')
        else:
            self.drop_portal("")
        if len(self.portals) >= limits.PORTALS_MAX:
            raise SqlError("54000", f"too many open portals (limit {limits.PORTALS_MAX})")
        self.portals[portal.name] = portal

    def portal(self, name: str, what: str = "portal") -> Portal:
        """Raises 34000 when there is none."""
        found = self.portals.get(name)
        if found is None:
            raise SqlError("34000", f'{what} "{name}" does not exist')
        return found

    def drop_portal(self, name: str) -> None:
        portal = self.portals.pop(name, None)
        if portal is not None:
            portal.close()

    def end_transaction(self) -> None:
        """Portals end with their transaction, WITH HOLD cursors stay."""
        for name in [n for n, p in self.portals.items() if not p.hold]:
            self.drop_portal(name)

    def wait(self) -> None:
        """The client has its answers: portals that stay open are to hold little."""
        for portal in self.portals.values():
            if portal.rows is not None and not portal.rows.finished:
                portal.rows.wait()

    def close_all(self) -> None:
        for name in list(self.portals):
            self.drop_portal(name)

    def close_cursors(self) -> None:
        for name in [n for n, p in self.portals.items() if n]:
            self.drop_portal(name)
