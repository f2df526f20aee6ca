"""Which temporary table a statement means, and whether it may be made or dropped now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fedgate.errors import SqlError
from fedgate.session.temp import TempTable
from fedgate.sql.parse import RawStatement
from fedgate.sql.refused import refused
from fedgate.sql.temp_statements import Named

if TYPE_CHECKING:
    from fedgate.session.session import Session


def require_writable(session: Session, tag: str) -> None:
    """Raises SqlError 25006 in a transaction that the client has made read only."""
    name = "transaction_read_only" if session.transaction.in_block else "default_transaction_read_only"
    if session.settings[name] == "on":
        raise SqlError("25006", f"cannot execute {tag} in a read-only transaction")


def target(session: Session, named: Named, raw: RawStatement, *, bound: bool = False) -> TempTable:
    """The temporary table that a statement means. Raises SqlError 42P01 for no relation, else 25006: others are not written.

    `bound`: the name is looked up as queries look up theirs, which know no missing schemas, but positions.
    """
    found = session.temp.named(named.schema, named.name)
    path = session.context().search_path
    if found is not None and (named.schema is not None or not any(map(session.temp.owns, path))):
        return found  # temporary tables come first, unless the path says otherwise
    if found is not None and session.relations().find(None, named.name, path) is found.table:
        return found
    relations = session.relations()
    if named.schema is not None and not bound and not relations.schema_exists(named.schema):
        raise SqlError("3F000", f'schema "{named.schema}" does not exist')
    if relations.find(named.schema, named.name, path) is None:
        near = relations.suggest(named.schema, named.name, path)
        hint = f'Perhaps you meant "{near}".' if near else None
        position = named.position if bound else None
        raise SqlError("42P01", f'relation "{named.shown}" does not exist', hint=hint, position=position)
    raise refused(raw)
