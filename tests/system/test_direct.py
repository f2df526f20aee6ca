"""Direct answers beside those of the merge engine: the same rows, whichever way a catalog query goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fedgate.session import engine
from fedgate.system import SystemCatalog
from tests.system.gateway import Metadata
from tests.system.test_same_rows import CASES
from tests.system.twin import DOCUMENTS, Server, same

# What psql and JDBC ask goes without the merge engine, which is what makes it quick.
QUICK = [case for case in CASES if str(case.id).startswith(("psql-", "jdbc-"))]
SHAPES = (
    "SELECT relkind, count(*), min(relname), array_agg(relname ORDER BY relname DESC) FROM pg_class "
    "WHERE relnamespace = 2200 GROUP BY 1 HAVING count(*) > 1 ORDER BY 1",
    "SELECT DISTINCT ON (atttypid) atttypid, attname FROM pg_attribute WHERE attrelid = 'flights'::regclass ORDER BY 1, 2 DESC",
    "SELECT DISTINCT attnotnull FROM pg_attribute WHERE attrelid > 16384 ORDER BY 1 DESC LIMIT 1 OFFSET 1",
    "SELECT c.relname, i.indkey FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
    "WHERE c.relnamespace = 2200 AND c.relkind = 'r' ORDER BY 1",
    "SELECT c.relname FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid WHERE i.indrelid IS NULL AND c.relkind = 'r' "
    "AND c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg%') ORDER BY 1",
    "SELECT c.relname FROM pg_index i RIGHT JOIN pg_class c ON c.oid = i.indrelid AND c.relnatts > 4 "
    "WHERE c.relnamespace = 2200 ORDER BY 1",
    "SELECT a.attname, t.typname FROM pg_class c JOIN (pg_attribute a LEFT JOIN pg_type t ON t.oid = a.atttypid AND t.typlen = -1) "
    "ON a.attrelid = c.oid WHERE c.relname = 'flights' AND a.attnum > 0 ORDER BY a.attnum",
    "WITH RECURSIVE r(oid, depth) AS (SELECT 1016::oid, 0 UNION SELECT t.typelem, depth + 1 FROM pg_type t JOIN r ON t.oid = r.oid "
    "WHERE t.typelem <> 0) SELECT r.depth, t.typname FROM r JOIN pg_type t ON t.oid = r.oid ORDER BY 1",
    "SELECT relname FROM pg_class WHERE relname = ANY ('{flights,daily,nope}') EXCEPT SELECT 'daily' ORDER BY 1",
    "SELECT relkind = 'r', relname LIKE 'f%', relname ~ 's$', nullif(relname, 'daily'), greatest(relname, 'm') FROM pg_class "
    "WHERE relnamespace = 2200 ORDER BY relname",
    "SELECT x, n FROM pg_constraint, unnest(conkey) WITH ORDINALITY k(x, n) WHERE conname = 'readings_pkey' ORDER BY n DESC",
    "SELECT string_agg(DISTINCT typcategory::text, ',' ORDER BY typcategory::text) FROM pg_type WHERE oid < 100",
    "SELECT row_number() OVER (PARTITION BY attnotnull ORDER BY attname DESC), attname FROM pg_attribute "
    "WHERE attrelid = 'readings'::regclass AND attnum > 0 ORDER BY 2",
    "SELECT relname, (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0), "
    "EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid), ARRAY(SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid "
    "AND attnotnull AND attnum > 0 ORDER BY 1) FROM pg_class c WHERE relnamespace = 2200 ORDER BY 1",
)


@pytest.fixture(scope="module")
def merged() -> Iterator[Server]:
    """The same catalog, always by the merge engine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(engine, "reads_catalogs", lambda bound: False)
    found = Metadata(DOCUMENTS, "fedgate")
    patch.undo()

    def ask(statement: str) -> object:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(engine, "reads_catalogs", lambda bound: False)
            return found.ask(statement)

    yield Server(ask)  # type: ignore[arg-type]
    found.close()


@pytest.mark.parametrize("statement", SHAPES)
def test_shapes_of_queries(statement: str, mine: Server, theirs: Server, merged: Server) -> None:
    answer = mine(statement)
    same(answer, theirs(statement), statement)
    same(merged(statement), answer, statement)


@pytest.mark.nightly
@pytest.mark.parametrize("statement", CASES)
def test_both_ways_give_the_same(statement: str, mine: Server, merged: Server) -> None:
    same(mine(statement), merged(statement), statement)


@pytest.mark.parametrize("statement", QUICK)
def test_clients_questions_are_answered_directly(statement: str, mine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def answered(*args: object) -> object:
        given.append(answer(*args))  # type: ignore[arg-type]
        return given[-1]

    answer = SystemCatalog.answer
    monkeypatch.setattr(SystemCatalog, "answer", answered)
    mine(statement)
    assert len(given) == 1
    assert given[0] is not None
