"""What fedgate lacks is 0A000 in the words of who wrote the statement, with what to do instead."""

from __future__ import annotations

import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.bind.supported import check_supported
from fedgate.sql.functions.udf import UDFS, MarkedError
from fedgate.sql.parse import parse
from tests.sql.test_tree import Relations

REFUSED = (
    ("select to_tsvector('english', 'x') @@ to_tsquery('x')", "text search", "ILIKE"),
    ("select 'a b' @@ 'a'", "text search", "ILIKE"),
    ("select 'a'::tsvector", "text search", "ILIKE"),
    ("select point(1, 2) <-> point(3, 4)", "type point", "sqrt"),
    ("select '((1,1),(2,2))'::box", "type box", "sqrt"),
    ("select 5::money", "type money", "numeric"),
    ("select '{5}'::money[]", "type money[]", "numeric"),
    ("select int4range(1, 5) @> 3", "type int4range", "OVERLAPS"),
    ("select '1.2.3.4'::cidr", "type cidr", "text"),
    ("select b'101'", "type bit", "integers"),
    ("select xmlelement(name a)", "XML", "json"),
    ("select '<a/>'::xml", "XML", "json"),
    ("select current_time", "type time with time zone", "localtime"),
    ("select array[[1, 2], [3, 4]]", "more than one dimension", "jsonb"),
    ("select '{{1,2}}'::int[]", "several dimensions", "jsonb"),
    ("select * from t tablesample system (10)", "TABLESAMPLE", "random()"),
    ("select ctid from t", "ctid", "_node"),
    ("select lo_get(1)", "lo_get", "function table"),
)


@pytest.mark.parametrize(("text", "what", "instead"), REFUSED)
def test_what_is_missing_is_named_as_it_was_written(text: str, what: str, instead: str) -> None:
    with pytest.raises(SqlError) as caught:
        check_supported(bind(parse(text)[0], Relations(), BindContext()))
    error = caught.value
    assert error.sqlstate == "0A000"
    assert what in error.message
    assert instead in (error.hint or "")


@pytest.mark.parametrize("text", ["(01.02.2024)", "(01-02-2024)", "(02/01/2024)", '("Thu Feb 01 00:00:00 2024")'])
def test_rows_are_compared_by_dates_in_style_iso_alone(text: str) -> None:
    with pytest.raises(MarkedError, match="SQLSTATE:0A000"):
        UDFS["pg_row_key"].call(pa.array([text]), pa.array(["s"]))
