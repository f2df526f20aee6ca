"""Keys as parameters: NULLs go, few are themselves, of many the least and the greatest are known, NaN above all numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest

from fedgate.errors import SqlError
from fedgate.executor.api import KeysSent
from fedgate.executor.preludes import parameters
from fedgate.planner import make_plan
from fedgate.planner.plan import Keys, Prelude, PreludeKind
from fedgate.sql.bind import bind
from fedgate.sql.parse import parse
from fedgate.types import SqlType
from fedgate.types.values import Value
from tests.planner.golden import CONTEXT, world

MAX = 4


def prelude(kind: PreludeKind, statement: str) -> Prelude:
    (raw,) = parse(statement)
    snapshot = world()
    return Prelude("k0", kind, make_plan(bind(raw, snapshot, CONTEXT), snapshot), SqlType(1022), keys=Keys("readings", 1, MAX))


def asked(*batches: Sequence[float | None]) -> tuple[Mapping[str, Value], list[KeysSent]]:
    sent: list[KeysSent] = []
    rows = [pa.record_batch({"c1": pa.array(batch, pa.float64())}) for batch in batches]
    return parameters(prelude("keys", "select temp from readings"), rows, sent), sent


def test_few_keys_are_sent_themselves_without_null() -> None:
    values, sent = asked([1.5, None], [], [-0.0, math.inf])
    assert values == {"k0": (1.5, -0.0, math.inf)}
    assert sent == [KeysSent("k0", "list", 3)]


def test_no_keys_are_an_empty_list() -> None:
    assert asked([None])[0] == asked()[0] == {"k0": ()}


def test_of_too_many_keys_the_bounds_are_kept() -> None:
    values, sent = asked([3.0, 9.0], [None], [7.0, 2.0, 8.0], [5.0, 11.0])
    assert values == {"k0": None, "k0_low": 2.0, "k0_high": 11.0}
    assert sent == [KeysSent("k0", "range", 7, 2.0, 11.0)]


@pytest.mark.parametrize("batches", [([math.nan, 3.0], [7.0, 2.0, 8.0]), ([3.0, 7.0], [2.0, 8.0, math.nan])])
def test_nan_is_above_all_numbers(batches: Sequence[Sequence[float]]) -> None:
    values, _ = asked(*batches)
    assert values["k0_low"] == 2.0
    assert isinstance(values["k0_high"], float)
    assert math.isnan(values["k0_high"])


def test_bounds_of_nodes_are_taken_as_they_are() -> None:
    sent: list[KeysSent] = []
    rows = [pa.record_batch({"c1": pa.array([], pa.int32()), "c2": pa.array([], pa.int32())})]
    rows.append(pa.record_batch({"c1": pa.array([None], pa.int32()), "c2": pa.array([None], pa.int32())}))
    found = parameters(prelude("range", "select min(device), max(device) from readings"), rows, sent)
    assert found == {"k0_low": None, "k0_high": None}
    assert sent == [KeysSent("k0", "range", None)]


def test_a_scalar_has_one_row() -> None:
    rows = [pa.record_batch({"c1": pa.array([1.0, 2.0])})]
    with pytest.raises(SqlError) as caught:
        parameters(prelude("scalar", "select temp from readings"), rows, [])
    assert caught.value.sqlstate == "21000"
