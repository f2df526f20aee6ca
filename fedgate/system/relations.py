"""What the binder sees: a snapshot's relations with the system's before them, as PostgreSQL's search path puts pg_catalog first."""

from __future__ import annotations

from fedgate.catalog.snapshot import Snapshot
from fedgate.schema import Table, View
from fedgate.system.tables import SCHEMAS, tables
from fedgate.wording import nearest


class SystemRelations:
    """`schema.Relations` over a snapshot and the system relations."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def find(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> Table | View | None:
        """As `schema.Relations` says; pg_catalog is searched first unless the search path names it."""
        for candidate in (schema,) if schema is not None else effective_path(search_path):
            if candidate in SCHEMAS:
                found: Table | View | None = tables().get((candidate, name))
            else:
                found = self.snapshot.find(candidate, name, search_path)
            if found is not None:
                return found
        return None

    def suggest(self, schema: str | None, name: str, search_path: tuple[str, ...]) -> str | None:
        """The nearest name; the system's own only when a system schema is meant or nothing else is near."""
        if schema in SCHEMAS:
            near = nearest(name, (n for s, n in tables() if s == schema))
            return f"{schema}.{near}" if near else None
        found = self.snapshot.suggest(schema, name, search_path)
        if found is None and schema is None:
            if ("fedgate", name) in tables():
                return f"fedgate.{name}"
            if name.startswith("pg_"):
                return nearest(name, (n for s, n in tables() if s == "pg_catalog"))
        return found

    def schema_exists(self, schema: str) -> bool:
        return schema in SCHEMAS or self.snapshot.schema_exists(schema)


def effective_path(search_path: tuple[str, ...]) -> tuple[str, ...]:
    """The search path with pg_catalog in front where it is implicit."""
    return search_path if "pg_catalog" in search_path else ("pg_catalog", *search_path)
