"""Which queries the merge engine may linger over when they are cancelled: those run in a thread that nobody waits for."""

from __future__ import annotations

import pytest

from fedgate.executor.fitting import Fitter
from fedgate.sql.bind import BindContext, bind
from fedgate.sql.parse import parse
from tests.sql.test_tree import Relations


@pytest.mark.parametrize(
    ("text", "lingers"),
    [
        ("select 1", False),
        ("select a from t where a > 5", False),
        ("select 1 from t, t as u", True),
        ("select repeat('x', 1000000000)", True),
        ("select a from t where length(rpad('x', a)) > 5", True),
        ("select generate_series(1, 10)", True),
    ],
)
def test_what_may_linger(text: str, lingers: bool) -> None:
    query = bind(parse(text)[0], Relations(), BindContext()).query
    assert Fitter().shape(query).lingers == lingers
