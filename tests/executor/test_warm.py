"""What the first statements need is there before them, and whole for each of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from fedgate import config, server
from tests.executor.helpers import TABLE, node, placement, sqlite_file
from tests.executor.test_gateway import write_catalog

_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from fedgate.sql.functions import table
barrier = Barrier(8)
def look(_):
    barrier.wait()
    return table.find("function", "pg_client_encoding", ())
with ThreadPoolExecutor(8) as threads:
    assert all(threads.map(look, range(8)))
"""


def test_first_statements_at_once_find_the_whole_function_table() -> None:
    """`pg_client_encoding` is of the last family that is loaded."""
    ran = subprocess.run([sys.executable, "-c", _AT_ONCE], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_warming_opens_the_engines(tmp_path: Path) -> None:
    place = write_catalog(tmp_path / "catalog", TABLE, node("a", "sqlite", "a.db"), placement("a"))
    sqlite_file(place / "a.db", 3)
    with server.engine(config.load(None, catalog=str(place))) as engine:
        merge = engine.executor.merge
        opened = [merge.is_open]
        with server.warmed(engine):
            pass
        opened.append(merge.is_open)
    assert opened == [False, True]
