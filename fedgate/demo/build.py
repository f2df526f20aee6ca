"""Builds the demo fleet: documents from `catalog/demo`, and below `data/` SQLite, DuckDB and Parquet files."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from fedgate.demo.progress import Progress, bar
from fedgate.demo.source import extract
from fedgate.errors import SqlError

_INTEGERS = ("dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay", "flight", "air_time", "distance")
_SMALL = ("year", "month", "day", "hour", "minute")
_WEATHER = ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib")
TYPES: dict[str, dict[str, str]] = {
    "flights": dict.fromkeys(_INTEGERS, "INTEGER") | dict.fromkeys(_SMALL, "SMALLINT") | {"time_hour": "TIMESTAMPTZ"},
    "weather": dict.fromkeys(_WEATHER, "DOUBLE")
    | dict.fromkeys(_SMALL[:4], "SMALLINT")
    | {"wind_dir": "INTEGER", "time_hour": "TIMESTAMPTZ"},
    "airlines": {},
    "airports": {"lat": "DOUBLE", "lon": "DOUBLE", "alt": "INTEGER", "tz": "SMALLINT"},
    "planes": {"year": "SMALLINT", "engines": "SMALLINT", "seats": "INTEGER", "speed": "INTEGER"},
}
SHARDED = ("flights", "weather")
_DONE = "fleet-is-complete"
_DECLARED = {"DOUBLE": "REAL", "INTEGER": "INTEGER", "SMALLINT": "INTEGER", "BIGINT": "INTEGER"}


def build(directory: Path, progress: Progress | None = None) -> Path:
    """Make the fleet in `directory` and give that directory: the catalog to serve. What is complete already is left alone.

    `progress` is a bar on stderr unless given.
    Raises SqlError 58030 when the data cannot be downloaded, 58P01 when the directory holds something else.
    """
    progress = progress or bar()
    if (directory / "data" / _DONE).exists():
        progress("the fleet is there already", 1.0)
        return directory
    if directory.exists() and any(path.name not in _documents_names() | {"data", ".fedgate"} for path in directory.iterdir()):
        raise SqlError("58P01", f"directory {directory} is not empty", hint="Name another directory: fedgate demo DIR")
    directory.mkdir(parents=True, exist_ok=True)
    # Below the target, so that the rename at the end stays on one file system; a dot keeps the catalog from reading it.
    with tempfile.TemporaryDirectory(prefix=".building-", dir=directory) as temporary:
        work = Path(temporary)
        _build_nodes(work, progress)
        progress("writing the catalog", 0.97)
        shutil.rmtree(directory / "data", ignore_errors=True)
        (work / "data").rename(directory / "data")
    for document in sorted(documents().glob("*.yaml")):
        shutil.copyfile(document, directory / document.name)
    (directory / "data" / _DONE).touch()
    progress("the fleet is ready", 1.0)
    return directory


def documents() -> Path:
    """The directory of the demo's catalog documents, in the wheel or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "_data" / "catalog" / "demo", package.parent / "catalog" / "demo"):
        if place.is_dir():
            return place
    raise SqlError("58P01", "the demo's catalog documents are missing from this installation")


def _documents_names() -> set[str]:
    return {path.name for path in documents().glob("*.yaml")}


def _build_nodes(work: Path, progress: Progress) -> None:
    progress("fetching the flights of 2013", 0.0)
    files = extract(work)
    data = work / "data"
    data.mkdir()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for step, (table, file) in enumerate(files.items()):
            progress("reading", 0.25 + 0.05 * step)
            _read(connection, table, file)
        progress("EWR: SQLite", 0.5)
        _sqlite(connection, data / "ewr.db", "EWR", lambda part: progress("EWR: SQLite", 0.5 + 0.25 * part))
        progress("JFK: DuckDB", 0.75)
        _duckdb(connection, data / "jfk.duckdb", "JFK")
        progress("LGA: Parquet", 0.85)
        _parquet(connection, data / "lga", "LGA")


def _read(connection: duckdb.DuckDBPyConnection, table: str, file: Path) -> None:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES[table].items())
    options = f", types = {{{types}}}" if types else ""
    connection.execute(
        f"CREATE TABLE {table} AS FROM read_csv('{_text(file)}', header = true, nullstr = 'NA', all_varchar = {not types}{options})"
    )


def _rows(table: str, airport: str) -> str:
    return f"FROM {table} WHERE origin = '{airport}'" if table in SHARDED else f"FROM {table}"


def _sqlite(connection: duckdb.DuckDBPyConnection, path: Path, airport: str, done: Callable[[float], None]) -> None:
    """Times as whole unix seconds, as a small logger keeps them; WAL, so that its writer never waits for a reader."""
    target = sqlite3.connect(path)
    counts = [connection.execute(f"SELECT count(*) {_rows(table, airport)}").fetchall()[0][0] for table in TYPES]
    written = 0
    try:
        target.execute("PRAGMA journal_mode = WAL")
        for table in TYPES:
            columns = [(name, kind) for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
            local = [("time_s" if name == "time_hour" else name, kind) for name, kind in columns]
            declared = ", ".join(f"{name} {_DECLARED.get(kind, 'INTEGER' if name == 'time_s' else 'TEXT')}" for name, kind in local)
            picked = ", ".join("CAST(epoch(time_hour) AS BIGINT)" if name == "time_hour" else name for name, _ in columns)
            target.execute(f"CREATE TABLE {table} ({declared})")
            rows = connection.execute(f"SELECT {picked} {_rows(table, airport)}")
            insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"
            while chunk := rows.fetchmany(20_000):
                target.executemany(insert, chunk)
                written += len(chunk)
                done(written / sum(counts))
        target.execute("CREATE INDEX flights_time ON flights (time_s)")
        target.commit()
    finally:
        target.close()


def _duckdb(connection: duckdb.DuckDBPyConnection, path: Path, airport: str) -> None:
    connection.execute(f"ATTACH '{_text(path)}' AS target")
    for table in TYPES:
        connection.execute(f"CREATE TABLE target.{table} AS {_rows(table, airport)}")
    connection.execute("DETACH target")


def _parquet(connection: duckdb.DuckDBPyConnection, directory: Path, airport: str) -> None:
    """Flights in a file a month, so that a range of time touches few of them."""
    for table in TYPES:
        (directory / table).mkdir(parents=True)
        months = range(1, 13) if table == "flights" else (0,)
        for month in months:
            only = f" AND month = {month}" if month else ""
            file = _text(directory / table / (f"2013-{month:02}.parquet" if month else f"{table}.parquet"))
            connection.execute(f"COPY ({_rows(table, airport)}{only}) TO '{file}' (FORMAT parquet)")


def _text(path: Path) -> str:
    return str(path).replace("'", "''")
