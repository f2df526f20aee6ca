"""Values beyond what carriers hold, and exact arithmetic on columns, against PostgreSQL 15."""

from __future__ import annotations

import pytest

from tests.sql.pair import Pair

_HUGE = "(values (interval '2000000 hours'), (interval '2000000 hours')) v(x)"
_MIXED = (
    "(values (interval '200 hours 3 mon'), ('20 hours 5 days'), (null), ('-1 mon 3 days 2 us'), ('1 year 3 mons -17 days')) v(x)"
)


@pytest.mark.parametrize(
    "statement",
    [
        f"select avg(x) from {_HUGE}",
        f"select avg(x), sum(x) from {_MIXED}",
        f"select avg(x) over (order by x), sum(x) over (order by x) from {_MIXED}",
        f"select x * 0.3, x / 7, x / 0.3, x * device, device * x from {_MIXED}, readings",
        f"select x * 'nan'::float8 from {_MIXED}",
        f"select x / device from {_MIXED}, (values (0)) d(device)",
        f"select x * 1e9 from {_MIXED}",
    ],
)
def test_intervals_are_summed_averaged_and_scaled_as_postgresql_does(pair: Pair, statement: str) -> None:
    assert pair.check(statement) is None


@pytest.mark.parametrize("expression", ["sum(x)", "max(x * 2)", "max(x + x)", "max(-x - x)"])
def test_an_interval_without_a_carrier_is_refused_and_never_wraps(pair: Pair, expression: str) -> None:
    assert pair.actual(f"select {expression} from {_HUGE}").error == "0A000"


@pytest.mark.parametrize(
    "statement",
    [
        "select note || array[site], array[site] || note, site || device, array[device] || device, device || array[device] from readings",
        "select '{a}' || array['b'], array['b'] || '{a}', array['b'] || null::text, array['a'] || 'b'::varchar",
        "with recursive t as (select site, array[site] a, 0 n from readings union all select site, a || site, n + 1 from t where n < 2)"
        " select * from t",
    ],
)
def test_text_beside_an_array_is_an_element(pair: Pair, statement: str) -> None:
    assert pair.check(statement) is None
