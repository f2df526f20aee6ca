"""What programs read of an error beside its message: the table, the column and the constraint that it is about."""

from __future__ import annotations

import psycopg
import pytest

MADE = ("set default_transaction_read_only = off", "create temp table keyed (a integer primary key, b text not null)",
        "insert into keyed values (1, 'x')")  # fmt: skip
FAILING = {
    "23505": "insert into keyed values (1, 'y')",
    "23502": "insert into keyed (a) values (2)",
    "22P02": "insert into keyed values ('x', 'y')",
}


def test_errors_name_what_they_are_about(both: tuple[psycopg.Connection, psycopg.Connection]) -> None:
    for connection in both:
        for text in MADE:
            connection.execute(text.encode())
    for sqlstate, text in FAILING.items():
        told = []
        for connection in both:
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(text.encode())
            diag = caught.value.diag
            assert (diag.sqlstate, bool(diag.schema_name)) == (sqlstate, sqlstate != "22P02")
            told.append((diag.table_name, diag.column_name, diag.constraint_name))
        assert told[0] == told[1], text
