"""What engines over files say of files that they cannot open, and where DuckDB puts what does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.nodes import files
from fedgate.nodes.duckhost import DuckHost
from fedgate.nodes.engines import engine
from tests.nodes.helpers import fragment, node

ENGINES = ("sqlite", "duckdb", "parquet")


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("url", ["s3://bucket/x", "gs://bucket/x", "https://example.org/x.parquet"])
def test_object_stores_are_not_supported_yet(kind: str, url: str) -> None:
    with pytest.raises(SqlError, match="object stores are not supported yet") as caught:
        engine(kind).connect(node(kind, url), timeout_s=1)
    assert (caught.value.sqlstate, caught.value.node) == ("0A000", "n")


@pytest.mark.parametrize("kind", ENGINES)
def test_a_missing_file_says_what_it_is_relative_to(kind: str, tmp_path: Path) -> None:
    for place, demo in ((tmp_path / "x", False), (tmp_path / "demo" / "data" / "x", True)):
        with pytest.raises(SqlError, match="does not exist") as caught:
            engine(kind).connect(node(kind, place), timeout_s=1)
        assert caught.value.hint is not None
        assert "relative to the document" in caught.value.hint
        assert ("fedgate demo" in caught.value.hint) is demo


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_files_that_cannot_be_read(kind: str, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"not a database at all" * 1000)
    for path, state in ((tmp_path / "none", "08001"), (garbage, "58030"), (tmp_path, "58030")):
        with pytest.raises(SqlError) as caught:
            engine(kind).connect(node(kind, path), timeout_s=1)
        assert (caught.value.sqlstate, caught.value.node) == (state, "n")


@pytest.fixture
def roots(tmp_path: Path) -> Iterator[Path]:
    """The only data root."""
    root = tmp_path / "data"
    root.mkdir()
    files.set_roots([root])
    yield root
    files.set_roots(None)


def test_a_file_that_was_found_before_is_looked_at_again(roots: Path) -> None:
    url = roots / "link"
    for name in ("a", "b", "../outside"):
        (roots / name).write_text(name)
    url.symlink_to("a")
    assert [files.find_file(node("sqlite", url))[0] for _ in range(2)] == [str(roots / "a")] * 2
    url.unlink()
    url.symlink_to("b")
    path, status = files.find_file(node("sqlite", url))
    assert (path, status.st_ino) == (str(roots / "b"), (roots / "b").stat().st_ino)
    url.unlink()
    url.symlink_to("../outside")
    with pytest.raises(SqlError, match="not below the data roots"):
        files.find_file(node("sqlite", url))
    url.unlink()
    with pytest.raises(SqlError, match="does not exist"):
        files.find_file(node("sqlite", url))
    url.mkdir()
    with pytest.raises(SqlError, match="is not a file"):
        files.find_file(node("sqlite", url))


def test_a_file_that_was_found_before_in_a_directory_that_has_another_name_now(roots: Path) -> None:
    (roots / "first").mkdir()
    (roots / "first" / "x").write_text("x")
    (roots / "current").symlink_to("first")
    there = node("sqlite", roots / "current" / "x")
    assert files.find_file(there)[0] == str(roots / "first" / "x")
    (roots / "first").rename(roots / "second")
    (roots / "current").unlink()
    (roots / "current").symlink_to("second")
    assert files.find_file(there)[0] == str(roots / "second" / "x")


def test_a_file_that_was_found_before_other_roots_were_set(roots: Path) -> None:
    (roots / "x").write_text("x")
    files.find_file(node("sqlite", roots / "x"))
    files.set_roots([roots / "elsewhere"])
    with pytest.raises(SqlError, match="not below the data roots"):
        files.find_file(node("sqlite", roots / "x"))


@pytest.mark.parametrize("kind", ENGINES)
def test_a_cancel_after_the_end_does_nothing(kind: str, tmp_path: Path) -> None:
    """The cursor of a session that has ended may be another session's by then."""
    place = tmp_path / "x"
    if kind == "parquet":
        place.mkdir()
    elif kind == "duckdb":
        duckdb.connect(str(place)).close()
    else:
        place.touch()
    where = node(kind, place)
    first = engine(kind).connect(where, timeout_s=1)
    first.close()
    second = engine(kind).connect(where, timeout_s=1)
    try:
        rows = second.run(fragment("SELECT 1 AS c1 UNION ALL SELECT 2", ("c1", pa.int32())))
        first.cancel()
        assert sum(batch.num_rows for batch in rows) == 2
    finally:
        second.close()


def test_duckdb_spills_only_where_it_is_told(tmp_path: Path) -> None:
    host = DuckHost()

    def directory() -> object:
        row = host.cursor("n").connection.execute("SELECT current_setting('temp_directory')").fetchone()
        assert row is not None
        return row[0]

    try:
        assert directory() == ""
        host.spill_to(tmp_path / "it's")
        assert directory() == str(tmp_path / "it's")
    finally:
        host.close()
