"""What a server says of a prepared statement before it runs: parameters' types and columns, as PostgreSQL 15 says them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fleets.traps import TRAPS, TrapFleets
from tests.oracle.compare import UNSUPPORTED, kind_of
from tests.oracle.statements import HIDDEN, files, read, refused
from tests.oracle.wire import Described, Wire

PREPARED = TRAPS / "params.sql"


@pytest.fixture(scope="module")
def server(fleets: TrapFleets) -> Iterator[Wire]:
    wire = Wire(fleets.union)
    yield wire
    wire.close()


@pytest.mark.parametrize("path", [PREPARED, *files()], ids=lambda path: path.stem)
def test_described_as_postgresql_does(server: Wire, gateways: Callable[[str], Wire], path: Path) -> None:
    gateway = gateways("sites")
    wrong = []
    for statement in read(path):
        if HIDDEN.search(statement.text):
            continue
        theirs, ours = server.describe(statement.text), gateway.describe(statement.text)
        if _comparable(theirs) == _comparable(ours) and statement.text not in refused():
            continue
        # A constant part's error may come as early as here.
        early = (ours.sqlstate or "").startswith("22") and server.run(statement.text).sqlstate == ours.sqlstate
        unsupported = ours.sqlstate == UNSUPPORTED and statement.text in refused()
        if not (early or unsupported):
            wrong.append(f"{statement.place}: {statement.text}\n  expected {theirs}\n  got      {ours}")
    assert not wrong, "\n".join(wrong)


def _comparable(said: Described) -> Described:
    """Without the message, and with the row types of tables as one kind: no two servers number them alike."""
    columns = tuple((name, kind_of(oid), typmod) for name, oid, typmod in said.columns)
    return replace(said, columns=columns, message="")
