"""The figures of docs/limits.md are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fedgate import config, limits

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
MIB, GIB = limits.MIB, limits.GIB

FIGURES = [
    ("A statement's text", f"{limits.STATEMENT_BYTES_MAX // 1_000_000} MB"),
    ("Nesting of a statement", f"{limits.STATEMENT_DEPTH_MAX:,} levels"),
    ("A message from a client", f"{limits.MESSAGE_BYTES_MAX // MIB} MiB"),
    ("Parameters of a statement", f"{limits.PARAMETERS_MAX:,}"),
    ("Columns of a result", f"{limits.COLUMNS_MAX:,}"),
    ("A name", f"{limits.IDENTIFIER_BYTES_MAX} bytes"),
    ("Temporary tables of a session", f"{limits.TEMP_TABLES_MAX:,}"),
    ("Columns of a temporary table", f"{limits.TABLE_COLUMNS_MAX:,}"),
    (
        "Rows of a session's temporary tables",
        f"{limits.TEMP_BYTES_MAX // GIB} GiB ({limits.TEMP_TOTAL_BYTES_MAX // GIB} GiB for all sessions), of which "
        f"{limits.TEMP_MEMORY_BYTES_MAX // MIB} MiB in memory ({limits.TEMP_MEMORY_TOTAL_BYTES_MAX // MIB} MiB for all)",
    ),
    (
        "Sessions",
        f"{limits.CONNECTIONS_MAX} (`max_connections`), the last {limits.RESERVED_CONNECTIONS} for admins "
        "(`superuser_reserved_connections`)",
    ),
    ("Connections that have not logged in", f"{limits.HALF_OPEN_MAX:,}, beside the sessions"),
    ("Time to log in", f"{limits.STARTUP_S:.0f} s (`authentication_timeout`)"),
    (
        "Wrong cancel keys from an address",
        f"{limits.CANCEL_WRONG_BURST}, then {limits.CANCEL_WRONG_PER_S:.0f} a second; "
        f"the others wait for {limits.CANCEL_WAIT_S_MAX:.0f} s at most",
    ),
    ("Running statements after SIGTERM", f"{limits.SHUTDOWN_S:.0f} s (`shutdown_timeout`), and {limits.END_S_MAX:.0f} s to tell"),
    (
        "A message before the log-in",
        f"{limits.LOGIN_MESSAGE_BYTES_MAX // limits.KIB} KiB; {limits.SASL_MESSAGE_BYTES_MAX // limits.KIB} KiB of SCRAM",
    ),
    (
        "Failed log-ins of a role from an address",
        f"{limits.FAILED_LOGINS_FREE}, then each waits: {limits.FAILED_LOGIN_PAUSE_S} s, {limits.FAILED_LOGIN_PAUSE_S * 2} s, … "
        f"{limits.FAILED_LOGIN_PAUSE_S_MAX:.0f} s",
    ),
    (
        "Prepared statements, portals, savepoints of a session",
        f"{limits.PREPARED_STATEMENTS_MAX:,}, {limits.PORTALS_MAX:,}, {limits.SAVEPOINTS_MAX:,}",
    ),
    (
        "Rows kept for one open cursor",
        f"{limits.CURSOR_MEMORY_BYTES_MAX // MIB} MiB in memory ({limits.CURSORS_MEMORY_BYTES_MAX // MIB} MiB for all cursors), "
        f"{limits.SPOOL_DISK_BYTES_MAX // GIB} GiB on disk",
    ),
    (
        "A path of SQL/JSON",
        f"{limits.JSONPATH_CHARS_MAX:,} characters, {limits.JSONPATH_STEPS_MAX:,} steps in a row, "
        f"{limits.JSONPATH_DEPTH_MAX} levels of nesting, numbers of {limits.JSONPATH_DIGITS_MAX:,} digits in all",
    ),
    (
        "What one evaluation of a path looks at, and gives",
        f"{limits.JSONPATH_VISITS_MAX:,} values, {limits.JSONPATH_RESULT_CHARS_MAX // MIB} MiB of text",
    ),
    ("Node sessions open at once", f"{limits.SESSIONS_MAX} for the gateway, {limits.SESSIONS_PER_NODE_MAX} for one node"),
    (
        "Rows of a statement that wait at the gateway",
        f"{limits.STATEMENT_MEMORY_BYTES_MAX // MIB} MiB in memory, {limits.SPOOL_DISK_BYTES_MAX // GIB} GiB on disk "
        f"({limits.SPOOL_DISK_TOTAL_BYTES_MAX // GIB} GiB for all statements)",
    ),
    (
        "Rows of a plain result that wait for the client",
        f"{limits.STREAM_MEMORY_BYTES_MAX // MIB} MiB in memory, the rest as above",
    ),
    ("A node's transaction that waits for the client", f"{limits.WRITER_HOLD_S_MAX:.1f} s for DuckDB and rollback-journal SQLite"),
    ("Memory of the merge engine", f"2 GB; {limits.MERGE_TEMP_BYTES_MAX // GIB} GiB on disk"),
    (
        "Values of one `generate_series` in a select list, or of `timestamptz` by days or months in a zone with daylight saving",
        f"{limits.SERIES_VALUES_MAX:,}",
    ),
    ("One catalog file", f"{limits.CATALOG_FILE_BYTES_MAX // MIB} MiB"),
    ("Files of one Parquet node", f"{limits.PARQUET_FILES_MAX:,}"),
]


@pytest.mark.parametrize(("what", "figure"), FIGURES)
def test_a_figure_is_the_codes(what: str, figure: str) -> None:
    rows = re.findall(rf"^\| {re.escape(what)} \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 1
    assert figure in rows[0]


def test_the_default_configuration_is_the_one_described() -> None:
    default = config.load(None)
    assert (default.max_connections, default.superuser_reserved_connections) == (
        limits.CONNECTIONS_MAX,
        limits.RESERVED_CONNECTIONS,
    )
    assert (default.authentication_timeout_s, default.shutdown_timeout_s) == (limits.STARTUP_S, limits.SHUTDOWN_S)
