"""Names of reg* values as clients read and write them, beside PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.system import Shown
from fedgate.system.names import REGCLASS, REGNAMESPACE, REGPROC, REGROLE, REGTYPE, RegNames
from tests.system.gateway import Answer, Metadata


@pytest.mark.parametrize(
    ("type_oid", "name", "texts"),
    [
        (
            REGCLASS,
            "regclass",
            ["flights", "plant.Sensors", 'plant."Sensors"', "pg_class", "information_schema.tables", "nope", "-"],
        ),
        (REGTYPE, "regtype", ["int4", "numeric", "text[]", "bpchar", "nope"]),
        (REGNAMESPACE, "regnamespace", ["public", "pg_catalog", "nope"]),
    ],
)
def test_names_go_both_ways_as_in_postgresql(
    type_oid: int, name: str, texts: list[str], metadata: Metadata, postgres_says: Callable[[str], Answer]
) -> None:
    names = RegNames(Shown(metadata.snapshot), ("public",))
    for text in texts:
        theirs = postgres_says(f"SELECT to_{name}('{text}')").rows[0][0]
        if text == "-":  # the input function knows it, to_regclass does not
            theirs = "-"
        try:
            mine = names.texts(type_oid, pa.array([names.oid(type_oid, text)])).to_pylist()[0]
        except SqlError:
            mine = None
        assert mine == theirs, text


def test_what_has_no_name_is_its_number(metadata: Metadata) -> None:
    names = RegNames(Shown(metadata.snapshot), ("public",))
    assert names.texts(REGCLASS, pa.array([4_000_000_000, 0, None])).to_pylist() == ["4000000000", "-", None]
    assert names.texts(REGPROC, pa.array([870, 1299])).to_pylist() == ["pg_catalog.lower", "now"]
    assert names.texts(REGROLE, pa.array([10])).to_pylist() == ["fedgate"]
    assert names.oid(REGCLASS, "1259") == 1259


def test_the_search_path_decides_what_needs_its_schema(metadata: Metadata) -> None:
    names = RegNames(Shown(metadata.snapshot), ("plant",))
    oids = pa.array([metadata.snapshot.tables[key].oid for key in (("public", "flights"), ("plant", "Sensors"))])
    assert names.texts(REGCLASS, oids).to_pylist() == ["public.flights", '"Sensors"']


@pytest.mark.parametrize(
    ("type_oid", "text", "sqlstate"),
    [(REGCLASS, "nope", "42P01"), (REGTYPE, "nope", "42704"), (REGNAMESPACE, "nope", "3F000"), (REGCLASS, 'a"', "42602")],
)
def test_errors_are_postgresqls(type_oid: int, text: str, sqlstate: str, metadata: Metadata) -> None:
    with pytest.raises(SqlError) as caught:
        RegNames(Shown(metadata.snapshot), ("public",)).oid(type_oid, text)
    assert caught.value.sqlstate == sqlstate
